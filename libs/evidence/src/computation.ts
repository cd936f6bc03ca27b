import {
  accountOf,
  agency,
  rulebooks,
  agencyStream,
  ledgerStream,
  LedgerZone,
  parseInstant,
  readEvent,
  canonicalJson,
  errorInBoth,
  eventIn,
  unknownAccountText,
  type Account,
  type AgencyHistory,
  type AppealState,
  type BalanceAnswer,
  type Instant,
  type Rulebook,
  type RulebookReference,
  type RulebookRegister,
  type StreamEvent,
  type UncheckedEvent,
  type InBoth,
} from '@penalty-ledger/ledger';
import { assessedMonthsOf, type AssessedMonth } from './assessed-months.js';
import { clausesOf, type ClauseText } from './clauses.js';
import { checkFoldable } from './event-forms.js';
import { deductionsOf, type DeductionDetail } from './deduction-details.js';
import type { PackSubject } from './manifest.js';
import { PackError } from './pack-error.js';
import type { PackStreams } from './pack-events.js';
import { rulebooksOf, type PackRulebook } from './rulebooks-in-time.js';
import { timelineOf, type TimelineEntry } from './timeline.js';

/** The question a pack answers: E, K of the answer "as known then", and the sum. */
export interface PackQuestion {
  readonly subject: PackSubject;
  readonly effectiveAt: Instant;
  readonly knownAt: Instant;
  readonly period: string;
  /** The account of the rulebook; its name is checked. */
  readonly account: string;
  /** The months whose assessments are counted again. */
  readonly assessments?: readonly string[];
}

/**
 * A balance with its instants in UTC, so that it depends on no time-zone data. `appealable` would:
 * it rests on the days of the ledger's zone.
 */
export type PackBalance = Omit<
  BalanceAnswer,
  'agencyId' | 'appealable' | 'period' | 'accounts' | 'timeZone' | 'reentryFrom' | 'expulsion'
> & {
  readonly expulsion: {
    readonly effectiveAt: string;
    readonly reentryFrom: string;
    readonly supported: boolean;
  } | null;
};

/** The appeal a pack is for. */
export interface PackAppeal {
  readonly appealId: string;
  readonly decidedAt?: Instant;
  readonly deductionIds: readonly string[];
  readonly evidenceBy: Instant;
  readonly evidenceSubmittedAt?: Instant;
  readonly expulsion?: number;
  readonly initiateBy: Instant;
  readonly initiatedAt: Instant;
  readonly kind: string;
  readonly now: AppealState | null;
  readonly recordedAt: Instant;
  readonly then: AppealState | null;
}

/**
 * `computation.json` (`docs/spec/evidence-pack.md`): the result computed from the events of a pack.
 */
export interface Computation {
  readonly account: string;
  readonly agencyId: string;
  readonly appeal?: PackAppeal;
  /** By month, the creators and sessions that an assessment was counted from. */
  readonly assessments?: readonly AssessedMonth[];
  readonly clauses: readonly ClauseText[];
  readonly deductions: readonly DeductionDetail[];
  readonly effectiveAt: Instant;
  /** As known when the checkpoint was signed. */
  readonly now: PackBalance;
  readonly period: string;
  readonly rulebooks: readonly PackRulebook[];
  /** As known at the question's K; null when nothing of the agency was recorded by then. */
  readonly then: PackBalance | null;
  readonly timeline: readonly TimelineEntry[];
  /** Present when the ledger's first event says that it is a simulation (rules §12). */
  readonly simulation?: true;
  /** The ledger's time zone, an IANA id: in it people read the instants. */
  readonly zone: string;
}

/**
 * All answers are in UTC and name their period, so day boundaries of other zones are never needed.
 */
const utc = new LedgerZone('UTC', '');

/**
 * Folds the agency's stream and answers the question, as known then and as known when the
 * checkpoint was signed.
 *
 * @throws PackError `computation_events` when the events do not answer it
 */
export function compute(
  streams: PackStreams,
  register: RulebookRegister,
  question: PackQuestion,
  signedAt: Instant,
): Computation {
  return folded(() => computed(streams, register, question, signedAt));
}

/**
 * Returns the text of `computation.json`.
 *
 * @throws PackError `computation_events` for answers that canonical JSON cannot write, such as a
 * sum of values that are not all numbers
 */
export function computationText(computation: Computation): string {
  return folded(() => canonicalJson(computation));
}

/** The text for events of another form than ours; the error itself is a programmer's. */
export function notFolded(error: unknown): InBoth {
  const { en, zh } = errorInBoth(error);
  return { en: `the events cannot be folded: ${en}`, zh: `无法按事件计算：${zh}` };
}

/** Runs a function of events; data of another form than ours make it a problem of the pack. */
function folded<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof PackError) throw error;
    throw new PackError('computation_events', notFolded(error), { cause: error });
  }
}

