import {
  agencyOfCreatorAt,
  agencyOfSessionsStream,
  agencySubject,
  correctSession,
  everything,
  recordSession,
  standingAt,
  streamOfSession,
  voidSession,
  type CommandLine,
  type DecisionContext,
  type Session,
  type SessionCommand,
} from '@penalty-ledger/ledger';
import { registrationKey, sessionAt } from '@penalty-ledger/projections';
import { isSealable, type Desk } from '../desk.js';
import { erased, outcomeOf, type Outcome } from '../outcome.js';

/** Judges a command on one session. */
export async function judgeSession(
  command: SessionCommand,
  line: CommandLine,
  context: DecisionContext,
  desk: Desk,
): Promise<Outcome> {
  if (command.command === 'RecordSession')
    return judgeNewSession(command.data, line, context, desk);
  const { sessionId } = command.data;
  const stream = desk.registered(registrationKey('session', sessionId))?.stream;
  const session: Session | undefined =
    stream === undefined
      ? undefined
      : sessionAt((await desk.current()).database)(sessionId, everything);
  const creator = session === undefined ? undefined : await desk.creator(session.creatorId);
  const decision =
    command.command === 'VoidSession'
      ? voidSession(command.data, session)
      : correctSession(command.data, session, creator?.state, context);
  if (decision.rejected === undefined && stream !== undefined) {
    const id = agencySubject(agencyOfSessionsStream(stream));
    const subject = desk.subject(id);
    if (!isSealable(decision.events, subject)) return erased(id);
    desk.append(decision.events, await desk.place(stream), line, context, subject);
  }
  return outcomeOf(decision);
}

async function judgeNewSession(
  data: Extract<SessionCommand, { command: 'RecordSession' }>['data'],
  line: CommandLine,
  context: DecisionContext,
  desk: Desk,
): Promise<Outcome> {
  const creator = await desk.creator(data.creatorId);
  const agencyId = agencyOfCreatorAt(creator.state, data.startedAt, everything);
  const agency = agencyId === undefined ? undefined : await desk.agency(agencyId);
  const decision = recordSession(
    data,
    creator.state,
    (_agencyId, at) =>
      agency === undefined ? 'not_admitted' : standingAt(agency.state, at, everything).standing,
    context,
  );
  if (decision.rejected === undefined) {
    for (const event of decision.events) {
      desk.append(
        [event],
        await desk.place(streamOfSession(event.data, context.zone)),
        line,
        context,
      );
    }
  }
  return outcomeOf(decision);
}
