import type { InBoth } from '@penalty-ledger/application/language';
import { ledgerZone, timeZoneDataVersion } from '@penalty-ledger/application';
import {
  agency,
  endOfTime,
  isAgencyCommand,
  knownRulebook,
  LedgerZone,
  plusHours,
  problemOf,
  readCommandLine,
  rulebooks,
  Rulebooks,
  type Account,
  type AgencyHistory,
  type Instant,
  type Rulebook,
  joined,
} from '@penalty-ledger/ledger';
import { said, saidIn } from '../terminal/language.js';

/** A deduction of the sample that something followed from. */
export interface SampleStep {
  /** The number of the deduction in the sample: 1, 2, … */
  readonly number: number;
  readonly at: string;
  readonly clause: string;
  readonly points: number;
  readonly balance: number;
  /** The measures of the nodes that it reaches, in the rulebook's words. */
  readonly reached: readonly string[];
  /** The events that it has beside itself, and the codes of its findings. */
  readonly followed: readonly string[];
}

/** A rulebook tried on one agency that gets one deduction of an account a day. */
export interface Sample {
  readonly account: string;
  /** The reason why it ended before a threshold; absent when it reached one. */
  readonly ended?: string;
  readonly deductions: number;
  readonly steps: readonly SampleStep[];
  /** The clocks of an appeal against the first deduction; each the first instant too late. */
  readonly appeal?: {
    readonly notifiedAt: string;
    readonly initiateBy: string;
    readonly evidenceBy: string;
    readonly decideBy: string | null;
  };
  /** The end of the last chance; absent when no expulsion came to be pending. */
  readonly lastChanceUntil?: string;
  /** The end of the ban of an expulsion that follows it. */
  readonly reentryFrom?: string;
}

const maxDeductions = 60;
const agencyId = 'sample';

/**
 * Tries a rulebook on a sample: the commands and the code of a ledger, and nothing stored. The days
 * are those of the first whole year it is in force.
 */
export function triedOn(document: Rulebook, account: Account): Sample {
  const trial = new Trial(document);
  const clauses = document.clauses.filter((clause) => clause.account === account.id);
  if (clauses.length === 0)
    return {
      account: account.id,
      ended: said('no clause costs points of it', '没有条款扣该计分账户的分'),
      deductions: 0,
      steps: [],
    };
  const steps: SampleStep[] = [];
  let appeal: Sample['appeal'];
  const ended = (reason: string | undefined, deductions: number): Sample => ({
    account: account.id,
    ...(reason !== undefined && { ended: reason }),
    deductions,
    steps,
    ...(appeal !== undefined && { appeal }),
    ...trial.lastChance(),
  });
  let reachedBefore = 0;
  for (let number = 1; number <= maxDeductions; number += 1) {
    trial.nextDay();
    const clause = clauses[(number - 1) % clauses.length] as (typeof clauses)[number];
    const points = clause.points ?? middling(document, account);
    const outcome = trial.deduct(`d${String(number)}`, clause.id, points);
    if ('refused' in outcome)
      return ended(
        said(
          `a deduction under "${clause.id}" is refused: ${outcome.refused.en}`,
          `条款 "${clause.id}" 的扣分被拒绝：${outcome.refused.zh}`,
        ),
        number - 1,
      );
    const { balance, nodesReached } = trial.balance(account);
    const reached = account.nodes
      .slice(reachedBefore, nodesReached.length)
      .map(({ measure }) => saidIn(measure));
    reachedBefore = nodesReached.length;
    if (number === 1) appeal = trial.appealOf('d1');
    if (number === 1 || reached.length > 0 || outcome.followed.length > 0)
      steps.push({
        number,
        at: trial.today,
        clause: clause.id,
        points,
        balance,
        reached,
        followed: outcome.followed,
      });
    if (trial.isPending || (balance >= account.threshold && reachedBefore === account.nodes.length))
      return ended(undefined, number);
  }
  return ended(said(`no threshold was reached by then`, '届时仍未达到清退线'), maxDeductions);
}

/** The points where the clause fixes none: a quarter of the threshold, within the bounds. */
function middling({ parameters }: Rulebook, { threshold }: Account): number {
  const { minPoints, maxPoints } = parameters;
  return Math.max(minPoints.value, Math.min(maxPoints.value, Math.ceil(threshold / 4)));
}

