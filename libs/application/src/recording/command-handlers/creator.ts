import {
  creatorSubject,
  decideCreator,
  endOfTime,
  evolveCreator,
  standingAt,
  type CommandLine,
  type CreatorCommand,
  type DecisionContext,
} from '@penalty-ledger/ledger';
import { isSealable, type CommandContext } from '../command-context.js';
import { erased, outcomeOf, type Outcome } from '../outcome.js';
import { unknownAgency } from './agency.js';

/** Judges a roster command on one creator. */
export async function handleCreatorCommand(
  command: CreatorCommand,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  const agencyId = 'agencyId' in command.data ? command.data.agencyId : undefined;
  const unknown = unknownAgency(agencyId, commandContext);
  if (unknown !== undefined) return unknown;
  const creator = await commandContext.creator(command.data.creatorId);
  const agency = agencyId === undefined ? undefined : await commandContext.agency(agencyId);
  const decision = decideCreator(
    command,
    creator.state,
    (at) =>
      agency === undefined ? 'not_admitted' : standingAt(agency.state, at, endOfTime).standing,
    context,
  );
  if (decision.rejected === undefined) {
    const id = creatorSubject(command.data.creatorId);
    const subject = commandContext.subject(id);
    if (!isSealable(decision.events, subject)) return erased(id);
    for (const event of decision.events)
      evolveCreator(creator.state, { ...event, recordedAt: context.now });
    commandContext.append(decision.events, creator, line, context, subject);
  }
  return outcomeOf(decision);
}
