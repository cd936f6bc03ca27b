import type { Instant } from '../../instant.js';
import type { AgencyCommand, AgencyDecision } from '../commands.js';
import type { AgencyEvent } from '../events.js';
import { evolve, type AgencyHistory } from '../history.js';
import { consequence } from './consequences.js';
import { decide } from './decide.js';
import type { DecisionContext } from '../../decision.js';
import { supportedExpulsions } from '../answers/support.js';

/**
 * Judges a command and returns all events to append in one step: the act, its adjustments and their
 * consequences. The caller must not use the passed history afterwards. It holds the new events if
 * the command is accepted, and is unchanged if it is refused.
 */
export function execute(
  command: AgencyCommand,
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  return complete(decide(command, history, context), history, context);
}

/**
 * Completes a decision that is made outside the agency, such as an assessment, with its
 * consequences. The passed history is changed in place, as in {@link execute}.
 */
export function complete(
  decision: AgencyDecision,
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  if (decision.rejected !== undefined) return decision;
  return {
    events: withConsequences(decision.events, history, context, context.now),
    findings: decision.findings,
  };
}

/**
 * Returns the events that follow at `context.now`, when a scheduled deduction begins to count. The
 * passed history is changed in place, as in {@link execute}.
 *
 * @param recordedAt the time of recording: later than `context.now` if the ledger was not running
 * then
 */
export function passClock(
  history: AgencyHistory,
  context: DecisionContext,
  recordedAt: Instant,
): readonly AgencyEvent[] {
  return withConsequences([], history, context, recordedAt);
}

function withConsequences(
  acts: readonly AgencyEvent[],
  history: AgencyHistory,
  context: DecisionContext,
  recordedAt: Instant,
): AgencyEvent[] {
  const supportedBefore = supportedExpulsions(history);
  const recorded = { recordedAt, actor: context.actor };
  for (const act of acts) evolve(history, { ...act, ...recorded });
  const events = [...acts];
  for (let next = consequence(history, supportedBefore, context); next !== undefined;) {
    evolve(history, { ...next, ...recorded });
    events.push(next);
    next = consequence(history, supportedBefore, context);
  }
  return events;
}