function computed(
  streams: PackStreams,
  register: RulebookRegister,
  question: PackQuestion,
  signedAt: Instant,
): Computation {
  const { subject, effectiveAt, knownAt, period, account, assessments: months = [] } = question;
  const { agencyId } = subject;
  for (const events of streams.values()) {
    if ((events.at(-1)?.event.recordedAt ?? '') > signedAt)
      throw new PackError('computation_events', {
        en: 'an event was recorded after the checkpoint was signed',
        zh: '有事件记录于检查点签署之后',
      });
  }
  const chain = (streams.get(agencyStream(agencyId)) ?? []).map(({ event }) => event);
  checkFoldable(chain, register);
  const events = chain.map(agencyEventOf);
  const history = events.reduce(agency.evolve, agency.emptyHistory());
  if (!agency.isKnownAt(history, signedAt))
    throw new PackError('computation_events', {
      en: `there is no agency "${agencyId}"`,
      zh: `没有机构 "${agencyId}"`,
    });
  const balance = (at: Instant): PackBalance => balanceOf(history, register, question, at);
  const now = balance(signedAt);
  const then = agency.isKnownAt(history, knownAt) ? balance(knownAt) : null;
  const deductions = deductionsOf(history, events, {
    period,
    account,
    then: knownAt,
    now: signedAt,
  });
  const { document } = rulebooks.rulebooksAt(register, signedAt).inForceAt(effectiveAt);
  const terms = assertAccount(document, account);
  const zone = zoneIn(streams);
  const assessments = assessedMonthsOf(streams, register, agencyId, months, zone);
  return {
    account,
    agencyId,
    ...(subject.appealId !== undefined && {
      appeal: appealOf(history, subject.appealId, knownAt, signedAt),
    }),
    ...(assessments.length > 0 && { assessments }),
    clauses: clausesOf(deductions, register),
    deductions,
    effectiveAt,
    now,
    period,
    rulebooks: rulebooksOf(events, now.rulebook, register),
    ...(isSimulation(streams) && { simulation: true }),
    then,
    timeline: timelineOf(history, events, period, terms),
    zone,
  };
}

/**
 * Returns an event of the agency's stream in the schema version this program folds. Its data are of
 * their type's form if the ledger wrote them; what a fold makes of others is caught there.
 *
 * @throws UnknownEventError, ForeignEventError
 */
export function agencyEventOf(event: UncheckedEvent): StreamEvent<'agency'> {
  return eventIn('agency', readEvent({ body: canonicalJson(event) }));
}

/** Tells whether the ledger's first event says that it is a simulation. */
export function isSimulation(streams: PackStreams): boolean {
  return streams.get(ledgerStream)?.[0]?.event.data['simulation'] === true;
}

/**
 * Returns the ledger's time zone as its first event names it.
 *
 * @throws PackError `computation_events` when it names none
 */
export function zoneIn(streams: PackStreams): string {
  const zone = streams.get(ledgerStream)?.[0]?.event.data['zone'];
  if (typeof zone !== 'string')
    throw new PackError('computation_events', {
      en: 'the first event names no time zone',
      zh: '首个事件未写明时区',
    });
  return zone;
}

/** The text for an appeal that the agency's events do not hold. */
export function noAppeal(appealId: string): InBoth {
  return { en: `there is no appeal "${appealId}"`, zh: `没有申诉 "${appealId}"` };
}

function assertAccount(document: Rulebook, account: string): Account {
  const found = accountOf(document, account);
  if (found === undefined)
    throw new PackError('computation_events', unknownAccountText(document, account));
  return found;
}

function balanceOf(
  history: AgencyHistory,
  register: RulebookRegister,
  { effectiveAt, period, account, subject }: PackQuestion,
  knownAt: Instant,
): PackBalance {
  const query = { agencyId: subject.agencyId, effectiveAt, knownAt, period, account };
  const known = rulebooks.rulebooksAt(register, knownAt);
  assertAccount(known.inForceAt(effectiveAt).document, account);
  const answer = agency.balanceAnswer(history, query, { rulebooks: known, zone: utc });
  const {
    assumptions,
    balance,
    carriedOver,
    contested,
    episode,
    findings,
    ifUpheld,
    lines,
    nodesReached,
    notCounted,
    standing,
  } = answer;
  const { pending, expulsion, reentryFrom, rulebook, threshold } = answer;
  return {
    account,
    assumptions,
    balance,
    carriedOver,
    contested,
    effectiveAt,
    episode,
    expulsion:
      expulsion === null
        ? null
        : {
            effectiveAt: inUtc(expulsion.effectiveAt),
            reentryFrom: inUtc(reentryFrom ?? ''),
            supported: expulsion.supported,
          },
    findings,
    ifUpheld,
    knownAt,
    lines: lines.map((line) => ({ ...line, effectiveAt: inUtc(line.effectiveAt) })),
    nodesReached,
    notCounted,
    pending:
      pending === null
        ? null
        : { ...pending, closesAt: inUtc(pending.closesAt), openedAt: inUtc(pending.openedAt) },
    rulebook: rulebook satisfies RulebookReference,
    standing,
    threshold,
  };
}

/**
 * Converts an answer's instant with offset to UTC. It may be later than events allow; then only the
 * spelling of the offset changes.
 */
function inUtc(written: string): string {
  return parseInstant(written) ?? written.replace('+00:00', 'Z');
}

function appealOf(
  history: AgencyHistory,
  appealId: string,
  then: Instant,
  now: Instant,
): PackAppeal {
  const appeal = history.appeals.get(appealId);
  if (appeal === undefined) throw new PackError('computation_events', noAppeal(appealId));
  const stateAt = (at: Instant): AppealState | null =>
    appeal.recordedAt <= at ? agency.appealStateAt(appeal, at) : null;
  const { decided, deductionIds, evidence, evidenceBy, expulsion, initiateBy, initiatedAt } =
    appeal;
  return {
    appealId,
    ...(decided !== undefined && { decidedAt: decided.decidedAt }),
    deductionIds,
    evidenceBy,
    ...(evidence !== undefined && { evidenceSubmittedAt: evidence.submittedAt }),
    ...(expulsion !== undefined && { expulsion }),
    initiateBy,
    initiatedAt,
    kind: appeal.kind,
    now: stateAt(now),
    recordedAt: appeal.recordedAt,
    then: stateAt(then),
  };
}
