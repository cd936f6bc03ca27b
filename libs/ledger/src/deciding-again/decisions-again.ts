import { complete, execute, passClock } from '../agency/decide/execute.js';
import type { AgencyEvent, AgencyEventData } from '../agency/events.js';
import { emptyHistory, evolve, type AgencyHistory } from '../agency/history.js';
import {
  assessedAgain,
  computeAssessment,
  isMonthOver,
  type AssessedCreator,
} from '../assessment/assessment.js';
import { byCodeUnit } from '../canonical-json.js';
import { clockCommand, passedIn } from '../clock-passed.js';
import { formProblem, problemOf } from '../command.js';
import type { DecisionContext, Mode } from '../decision.js';
import type { StreamEvent } from '../events.js';
import type { InBoth } from '../in-both.js';
import { epochMsOf, instantOf, type Instant } from '../instant.js';
import type { LegalPerson } from '../legal-person.js';
import type { Rulebooks } from '../rulebook.js';
import type { LedgerZone } from '../zone.js';
import { commandOf } from './command-of.js';
import { differenceOf, textOf } from './difference.js';

/** One command's events in an agency's stream, which were appended together. */
export interface RecordedDecision {
  readonly events: readonly [StreamEvent<'agency'>, ...StreamEvent<'agency'>[]];
  /** The rulebooks that were recorded before it. */
  readonly rulebooks: Rulebooks;
  /**
   * The creators and sessions that were recorded before an assessment, as `computeAssessment` takes
   * them. Without them its counts are taken as recorded.
   */
  readonly creators?: readonly AssessedCreator[];
}

/** The terms of a ledger that its decisions depend on. */
export interface DecisionTerms {
  readonly mode: Mode;
  readonly zone: LedgerZone;
  /** The rulebooks known at an instant: what fell due by the clock was judged by those. */
  readonly rulebooksAt: (knownAt: Instant) => Rulebooks;
}

/**
 * Decides again what was decided on one agency, from the events before and the rulebooks, and
 * compares: points, periods, accounts, windows, findings, and the balance that opened or lifted a
 * pending expulsion. A command must be well formed and valid at its instant too. A history is
 * folded once, so the work is that of deciding the first time.
 *
 * Not decided again, because the agency's events do not hold it: the counts of an assessment whose
 * creators and sessions are not given; whether a creator was bound to the agency; the sealed texts.
 * Of a finding, code and severity are compared: its words may be mended in a later version.
 */
export class DecisionsAgain {
  #history: AgencyHistory = emptyHistory();
  /** The history holds what was decided again, which is not what was recorded. */
  #isOther = false;
  readonly #recorded: StreamEvent<'agency'>[] = [];
  /** The deductions that take effect later than they were recorded, until the clock passes them. */
  readonly #scheduled = new Map<string, Instant>();
  readonly #agencyId: string;
  readonly #terms: DecisionTerms;

  constructor(agencyId: string, terms: DecisionTerms) {
    this.#agencyId = agencyId;
    this.#terms = terms;
  }

  /**
   * Takes the next decision of the agency's stream. Returns how it differs from what was recorded;
   * what comes after is judged on what was recorded.
   */
  next(recorded: RecordedDecision): InBoth | undefined {
    if (this.#isOther) this.#history = this.#recorded.reduce(evolve, emptyHistory());
    const problem = this.#compare(recorded);
    // Only the next decision needs a fold, and what was recorded now may have none.
    this.#isOther = problem !== undefined;
    for (const event of recorded.events) {
      this.#recorded.push(event);
      this.#note(event);
    }
    return problem;
  }

  #compare(recorded: RecordedDecision): InBoth | undefined {
    const { events } = recorded;
    const decided = this.#decide(recorded);
    if ('en' in decided) return decided;
    for (const [index, event] of events.entries()) {
      const again = decided[index];
      if (again === undefined)
        return {
          en: `${event.type} does not follow from the events before it`,
          zh: `${event.type} 无法由此前的事件得出`,
        };
      const difference = differenceOf(event, again);
      if (difference !== undefined) return difference;
    }
    const missing = decided[events.length];
    return missing === undefined
      ? undefined
      : {
          en: `${missing.type} follows from it and was not recorded`,
          zh: `由此应得出 ${missing.type}，却没有记录`,
        };
  }

