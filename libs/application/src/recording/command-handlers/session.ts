import {
  agency,
  creator,
  session,
  agencyOfStream,
  endOfTime,
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
  const recorded: Session | undefined =
    stream === undefined
      ? undefined
      : sessionAt((await commandContext.current()).database)(sessionId, endOfTime);
  const creatorState =
    recorded === undefined ? undefined : await commandContext.creator(recorded.creatorId);
  const decision =
    command.command === 'VoidSession'
      ? session.voidSession(command.data, recorded)
      : session.correctSession(
          command.data,
          recorded,
          creatorState?.state,
          commandContext.overlapsOf,
          context,
        );
  const agencyId = stream === undefined ? undefined : agencyOfStream(stream);
  if (decision.rejected === undefined && stream !== undefined && agencyId !== undefined) {
    const id = agency.subjectOf(agencyId);
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
  const creatorState = await commandContext.creator(data.creatorId);
  const agencyId = creator.agencyOfCreatorAt(creatorState.state, data.startedAt, endOfTime);
  const agencyState = agencyId === undefined ? undefined : await commandContext.agency(agencyId);
  const decision = session.recordSession(
    data,
    creatorState.state,
    (_agencyId, at) =>
      agencyState === undefined
        ? 'not_admitted'
        : agency.standingAt(agencyState.state, at, endOfTime).standing,
    commandContext.overlapsOf,
    context,
  );
  if (decision.rejected === undefined) {
    for (const event of decision.events) {
      commandContext.append(
        [event],
        await commandContext.place(session.streamOfSession(event.data, context.zone)),
        line,
        context,
      );
    }
  }
  return outcomeOf(decision);
}
