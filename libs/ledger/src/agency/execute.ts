import type { AgencyCommand } from './agency-commands.js';
import type { AgencyEvent } from './agency-events.js';
import { evolve, type AgencyHistory } from './agency-history.js';
import { consequence, supportedExpulsions } from './consequences.js';
import { decide } from './decide.js';
import type { Decision, DecisionContext } from './decision.js';

/**
 * Judges a command and gives everything that is to be appended in one step: the act, its adjustments, and what follows from them. The
 * history is given away: when the command is accepted it holds the new events; when it is refused it is as it was.
 */
export function execute(command: AgencyCommand, history: AgencyHistory, context: DecisionContext): Decision {
  const decision = decide(command, history, context);
  if (decision.rejected !== undefined) return decision;
  return { events: withConsequences(decision.events, history, context), findings: decision.findings };
}

/**
 * What follows by itself at `context.now`, when a scheduled deduction has just come to count. The history is given away, as in
 * {@link execute}.
 */
export function passClock(history: AgencyHistory, context: DecisionContext): readonly AgencyEvent[] {
  return withConsequences([], history, context);
}

function withConsequences(
  acts: readonly AgencyEvent[],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyEvent[] {
  const supportedBefore = supportedExpulsions(history);
  const recorded = { recordedAt: context.now, actor: context.actor };
  for (const act of acts) evolve(history, { ...act, ...recorded });
  const events = [...acts];
  for (let next = consequence(history, supportedBefore, context); next !== undefined;) {
    evolve(history, { ...next, ...recorded });
    events.push(next);
    next = consequence(history, supportedBefore, context);
  }
  return events;
}