  #decide({ events, rulebooks, creators }: RecordedDecision): readonly AgencyEvent[] | InBoth {
    const [first] = events;
    const stranger = this.#strangerOf(events);
    if (stranger !== undefined) return stranger;
    const { actor, causation, recordedAt } = first;
    const { mode, zone } = this.#terms;
    const context: DecisionContext = {
      now: recordedAt,
      actor,
      mode,
      zone,
      rulebooks,
      // The command has it from the event: its id is known to nobody here.
      legalPersonOf: (legalPerson) => legalPerson as LegalPerson,
    };
    if (causation.command === clockCommand) return this.#passClock(causation.commandId, context);
    const missed = this.#missedBefore(recordedAt, '', context);
    if (missed !== undefined) return missed;
    return causation.command === 'ComputeAssessment'
      ? this.#assess(first, creators, context)
      : this.#execute(events, context);
  }

  /** Finds what keeps events from being of this agency's stream at all. */
  #strangerOf(events: RecordedDecision['events']): InBoth | undefined {
    const [first] = events;
    if (this.#recorded.length === 0 && first.type !== 'AgencyAdmitted')
      return {
        en: `${first.type} was recorded before the agency was admitted`,
        zh: `${first.type} 记录于机构入驻之前`,
      };
    const other = events.find(({ data }) => data.agencyId !== this.#agencyId);
    return other === undefined
      ? undefined
      : {
          en: `${other.type}: it is of agency ${textOf(other.data.agencyId)}`,
          zh: `${other.type}：其所属机构为 ${textOf(other.data.agencyId)}`,
        };
  }

  #execute(
    events: RecordedDecision['events'],
    context: DecisionContext,
  ): readonly AgencyEvent[] | InBoth {
    const name = events[0].causation.command;
    const command = commandOf(name, events);
    if (command === undefined)
      return {
        en: `"${name}" is no command that is recorded on an agency`,
        zh: `"${name}" 不是记录在机构上的指令`,
      };
    if ('en' in command) return command;
    const invalid = problemOf(command, context) ?? formProblem(command.command, command.data);
    if (invalid !== undefined)
      return { en: `${name} is invalid: ${invalid.en}`, zh: `${name} 无效：${invalid.zh}` };
    const decision = execute(command, this.#history, context);
    return decision.rejected === undefined
      ? decision.events
      : {
          en:
            `${name} is refused with ${decision.rejected.code} ` +
            `after the events before it: ${decision.rejected.message.en}`,
          zh:
            `在此前的事件之后，${name} 被拒绝（${decision.rejected.code}）：` +
            decision.rejected.message.zh,
        };
  }

  #assess(
    first: StreamEvent<'agency'>,
    creators: readonly AssessedCreator[] | undefined,
    context: DecisionContext,
  ): readonly AgencyEvent[] | InBoth {
    if (first.type !== 'AssessmentComputed')
      return {
        en: `${first.type} was recorded, and ComputeAssessment records AssessmentComputed first`,
        zh: `记录的是 ${first.type}，而 ComputeAssessment 首先记录 AssessmentComputed`,
      };
    const { data } = first;
    const invalid =
      formProblem('ComputeAssessment', { month: data.month, agencyId: data.agencyId }) ??
      countProblem(data);
    if (invalid !== undefined)
      return {
        en: `ComputeAssessment is invalid: ${invalid.en}`,
        zh: `ComputeAssessment 无效：${invalid.zh}`,
      };
    if (!isMonthOver(data.month, context.now, context.zone))
      return { en: `${data.month} was not over`, zh: `${data.month} 尚未结束` };
    const event =
      creators === undefined
        ? assessedAgain(data, this.#history, context)
        : computeAssessment(data.month, this.#history, creators, context);
    const decision = complete({ events: [event], findings: [] }, this.#history, context);
    return decision.rejected === undefined ? decision.events : decision.rejected.message;
  }

  /** Decides what fell due again. */
  #passClock(commandId: string, context: DecisionContext): readonly AgencyEvent[] | InBoth {
    const { deductionId = '', effectiveAt: now } = passedIn(commandId) ?? {};
    if (now === undefined || now > context.now || this.#scheduled.get(deductionId) !== now)
      return {
        en: `its command id "${commandId}" names no deduction that had fallen due`,
        zh: `其指令编号 "${commandId}" 未指明已到生效时点的扣分`,
      };
    const missed = this.#missedBefore(now, deductionId, context);
    if (missed !== undefined) return missed;
    this.#scheduled.delete(deductionId);
    return passClock(this.#history, { ...context, now }, context.now);
  }

  /**
   * Finds what fell due and was not recorded: at an earlier instant, or at this one with a
   * deduction of a lesser id (rules §5, Opening).
   *
   * @param deductionId the deduction that is due itself; empty for all of the instant
   */
  #missedBefore(
    instant: Instant,
    deductionId: string,
    context: DecisionContext,
  ): InBoth | undefined {
    if (this.#scheduled.size === 0) return undefined;
    const due = [...this.#scheduled]
      .filter(
        ([id, at]) => at < instant || (at === instant && (deductionId === '' || id < deductionId)),
      )
      .sort(([a, at], [b, then]) => byCodeUnit(at, then) || byCodeUnit(a, b));
    for (const [id, at] of due) {
      this.#scheduled.delete(id);
      // Whatever was published later was published after the clock had passed it.
      const rulebooks = this.#terms.rulebooksAt(instantOf(epochMsOf(at) - 1));
      const [missed] = passClock(this.#history, { ...context, now: at, rulebooks }, context.now);
      if (missed !== undefined)
        return {
          en: `${missed.type} fell due at ${at} with deduction "${id}" and was not recorded`,
          zh: `随扣分 "${id}" 于 ${at} 生效，应得出 ${missed.type}，却没有记录`,
        };
    }
    return undefined;
  }

  #note(event: StreamEvent<'agency'>): void {
    if (event.type !== 'DeductionImposed' && event.type !== 'DeductionCorrected') return;
    const { recordedAt, effectiveAt = recordedAt } = event;
    const { deductionId } = event.data;
    if (effectiveAt > recordedAt) this.#scheduled.set(deductionId, effectiveAt);
    else this.#scheduled.delete(deductionId);
  }
}

/** Finds counts of an assessment that cannot be counts. */
function countProblem({
  active,
  anyTime,
  base,
}: AgencyEventData['AssessmentComputed']): InBoth | undefined {
  const isCount = (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= 0;
  return [active, base, anyTime.active, anyTime.base].every(isCount) && active <= base
    ? undefined
    : {
        en: `${String(active)} of ${String(base)} creators active is no count`,
        zh: `${String(base)} 位达人中 ${String(active)} 位活跃，不是有效的计数`,
      };
}
