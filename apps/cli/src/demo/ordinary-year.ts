import { Account } from './account.js';
import {
  atWork,
  endOfMonth,
  hoursLater,
  lastMoment,
  openingMoment,
  type Moment,
} from './calendar.js';
import { appealsOfficerOf, evidenceItem, type Diary } from './diary.js';
import type { Random } from './random.js';
import {
  assessmentNotice,
  decisionReasons,
  evidenceTitles,
  grounds,
  violationOn,
} from './texts.js';

const officers = ['officer-lin', 'officer-zhou', 'officer-he'] as const;
const reviewers = ['reviewer-qin', 'reviewer-tang'] as const;

/** The most points of an ordinary agency, even if all its appeals fail: below the threshold. */
const maxPoints = 108;

/** A deduction just recorded. */
interface Imposed {
  readonly deductionId: string;
  readonly points: number;
  readonly recordedAt: Moment;
}

/** The year of an agency without a story. */
export class OrdinaryYear {
  readonly #account = new Account();
  readonly #numbers = new Map<string, number>();
  /** Records the agency's appeals and evidence. */
  readonly #appealsOfficer: string;
  readonly #from: Moment;

  constructor(
    readonly diary: Diary,
    readonly random: Random,
    readonly agencyId: string,
    readonly admittedAt: Moment,
  ) {
    this.#appealsOfficer = appealsOfficerOf(agencyId);
    this.#from = admittedAt < openingMoment ? openingMoment : admittedAt;
  }

