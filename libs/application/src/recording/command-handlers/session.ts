import {
  agencyOfCreatorAt,
  agencyOfStream,
  agencySubject,
  correctSession,
  endOfTime,
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
import { isSealable, type CommandContext } from '../command-context.js';
import { erased, outcomeOf, type Outcome } from '../outcome.js';

/** Judges a command on one session. */
export async function handleSessionCommand(
  command: SessionCommand,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  if (command.command === 'RecordSession')
    return handleNewSession(command.data, line, context, commandContext);
  const { sessionId } = command.data;
  const stream = commandContext.registered(registrationKey('session', sessionId))?.stream;
  const session: Session | undefined =
    stream === undefined
      ? undefined
      : sessionAt((await commandContext.current()).database)(sessionId, endOfTime);
  const creator =
    session === undefined ? undefined : await commandContext.creator(session.creatorId);
  const decision =
    command.command === 'VoidSession'
      ? voidSession(command.data, session)
      : correctSession(command.data, session, creator?.state, context);
  const agencyId = stream === undefined ? undefined : agencyOfStream(stream);
  if (decision.rejected === undefined && stream !== undefined && agencyId !== undefined) {
    const id = agencySubject(agencyId);
    const subject = commandContext.subject(id);
    if (!isSealable(decision.events, subject)) return erased(id);
    commandContext.append(
      decision.events,
      await commandContext.place(stream),
      line,
      context,
      subject,
    );
  }
  return outcomeOf(decision);
}

async function handleNewSession(
  data: Extract<SessionCommand, { command: 'RecordSession' }>['data'],
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  const creator = await commandContext.creator(data.creatorId);
  const agencyId = agencyOfCreatorAt(creator.state, data.startedAt, endOfTime);
  const agency = agencyId === undefined ? undefined : await commandContext.agency(agencyId);
  const decision = recordSession(
    data,
    creator.state,
    (_agencyId, at) =>
      agency === undefined ? 'not_admitted' : standingAt(agency.state, at, endOfTime).standing,
    context,
  );
  if (decision.rejected === undefined) {
    for (const event of decision.events) {
      commandContext.append(
        [event],
        await commandContext.place(streamOfSession(event.data, context.zone)),
        line,
        context,
      );
    }
  }
  return outcomeOf(decision);
}
