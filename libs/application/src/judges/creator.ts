import {
  creatorSubject,
  decideCreator,
  everything,
  evolveCreator,
  standingAt,
  type CommandLine,
  type CreatorCommand,
  type DecisionContext,
} from '@penalty-ledger/ledger';
import { isSealable, type Desk } from '../desk.js';
import { erased, outcomeOf, type Outcome } from '../outcome.js';
import { unknownAgency } from './agency.js';

/** Judges a roster command on one creator. */
export async function judgeCreator(
  command: CreatorCommand,
  line: CommandLine,
  context: DecisionContext,
  desk: Desk,
): Promise<Outcome> {
  const agencyId = 'agencyId' in command.data ? command.data.agencyId : undefined;
  const unknown = unknownAgency(agencyId, desk);
  if (unknown !== undefined) return unknown;
  const creator = await desk.creator(command.data.creatorId);
  const agency = agencyId === undefined ? undefined : await desk.agency(agencyId);
  const decision = decideCreator(
    command,
    creator.state,
    (at) =>
      agency === undefined ? 'not_admitted' : standingAt(agency.state, at, everything).standing,
    context,
  );
  if (decision.rejected === undefined) {
    const id = creatorSubject(command.data.creatorId);
    const subject = desk.subject(id);
    if (!isSealable(decision.events, subject)) return erased(id);
    for (const event of decision.events)
      evolveCreator(creator.state, { ...event, recordedAt: context.now });
    desk.append(decision.events, creator, line, context, subject);
  }
  return outcomeOf(decision);
}