  /** Perhaps a failed month; small violations, some appeals, the platform's figure each month. */
  tell(): void {
    for (const month of this.#failedMonths()) this.#failMonth(month);
    const gapHours = this.random.between(90, 800);
    let at = hoursLater(this.#from, this.random.between(12, gapHours));
    for (; atWork(at) <= lastMoment; at = hoursLater(at, this.random.between(12, 2 * gapHours))) {
      this.#violate(atWork(at));
    }
    for (let month = 2; month <= 13; month += 1) this.#observeIn(month);
  }

  #id(prefix: 'd' | 'ap' | 'ev'): string {
    const number = (this.#numbers.get(prefix) ?? 0) + 1;
    this.#numbers.set(prefix, number);
    return `${prefix}-${this.agencyId.slice(4)}-${String(number)}`;
  }

  #failedMonths(): readonly string[] {
    const { random } = this;
    // A month that begins within the first ninety days is not assessed (rules §6).
    const assessed = Array.from(
      { length: 12 },
      (_, index) => `2019-${String(index + 1).padStart(2, '0')}`,
    ).filter((month) => `${month}-01 00:00:00` > hoursLater(this.admittedAt, 24 * 91));
    const count = random.chance(0.6) ? 0 : random.chance(0.75) ? 1 : 2;
    const failed = new Set<string>();
    while (failed.size < Math.min(count, assessed.length)) failed.add(random.pick(assessed));
    return [...failed].sort();
  }

  #failMonth(month: string): void {
    const { random, agencyId } = this;
    const hours = 24 * random.between(7, 9) + random.between(10, 16);
    this.#impose(atWork(hoursLater(endOfMonth(month), hours)), {
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: endOfMonth(month),
      basis: { kind: 'assessment', month },
      notice: {
        caseNo: `KH-${month}-${agencyId.slice(4)}`,
        text: assessmentNotice(month, random.between(38, 59)),
      },
    });
  }

  #violate(recordedAt: Moment): void {
    const { random, agencyId } = this;
    const occurredAt = hoursLater(recordedAt, -random.between(20, 90));
    const { clause, points, text } = violationOn(random, occurredAt);
    if (occurredAt < this.#from) return;
    this.#impose(recordedAt, {
      points,
      clause,
      occurredAt,
      ...(clause === 'creator-violation' && {
        creatorId: `cr-${agencyId.slice(4)}-${String(random.between(1, 24))}`,
      }),
      notice: { caseNo: `WG-${recordedAt.slice(0, 10)}-${agencyId.slice(4)}`, text },
    });
  }

  #impose(
    recordedAt: Moment,
    terms: Readonly<Record<string, unknown>> & { readonly points: number },
  ): void {
    const { random, agencyId, diary } = this;
    const { points } = terms;
    const isTooMuch = this.#account.imposedIn(recordedAt.slice(0, 4)) + points > maxPoints;
    if (isTooMuch || recordedAt > lastMoment) return;
    const deductionId = this.#id('d');
    const notifiedAt = hoursLater(recordedAt, -0.1);
    const data = { deductionId, agencyId, ...terms, notifiedAt };
    diary.record(recordedAt, random.pick(officers), 'RecordDeduction', data);
    this.#account.add({ knownAt: recordedAt, effectiveAt: recordedAt, points });
    if (random.chance(0.35)) this.#keepNotice(deductionId, hoursLater(recordedAt, 0.2));
    if (random.chance(0.28)) this.#appeal({ deductionId, points, recordedAt });
  }

  #keepNotice(deductionId: string, at: Moment): void {
    if (at > lastMoment) return;
    const item = evidenceItem(this.#id('ev'), `处罚通知截图 ${deductionId}`);
    this.diary.record(at, this.#appealsOfficer, 'RegisterEvidence', {
      ...item,
      subject: { kind: 'deduction', id: deductionId },
    });
  }

  #appeal(imposed: Imposed): void {
    const { random, diary, agencyId } = this;
    const initiatedAt = hoursLater(imposed.recordedAt, random.between(3, 90));
    if (initiatedAt > lastMoment) return;
    const appealId = this.#id('ap');
    const deductionIds = [imposed.deductionId];
    diary.record(initiatedAt, this.#appealsOfficer, 'InitiateAppeal', {
      appealId,
      agencyId,
      deductionIds,
      grounds: random.pick(grounds),
    });
    const evidenceAt = hoursLater(initiatedAt, random.between(2, 70));
    const hasEvidence = random.chance(0.88);
    if (hasEvidence && evidenceAt <= lastMoment) {
      const items = [evidenceItem(this.#id('ev'), random.pick(evidenceTitles))];
      diary.record(evidenceAt, this.#appealsOfficer, 'SubmitEvidence', { appealId, items });
    }
    const decidedAt = atWork(hoursLater(initiatedAt, random.between(80, 200)));
    const isLeft = !hasEvidence && random.chance(0.5);
    if (decidedAt <= lastMoment && !isLeft) this.#decide(appealId, imposed, decidedAt, hasEvidence);
  }

  #decide(appealId: string, imposed: Imposed, decidedAt: Moment, hasEvidence: boolean): void {
    const { random, diary } = this;
    const { deductionId, points, recordedAt } = imposed;
    const outcome = hasEvidence ? this.#outcome(points) : 'inadmissible';
    const keeps =
      outcome === 'upheld' ? 0 : outcome === 'partly_upheld' ? Math.floor(points / 2) : points;
    diary.record(decidedAt, random.pick(reviewers), 'DecideAppeal', {
      appealId,
      outcome,
      ...(outcome === 'partly_upheld' && { adjustments: [{ deductionId, points: keeps }] }),
      reason: decisionReasons[outcome],
    });
    if (keeps < points)
      this.#account.add({ knownAt: decidedAt, effectiveAt: recordedAt, points: keeps - points });
  }

  #outcome(points: number): 'upheld' | 'partly_upheld' | 'rejected' {
    if (this.random.chance(0.27)) return 'upheld';
    return points > 1 && this.random.chance(0.2) ? 'partly_upheld' : 'rejected';
  }

  /** The balance on the platform's page on the sixth of a month; sometimes it lags behind. */
  #observeIn(month: number): void {
    const { random, agencyId } = this;
    const day = month === 13 ? '2020-01-06' : `2019-${String(month).padStart(2, '0')}-06`;
    const observedAt = atWork(
      `${day} ${String(random.between(10, 17))}:${String(random.between(10, 59))}:00`,
    );
    if (observedAt <= this.#from) return;
    const lagHours = random.chance(0.03) ? 24 * 10 : 0;
    const balance = this.#account.at(hoursLater(observedAt, -lagHours));
    this.diary.record(observedAt, this.#appealsOfficer, 'ObservePlatformBalance', {
      agencyId,
      balance,
      observedAt,
    });
  }
}