/** One agency under one rulebook, in memory. */
class Trial {
  readonly #zone = new LedgerZone(ledgerZone, timeZoneDataVersion);
  readonly #rulebooks: Rulebooks;
  readonly #history: AgencyHistory = agency.emptyHistory();
  #now: Instant;

  constructor(document: Rulebook) {
    const known = knownRulebook(document);
    this.#rulebooks = new Rulebooks([known]);
    const year = Number(this.#zone.yearOf(known.effectiveFrom)) + 1;
    this.#now = plusHours(this.#zone.startOfYear(year), 10);
    this.#apply('AdmitAgency', { agencyId, name: 'Sample' });
  }

  get today(): string {
    return this.#zone.format(this.#now);
  }

  get isPending(): boolean {
    return agency.standingAt(this.#history, this.#now, endOfTime).pending !== undefined;
  }

  nextDay(): void {
    this.#now = plusHours(this.#zone.startOfDayAfter(this.#now, 1), 10);
  }

  deduct(
    deductionId: string,
    clause: string,
    points: number,
  ): { readonly refused: InBoth } | { readonly followed: readonly string[] } {
    const data = { deductionId, agencyId, points, clause, occurredAt: this.#now };
    return this.#apply('RecordDeduction', data);
  }

  balance(account: Account) {
    const query = { agencyId, effectiveAt: this.#now, knownAt: this.#now, account: account.id };
    return agency.balanceAnswer(this.#history, query, this.#context);
  }

  /** The clocks of an appeal against a deduction, whose evidence follows at once. */
  appealOf(deductionId: string): NonNullable<Sample['appeal']> | undefined {
    const notifiedAt = this.today;
    const appealId = `of-${deductionId}`;
    this.#apply('InitiateAppeal', {
      appealId,
      agencyId,
      deductionIds: [deductionId],
      grounds: 'sample',
    });
    const sha256 = '0'.repeat(64);
    const items = [{ evidenceId: 'sample', title: 'sample', mediaType: 'text/plain', sha256 }];
    this.#apply('SubmitEvidence', { appealId, items });
    const calendars = rulebooks.calendarsAt(rulebooks.empty, endOfTime);
    const query = { appealId, knownAt: this.#now };
    if (!this.#history.appeals.has(appealId)) return undefined;
    const answer = agency.appealAnswer(this.#history, query, { ...this.#context, calendars });
    if (answer === undefined) return undefined;
    const { initiateBy, evidenceBy, decideBy } = answer;
    return { notifiedAt, initiateBy, evidenceBy, decideBy };
  }

  /** The end of the last chance of what is pending, and of the ban of an expulsion after it. */
  lastChance(): Pick<Sample, 'lastChanceUntil' | 'reentryFrom'> {
    const { pending } = agency.standingAt(this.#history, this.#now, endOfTime);
    if (pending === undefined) return {};
    this.#now = pending.closesAt;
    this.#apply('RecordExpulsion', { agencyId, reason: 'sample' });
    const { expulsion } = agency.standingAt(this.#history, this.#now, endOfTime);
    return {
      lastChanceUntil: this.#zone.format(pending.closesAt),
      ...(expulsion !== undefined && { reentryFrom: this.#zone.format(expulsion.reentryFrom) }),
    };
  }

  get #context() {
    return { rulebooks: this.#rulebooks, zone: this.#zone };
  }

  #apply(
    command: string,
    data: Readonly<Record<string, unknown>>,
  ): { readonly refused: InBoth } | { readonly followed: readonly string[] } {
    const read = readCommandLine({ command, data });
    if (read.problems !== undefined) return { refused: joined(read.problems) };
    const { command: act } = read.line;
    const context = { ...this.#context, now: this.#now };
    const problem = problemOf(act, context);
    if (problem !== undefined) return { refused: problem };
    if (!isAgencyCommand(act)) throw new TypeError(`${command} is not about an agency`);
    const decision = agency.execute(act, this.#history, {
      ...context,
      actor: 'sample',
      mode: 'observer',
      legalPersonOf: () => {
        throw new TypeError('a sample names no legal person');
      },
    });
    if (decision.rejected !== undefined) return { refused: decision.rejected.message };
    const [, ...followed] = decision.events.map(({ type }) => type);
    return { followed: [...followed, ...decision.findings] };
  }
}
