import { randomBytes } from 'node:crypto';
import { IntegrityError } from '@penalty-ledger/event-store';
import {
  accountOf,
  agency,
  agencyOfStream,
  BalanceAnswerSchema,
  byCodeUnit,
  closed,
  described,
  enumOf,
  epochMsOf,
  FindingCodeSchema,
  firstAccountOf,
  IdSchema,
  instantOf,
  InstantSchema,
  laterOf,
  nullable,
  PeriodSchema,
  type AgencyHistory,
  type CommandLine,
  type Instant,
  type LedgerZone,
  type Shape,
  type SubjectKey,
  SentenceSchema,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { KeyDestroyedError, type SubjectKeys } from '../keys/key-store.js';
import { CommandExecutor, type Commits } from '../recording/command-executor.js';
import { damageCode, unlessDamaged, type Outcome } from '../recording/outcome.js';
import { DeadlineSchema, deadlinesOf, type Deadline } from './deadlines.js';
import type { At, ReaderContext } from './reader-context.js';

/**
 * The agencies whose change a trial shows. Only the assessment of a month without an agency can
 * change more of them.
 */
export const maxShownAgencies = 50;

/** The figures of an agency that an act can change. */
export type AgencyFigures = Shape<typeof AgencyFiguresSchema>;
const AgencyFiguresSchema = Type.Pick(
  BalanceAnswerSchema,
  [
    ...(['standing', 'period', 'balance', 'threshold', 'expels', 'scale'] as const),
    ...(['contested', 'appealable', 'ifUpheld'] as const),
  ],
  { additionalProperties: false },
);

/** A sum that an act changes, and that is not the balance of now. */
const SumChangeSchema = closed({
  period: PeriodSchema,
  account: IdSchema,
  effectiveAt: described(
    InstantSchema,
    'the last instant of a year that is over; else the first at which it all holds',
  ),
  before: Type.Integer(),
  after: Type.Integer(),
  threshold: Type.Integer(),
});

/** An agency before and after an act. */
export type AgencyChange = Shape<typeof AgencyChangeSchema>;
const AgencyChangeSchema = closed({
  agencyId: IdSchema,
  before: nullable(AgencyFiguresSchema, 'null for an agency that the act admits'),
  after: AgencyFiguresSchema,
  otherSums: Type.Array(SumChangeSchema, {
    description: 'sums that change beside the balance of now',
  }),
  deadlinesBegun: Type.Array(DeadlineSchema, { description: 'those that begin or move' }),
  deadlinesEnded: Type.Array(DeadlineSchema, { description: 'those that end, or as they were' }),
});

/** The result of a trial: everything it would record and change, and nothing of it stays. */
export type Trial = Shape<typeof TrialSchema>;
export const TrialSchema = closed(
  {
    at: InstantSchema,
    outcomes: Type.Array(
      closed({
        status: enumOf(['accepted', 'duplicate', 'rejected']),
        code: nullable(Type.String(), 'why it would be rejected'),
        events: Type.Array(Type.String(), { description: 'the types of the events to be stored' }),
        findings: Type.Array(FindingCodeSchema),
        message: Type.Optional(SentenceSchema('of a rejection: what is wrong')),
        since: Type.Optional(InstantSchema),
      }),
      { description: 'the outcome of each command, in order' },
    ),
    agencies: Type.Array(AgencyChangeSchema, {
      description:
        `the agencies that would change, up to ${String(maxShownAgencies)}, ` +
        'in the order of their ids',
    }),
    otherAgencies: Type.Integer({
      description: 'how many more would change; try the command with `agencyId` to see one',
    }),
  },
  { $id: 'Trial' },
);

/** A command to try; as for one to record, `expectedRevision` refuses it once that has changed. */
export interface TriedLine {
  readonly line: CommandLine;
  readonly expectedRevision?: number;
}

/** The number of times a trial is made again because the ledger grew while it was made. */
const trialLimit = 3;

/**
 * Decides commands on the ledger as it stands, one upon another, by the executor that records, and
 * keeps nothing. Sessions and assessments are read from the read models, which hold no command of
 * the same trial: try those one at a time.
 */
export async function tryCommands(
  lines: readonly TriedLine[],
  reader: ReaderContext,
): Promise<Trial> {
  const { store } = reader.parts;
  for (let left = trialLimit; ; left -= 1) {
    const head = await store.head();
    const trial = await tryOnce(lines, reader);
    // A stream that grew after the read models were asked looks like a damaged one.
    const isSure = !trial.outcomes.some(({ code }) => code === damageCode);
    if (isSure || left === 1 || (await store.head()) === head) return trial;
    await reader.follower.refresh();
  }
}

async function tryOnce(lines: readonly TriedLine[], reader: ReaderContext): Promise<Trial> {
  const { now, zone } = reader;
  const [unchanged, changed] = [executorOver(reader), executorOver(reader)];
  const outcomes = await changed.executeAll(lines.map((line) => ({ ...line, now })));
  const streams = outcomes.flatMap(({ appended = [] }) => appended.map(({ stream }) => stream));
  const ids = new Set(streams.flatMap((stream) => agencyOfStream(stream) ?? []));
  // What falls due meanwhile is recorded with any command, and is not caused by this one.
  await unchanged.passDue(now);
  const agencies: AgencyChange[] = [];
  for (const agencyId of [...ids].sort(byCodeUnit).slice(0, maxShownAgencies)) {
    const before = await historyIn(unchanged, agencyId);
    const after = await historyIn(changed, agencyId);
    if (after !== undefined) agencies.push(changeOf(before, after, reader));
  }
  return {
    at: zone.format(now),
    outcomes: outcomes.map((outcome) => triedOutcome(outcome, reader)),
    agencies,
    otherAgencies: Math.max(0, ids.size - maxShownAgencies),
  };
}

/** An executor with states of its own, whose decisions go nowhere. */
function executorOver({ parts, settings, states, zone, now }: ReaderContext): CommandExecutor {
  const { keys, readModels, store } = parts;
  return new CommandExecutor(
    settings,
    zone,
    { store, keys: new TrialKeys(keys), readModels },
    nowhere,
    states.register,
    readModels.progress.lastRecordedAt ?? now,
  );
}

/** Takes decisions, and stores none. */
const nowhere: Commits = {
  settled: Promise.resolve(),
  unsettled: { has: () => false, settle: () => Promise.resolve() },
  add: () => undefined,
  fold: () => Promise.resolve(),
  gather: () => undefined,
  release: () => undefined,
  send: () => undefined,
};

/** The keys of the ledger. Those of new subjects are for the trial alone, and are never stored. */
class TrialKeys implements SubjectKeys {
  readonly #made = new Map<string, SubjectKey>();

  constructor(private readonly keys: SubjectKeys) {}

  stateOf(subject: string): 'held' | 'destroyed' | 'never' {
    return this.#made.has(subject) ? 'held' : this.keys.stateOf(subject);
  }

  find(subject: string): SubjectKey | undefined {
    return this.#made.get(subject) ?? this.keys.find(subject);
  }

  findOrMake(subject: string): SubjectKey {
    const state = this.stateOf(subject);
    if (state === 'destroyed') throw new KeyDestroyedError(subject);
    const found = this.find(subject);
    if (found !== undefined) return found;
    const key = randomBytes(32);
    this.#made.set(subject, key);
    return key;
  }
}

/** The history of an agency that is known and can be read. */
async function historyIn(
  { commandContext }: CommandExecutor,
  agencyId: string,
): Promise<AgencyHistory | undefined> {
  const found = await unlessDamaged(commandContext.agency(agencyId));
  return found instanceof IntegrityError || found.head === undefined ? undefined : found.state;
}

function changeOf(
  before: AgencyHistory | undefined,
  after: AgencyHistory,
  reader: ReaderContext,
): AgencyChange {
  const at = reader.at({});
  const deadlines = {
    before: deadlinesIn(before, at, reader),
    after: deadlinesIn(after, at, reader),
  };
  return {
    agencyId: after.agencyId,
    before: before === undefined ? null : figuresOf(before, at, reader),
    after: figuresOf(after, at, reader),
    otherSums: otherSumsOf(before, after, at, reader),
    deadlinesBegun: without(deadlines.after, deadlines.before),
    deadlinesEnded: without(deadlines.before, deadlines.after),
  };
}

/**
 * The sums that change elsewhere than in the balance of now: those of another year or account, and
 * of this year once a deduction takes effect.
 */
function otherSumsOf(
  before: AgencyHistory | undefined,
  after: AgencyHistory,
  { knownAt: now }: At,
  reader: ReaderContext,
): AgencyChange['otherSums'] {
  const { rulebooks, zone } = reader.answerContext(now);
  const shown = firstAccountOf(rulebooks.inForceAt(now).document).id;
  const isShown = ({ account, effectiveAt, period }: DeductionThen): boolean =>
    period === zone.yearOf(now) && account === shown && effectiveAt <= now;
  const touched = new Map<string, DeductionThen>();
  for (const then of changedDeductions(before, after, now)) {
    if (isShown(then)) continue;
    const key = `${then.period}/${then.account}`;
    const last = touched.get(key);
    if (last === undefined || last.effectiveAt < then.effectiveAt) touched.set(key, then);
  }
  return [...touched.entries()]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([, { account: id, effectiveAt: from, period }]) => {
      const { document } = rulebooks.inForceAt(from);
      const account = accountOf(document, id) ?? firstAccountOf(document);
      const isOver = period < zone.yearOf(now);
      const last = isOver ? lastInstantOf(period, zone) : now;
      // An agency that came back within the year has another episode at its end.
      for (const effectiveAt of [laterOf(last, from), from]) {
        const [was, is] = [before, after].map((history) =>
          history === undefined
            ? 0
            : agency.sumAt(history, { effectiveAt, knownAt: now, period, account }),
        ) as [number, number];
        if (was === is) continue;
        const figures = { before: was, after: is, threshold: account.threshold };
        return [{ period, account: account.id, effectiveAt: zone.format(effectiveAt), ...figures }];
      }
      return [];
    });
}

