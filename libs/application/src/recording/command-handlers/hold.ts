import {
  erasure,
  type CommandLine,
  type DecisionContext,
  type HoldCommand,
} from '@penalty-ledger/ledger';
import { isSealable, type CommandContext } from '../command-context.js';
import { erased, outcomeOf, type Outcome } from '../outcome.js';

/** Judges a command on a legal hold. Its reason is sealed for the subject whose key it holds. */
export async function handleHoldCommand(
  command: HoldCommand,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  const erasures = await commandContext.erasures();
  const decision =
    command.command === 'PlaceLegalHold'
      ? erasure.placeLegalHold(command.data, commandContext.keyState(command.data.subject))
      : erasure.liftLegalHold(command.data, erasures.state, context);
  if (decision.rejected !== undefined) return outcomeOf(decision);
  for (const event of decision.events) {
    const { subject: id } = event.data;
    const subject = commandContext.subject(id);
    if (!isSealable([event], subject)) return erased(id);
    erasure.evolve(erasures.state, { ...event, recordedAt: context.now, actor: context.actor });
    commandContext.append([event], erasures, line, context, subject);
  }
  return outcomeOf(decision);
}
