import type { Instant } from '../../instant.js';
import type { AgencyCommand, AgencyDecision } from '../commands.js';
import type { AgencyEvent } from '../events.js';
import { evolve, type AgencyHistory } from '../history.js';
import { consequence } from './consequences.js';
import { decide } from './decide.js';
import type { DecisionContext } from '../../decision.js';
import { supportedExpulsions } from '../answers/support.js';

/**
 * Judges a command and gives everything that is to be appended in one step: the act, its adjustments, and what follows from them. The
 * history is given away: when the command is accepted it holds the new events; when it is refused it is as it was.
 */
export function execute(
  command: AgencyCommand,
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  return complete(decide(command, history, context), history, context);
}

/**
 * A decision on an agency with everything that follows from it; for one that is made outside the agency, as an assessment is. The history is given
 * away, as in {@link execute}.
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
 * What follows by itself at `context.now`, when a scheduled deduction has just come to count. The history is given away, as in
 * {@link execute}.
 *
 * @param recordedAt when it is recorded: later than `context.now` in a ledger that was not running then
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