function lastInstantOf(period: string, zone: LedgerZone): Instant {
  return instantOf(epochMsOf(zone.startOfYear(Number(period) + 1)) - 1);
}

type DeductionThen = ReturnType<typeof agency.valuesAt>;

/** The values, before and after, of each deduction that counts otherwise or elsewhere then. */
function* changedDeductions(
  before: AgencyHistory | undefined,
  after: AgencyHistory,
  knownAt: Instant,
): Generator<DeductionThen> {
  for (const deduction of after.deductions.values()) {
    const is = agency.valuesAt(deduction, knownAt);
    const old = before?.deductions.get(deduction.deductionId);
    const was = old && agency.valuesAt(old, knownAt);
    const isSame =
      old !== undefined &&
      agency.pointsAt(old, knownAt) === agency.pointsAt(deduction, knownAt) &&
      (['account', 'effectiveAt', 'period'] as const).every((name) => was?.[name] === is[name]);
    if (isSame) continue;
    yield is;
    if (was !== undefined) yield was;
  }
}

function deadlinesIn(
  history: AgencyHistory | undefined,
  at: At,
  reader: ReaderContext,
): readonly Deadline[] {
  if (history === undefined) return [];
  return deadlinesOf(history, at, reader.answerContext(at.knownAt));
}

function without(deadlines: readonly Deadline[], others: readonly Deadline[]): Deadline[] {
  return deadlines.filter(({ uid, at }) => !others.some((o) => o.uid === uid && o.at === at));
}

function figuresOf(history: AgencyHistory, at: At, reader: ReaderContext): AgencyFigures {
  const { agencyId } = history;
  const context = reader.answerContext(at.knownAt);
  const { standing, period, balance, threshold, contested, appealable, ifUpheld, ...answer } =
    agency.balanceAnswer(history, { agencyId, ...at }, context);
  return {
    ...{ standing, period, balance, threshold, contested, appealable, ifUpheld },
    ...(answer.expels !== undefined && { expels: answer.expels }),
    ...(answer.scale !== undefined && { scale: answer.scale }),
  };
}

function triedOutcome(
  { status, code, events, findings, message, since }: Outcome,
  { zone }: ReaderContext,
): Trial['outcomes'][number] {
  return {
    status,
    code,
    events,
    findings,
    ...(message !== undefined && { message }),
    ...(since !== undefined && { since: zone.format(since) }),
  };
}
