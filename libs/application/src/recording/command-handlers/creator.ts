import {
  agency,
  creator,
  endOfTime,
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
  const creatorState = await commandContext.creator(command.data.creatorId);
  const agencyState = agencyId === undefined ? undefined : await commandContext.agency(agencyId);
  const decision = creator.decide(
    command,
    creatorState.state,
    (at) =>
      agencyState === undefined
        ? 'not_admitted'
        : agency.standingAt(agencyState.state, at, endOfTime).standing,
    context,
  );
  if (decision.rejected === undefined) {
    const id = creator.subjectOf(command.data.creatorId);
    const subject = commandContext.subject(id);
    if (!isSealable(decision.events, subject)) return erased(id);
    for (const event of decision.events)
      creator.evolve(creatorState.state, { ...event, recordedAt: context.now });
    commandContext.append(decision.events, creatorState, line, context, subject);
  }
  return outcomeOf(decision);
}
