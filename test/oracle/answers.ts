import { latestComputation } from './assessments.js';
import { endOfYear, formatInstant, parseInstant, startOfYear, yearOf } from './calendar.js';
import { knownAt, ofType, type Fact } from './facts.js';
import {
  admissions,
  appeal,
  appeals,
  appealState,
  asRecorded,
  deductions,
  deductionWindow,
  expulsionAt,
  isAdmittedOnce,
  isSupported,
  pendingAt,
  reentryFrom,
  standingAt,
  sumOf,
  whyNotCounted,
  type Appeal,
  type Attribution,
  type Change,
} from './questions.js';
import { rulebookAt, threshold } from './rules.js';
import { fits, isData, queries, type Data } from './shapes.js';
import { verticalOf } from './support.js';

/**
 * The answers of interchange §3, with only the fields that the oracle answers for. `assumptions`,
 * `findings` and the rulebook's hash are left out (R 28), so compare with "contains at least".
 */
export function answer(facts: readonly Fact[], now: number, query: unknown): unknown {
  if (
    !isData(query) ||
    typeof query['query'] !== 'string' ||
    !Object.hasOwn(queries, query['query'])
  )
    return { error: 'invalid' };
  const shape = queries[query['query']];
  if (shape === undefined || !fits(query, shape)) return { error: 'invalid' };

  const k = Math.min(parseInstant(query['knownAt']) ?? now, now);
  const e = parseInstant(query['effectiveAt']) ?? now;
  const known = knownAt(facts, k);
  if (query['query'] === 'appeal') return appealAnswer(known, String(query['appealId']), k);
  if (query['query'] === 'agencies') return agenciesAnswer(known, e, query['standing']);

  if (query['query'] === 'vertical')
    return verticalOf(known, now, String(query['month']), String(query['vertical']));

  const agencyId = String(query['agencyId']);
  if (!isAdmittedOnce(known, agencyId)) return { error: 'unknown_agency' };
  if (query['query'] === 'assessment') {
    return (
      latestComputation(known, agencyId, String(query['month'])) ?? { verdict: 'not_computed' }
    );
  }
  if (query['query'] === 'whatif') return whatifAnswer(known, agencyId, e, query);
  return balanceAnswer(
    known,
    agencyId,
    e,
    k,
    typeof query['period'] === 'string' ? query['period'] : yearOf(e),
  );
}

function balanceAnswer(
  known: readonly Fact[],
  agencyId: string,
  e: number,
  k: number,
  period: string,
): unknown {
  const ofAgency = deductions(known)
    .filter((one) => one.agencyId === agencyId)
    .toSorted((a, b) => a.effectiveAt - b.effectiveAt || byCodePoint(a.deductionId, b.deductionId));
  let running = 0;
  const lines = [];
  const notCounted = [];
  let contested = 0;
  let appealable = 0;
  for (const one of ofAgency) {
    const { deductionId, points, counts, effectiveAt } = one;
    const reason = whyNotCounted(known, one, e, period);
    if (reason !== null) {
      notCounted.push({ deductionId, reason });
      continue;
    }
    running += counts;
    const naming = appeals(known).filter((each) => each.deductionIds.includes(deductionId));
    const isOpen = (each: Appeal): boolean =>
      ['initiated', 'evidence_submitted'].includes(appealState(each, k));
    if (naming.some(isOpen)) contested += counts; // R 67
    if (naming.length === 0 && deductionWindow(one) > e) appealable += counts;
    lines.push({ deductionId, points, counts, effectiveAt: formatInstant(effectiveAt), running });
  }
  const pending = pendingAt(known, agencyId, e);
  const expulsion = expulsionAt(known, agencyId, e);
  const { id, rulebookVersion } = rulebookAt(e);
  return {
    agencyId,
    period,
    effectiveAt: formatInstant(e),
    knownAt: formatInstant(k),
    balance: running,
    threshold,
    standing: standingAt(known, agencyId, e),
    pending:
      pending === undefined
        ? null
        : {
            openedAt: formatInstant(pending.openedAt),
            period: pending.period,
            closesAt: formatInstant(pending.closesAt),
          },
    expulsion:
      expulsion === undefined
        ? null
        : {
            effectiveAt: formatInstant(expulsion.effectiveAt),
            supported: isSupported(known, agencyId, expulsion),
          },
    reentryFrom: expulsion === undefined ? null : formatInstant(reentryFrom(expulsion)),
    contested,
    appealable,
    ifUpheld: running - contested,
    lines,
    notCounted,
    rulebook: { id, rulebookVersion },
  };
}

function appealAnswer(known: readonly Fact[], appealId: string, k: number): unknown {
  const one = appeal(known, appealId);
  if (one === undefined) return { error: 'unknown_appeal' };
  return {
    state: appealState(one, k),
    initiateBy: formatInstant(one.initiateBy),
    evidenceBy: formatInstant(one.evidenceBy),
  };
}

function agenciesAnswer(known: readonly Fact[], e: number, standing: unknown): unknown {
  return ofType(known, 'AgencyAdmitted')
    .map(({ agencyId }) => agencyId)
    .toSorted(byCodePoint)
    .map((agencyId) => ({
      agencyId,
      balance: sumOf(known, agencyId, e, yearOf(e)),
      standing: standingAt(known, agencyId, e),
    }))
    .filter((entry) => standing === undefined || entry.standing === standing);
}

/** Two folds compared instant by instant within the period of E, the whole of it (R 26). */
function whatifAnswer(known: readonly Fact[], agencyId: string, e: number, query: Data): unknown {
  const change: Change = {
    without: (query['without'] ?? []) as string[],
    points: (query['points'] ?? {}) as Record<string, number>,
    attribution: (query['attribution'] ?? 'effectiveAt') as Attribution,
  };
  const period = yearOf(e);
  const begin = startOfYear(period);
  const steps = [
    begin,
    ...deductions(known).map((one) => one.effectiveAt),
    ...admissions(known, agencyId).map((one) => one.effectiveAt),
  ]
    .filter((instant) => begin <= instant && instant < endOfYear(period))
    .toSorted((a, b) => a - b);
  const at = (instant: number, as: Change): number => sumOf(known, agencyId, instant, period, as);
  const side = (as: Change): unknown => ({
    balance: at(e, as),
    thresholdReachedAt: formatted(steps.find((instant) => at(instant, as) >= threshold)),
  });
  return {
    recorded: side(asRecorded),
    whatif: side(change),
    partsAt: formatted(steps.find((instant) => at(instant, asRecorded) !== at(instant, change))),
  };
}

function formatted(instant: number | undefined): string | null {
  return instant === undefined ? null : formatInstant(instant);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
