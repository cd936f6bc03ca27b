import fc from 'fast-check';
import { formatInstant, parseInstant, startOfYear } from './calendar.js';
import { buildData, isApt, type Choice } from './random-data.js';
import { interestingInstants, closingInstants } from './interesting.js';
import { Oracle } from './oracle.js';
import { buildQuery, queryChoice, type QueryChoice } from './random-queries.js';

/**
 * Random histories for differential tests. A history is generated as an array of abstract steps,
 * such as "appeal the second deduction of the pending agency, 1 ms before its window closes". A
 * running oracle, which knows those instants, turns the steps into command lines. A history without
 * some steps, or with simpler ones, still makes sense, so it shrinks.
 */

export type Mode = 'observer' | 'operator';
export type CommandLine = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, unknown>>;

export interface History {
  readonly mode: Mode;
  readonly lines: readonly CommandLine[];
  readonly queries: readonly Query[];
}

export interface Sizes {
  readonly steps?: number;
  readonly queries?: number;
}

/** Some before a reset, some before the change of rulebook. */
const starts = ['2018-10-01', '2018-11-20', '2019-02-10', '2019-09-15', '2019-12-10'].map(
  (date) => parseInstant(`${date}T09:00:00+08:00`) ?? 0,
);

/** A mode, command lines and queries over them. Give the mode to fix it. */
export function randomHistory(
  mode?: Mode,
  { steps = 80, queries = 12 }: Sizes = {},
): fc.Arbitrary<History> {
  return fc
    .record({
      mode:
        mode === undefined ? fc.constantFrom<Mode[]>('observer', 'operator') : fc.constant(mode),
      agencies: fc.integer({ min: 2, max: 4 }),
      start: fc.constantFrom(...starts),
      steps: fc.array(step, { maxLength: steps, size: 'max' }),
      queries: fc.array(queryChoice, { maxLength: queries, size: 'max' }),
    })
    .map((drawn) => {
      const { lines, oracle } = resolve(drawn);
      return {
        mode: drawn.mode,
        lines,
        queries: drawn.queries.map((choice) => buildQuery(choice, oracle)),
      };
    });
}

/** Queries over given lines, for those who bring their own history. */
export function randomQueries(
  mode: Mode,
  lines: readonly unknown[],
  maxLength = 12,
): fc.Arbitrary<readonly Query[]> {
  const oracle = new Oracle(mode);
  for (const line of lines) oracle.apply(line);
  return fc
    .array(queryChoice, { maxLength, size: 'max' })
    .map((drawn: readonly QueryChoice[]) => drawn.map((choice) => buildQuery(choice, oracle)));
}

// One abstract step

type Wait =
  | { readonly kind: 'none' }
  | { readonly kind: 'for'; readonly ms: number }
  /** To a closing instant ahead that the command is about, or any; `pick` 0 is the nearest. */
  | {
      readonly kind: 'until';
      readonly pick: number;
      readonly offset: number;
      readonly any: boolean;
    };

export interface Step {
  readonly choice: Choice;
  readonly wait: Wait;
  /** The alternative to a new command: send an earlier line again, unchanged or changed. */
  readonly again: 'no' | 'same' | 'changed';
  readonly by: string | null;
  readonly commandId: number | null;
  readonly damage: number | null;
}

export const hour = 3_600_000;
export const day = 24 * hour;
export const last = startOfYear('2021') - 1;

export function weighted<T>(...options: readonly (readonly [number, T])[]): fc.Arbitrary<T> {
  return fc.oneof(...options.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

export function sometimes<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 100 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary });
}

export const offset = weighted([4, 0], [3, -1], [3, 1]);

const duration = (unit: number, min: number, max: number): fc.Arbitrary<Wait> =>
  fc.integer({ min, max }).map((n): Wait => ({ kind: 'for', ms: n * unit }));

const wait: fc.Arbitrary<Wait> = fc.oneof(
  { weight: 18, arbitrary: fc.constant<Wait>({ kind: 'none' }) },
  { weight: 3, arbitrary: duration(1, 1, 3) },
  { weight: 44, arbitrary: duration(hour, 1, 20) },
  { weight: 10, arbitrary: duration(day, 1, 5) },
  { weight: 8, arbitrary: duration(day, 6, 30) },
  { weight: 2, arbitrary: duration(day, 31, 120) },
  {
    weight: 24,
    arbitrary: fc
      .record({
        pick: weighted([5, 0], [2, 1], [1, 2]),
        offset,
        any: weighted([3, false], [1, true]),
      })
      .map((aim): Wait => ({ kind: 'until', ...aim })),
  },
);

const choice: fc.Arbitrary<Choice> = fc.record({
  command: weighted(
    [34, 'RecordDeduction'],
    [15, 'InitiateAppeal'],
    [9, 'DecideAppeal'],
    [9, 'SubmitEvidence'],
    [3, 'WithdrawAppeal'],
    [11, 'RecordExpulsion'],
    [4, 'RevokeExpulsion'],
    [5, 'RecordReadmission'],
    [3, 'ApplyForReentry'],
    [5, 'RecordRevocation'],
    [4, 'RecordPartialRevocation'],
    [5, 'RecordReinstatement'],
    [6, 'CorrectDeduction'],
    [1, 'RecordExit'],
    [2, 'AdmitAgency'],
    [2, 'ObservePlatformBalance'],
    [1, 'RegisterEvidence'],
  ),
  agency: weighted([7, 0], [4, 1], [2, 2], [1, 3], [1, 9]),
  /** The place of the deduction or appeal among the likely ones, newest first. */
  target: weighted([5, 0], [3, 1], [2, 2], [1, 3], [1, 5], [1, 8]),
  /** Take the target from all there ever were, or from nowhere. */
  stray: weighted([12, 'likely'], [2, 'all'], [1, 'unknown']),
  collide: weighted([20, false], [1, true]),
  points: weighted(
    [12, 40],
    [3, 120],
    [3, 80],
    [2, 20],
    [2, 60],
    [1, 1],
    [1, 119],
    [1, 39],
    [1, 41],
  ),
  clause: weighted(
    [27, 'operating-metric-missed'],
    [3, 'newcomer-target-missed'],
    [15, 'improper-operation'],
    [9, 'creator-violation'],
    [1, 'no-such-clause'],
  ),
  fitting: weighted([9, true], [1, false]),
  when: fc.oneof(
    { weight: 9, arbitrary: fc.constant({ kind: 'absent' as const }) },
    { weight: 1, arbitrary: offset.map((ms) => ({ kind: 'now' as const, ms })) },
    {
      weight: 4,
      arbitrary: fc
        .integer({ min: 1, max: 60 })
        .map((days) => ({ kind: 'days' as const, days: -days })),
    },
    {
      weight: 2,
      arbitrary: fc
        .integer({ min: 60, max: 400 })
        .map((days) => ({ kind: 'days' as const, days: -days })),
    },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 1, max: 60 }).map((days) => ({ kind: 'days' as const, days })),
    },
    { weight: 1, arbitrary: offset.map((ms) => ({ kind: 'limit' as const, ms })) },
    {
      weight: 5,
      arbitrary: fc
        .record({ pick: fc.nat(40), offset })
        .map((at) => ({ kind: 'instant' as const, ...at })),
    },
  ),
  occurredDaysBefore: weighted([3, 0], [3, 1], [2, 5], [1, 40]),
  notified: sometimes(30, fc.integer({ min: -6, max: 2 })),
  deadline: sometimes(12, fc.integer({ min: -3, max: 20 })),
  period: weighted([16, null], [2, 0], [2, -1], [1, 1]),
  month: sometimes(12, fc.integer({ min: 0, max: 3 })),
  count: weighted([5, 1], [2, 2], [1, 3]),
  outcome: weighted([5, 'upheld'], [5, 'partly_upheld'], [3, 'rejected'], [1, 'inadmissible']),
  text: weighted([6, 0], [1, 1], [1, 2]),
  late: sometimes(
    40,
    fc.record({
      aim: weighted([4, 'window'], [4, 'within'], [2, 'start'], [1, 'now']),
      hours: fc.integer({ min: 1, max: 100 }),
      offset,
    }),
  ),
});

export const step: fc.Arbitrary<Step> = fc.record({
  choice,
  wait,
  again: weighted([24, 'no'], [1, 'same'], [1, 'changed']),
  by: weighted([4, 'officer-1'], [4, 'officer-2'], [1, null]),
  commandId: sometimes(12, fc.nat(30)),
  damage: sometimes(3, fc.nat(100)),
});

// From steps to lines

interface Drawn {
  readonly mode: Mode;
  readonly agencies: number;
  readonly start: number;
  readonly steps: readonly Step[];
}

function resolve({ mode, agencies, start, steps }: Drawn): {
  lines: CommandLine[];
  oracle: Oracle;
} {
  const oracle = new Oracle(mode);
  const lines: CommandLine[] = [];
  const send = (line: CommandLine): void => {
    lines.push(line);
    oracle.apply(line);
  };
  for (let n = 1; n <= agencies; n++) {
    const data = { agencyId: `a${String(n)}`, name: `Agency ${String(n)}` };
    send({ at: formatInstant(start + n * hour), command: 'AdmitAgency', by: 'officer-1', data });
  }
  for (const drawn of steps) play(drawn, { oracle, lines, send });
  return { lines, oracle };
}

export interface Stage {
  readonly oracle: Oracle;
  readonly lines: readonly CommandLine[];
  readonly send: (line: CommandLine) => void;
}

/** One step, on a stage whose clock has been set. */
export function play(drawn: Step, { oracle, lines, send }: Stage): void {
  const now = parseInstant(oracle.now) ?? 0;
  const inapt = drawn.choice.stray === 'likely' && !isApt(drawn.choice, oracle.facts, now);
  const one = inapt ? { ...drawn, choice: { ...drawn.choice, command: 'RecordDeduction' } } : drawn;
  const at = Math.min(Math.max(instantOf(one.wait, one.choice, oracle, now), now), last);
  const again = one.again === 'no' ? undefined : lines[one.choice.target % lines.length];
  if (again !== undefined) {
    send({
      ...again,
      at: formatInstant(at),
      ...(one.again === 'changed' ? { data: changed(again['data'], one.choice.text) } : {}),
    });
    return;
  }
  const line: CommandLine = {
    at: written(at, one.choice.text),
    command: one.choice.command,
    ...(one.by === null ? {} : { by: one.by }),
    ...(one.commandId === null ? {} : { commandId: `c${String(one.commandId)}` }),
    data: buildData(one.choice, oracle, at),
  };
  send(one.damage === null ? line : damaged(line, one.damage, at));
}

function instantOf(wanted: Wait, about: Choice, oracle: Oracle, now: number): number {
  if (wanted.kind === 'none') return now;
  if (wanted.kind === 'for')
    return now + (isPressing(about) ? Math.ceil(wanted.ms / 12) : wanted.ms);
  const instants = wanted.any
    ? interestingInstants(oracle.facts)
    : closingInstants(about.command, oracle.facts, now);
  const ahead = instants.filter((instant) => instant + wanted.offset > now && instant <= last);
  const aim = ahead[Math.min(wanted.pick, ahead.length - 1)];
  return aim === undefined ? now + hour : aim + wanted.offset;
}

/** Appeals are mostly made, and evidence mostly sent, while the windows are open. */
function isPressing({ command, stray }: Choice): boolean {
  return stray === 'likely' && (command === 'InitiateAppeal' || command === 'SubmitEvidence');
}

/** Now and then in UTC: the same instant written otherwise. */
function written(instant: number, variant: number): string {
  return variant === 2 ? new Date(instant).toISOString() : formatInstant(instant);
}

/** The same ids with something else in them. */
export function changed(data: unknown, variant: number): unknown {
  const before = data as Record<string, unknown>;
  if (variant === 1 && typeof before['points'] === 'number')
    return { ...before, points: before['points'] === 40 ? 41 : 40 };
  const key = ['name', 'reason', 'grounds', 'title'].find((each) => Object.hasOwn(before, each));
  return key === undefined ? { ...before, period: '2019' } : { ...before, [key]: 'something else' };
}

/** A line that is malformed in one way. */
export function damaged(line: CommandLine, way: number, at: number): CommandLine {
  const data = line['data'] as Record<string, unknown>;
  const keys = Object.keys(data);
  const key = keys[way % keys.length] ?? 'agencyId';
  const ways: readonly CommandLine[] = [
    { ...line, data: { ...data, unforeseen: 1 } },
    { ...line, data: { ...data, [key]: null } },
    { ...line, data: { ...data, [key]: ['wrong'] } },
    { ...line, data: { ...data, [key]: 'not allowed here: 坏' } },
    { ...line, data: { ...data, points: 40.5 } },
    { ...line, data: { ...data, points: 0 } },
    { ...line, data: { ...data, effectiveAt: '2019-02-30T10:00:00+08:00' } },
    { ...line, data: { ...data, effectiveAt: '2019-02-20T10:00:00' } },
    { ...line, data: { ...data, effectiveAt: formatInstant(at + 1) } },
    {
      ...line,
      data: Object.fromEntries(Object.entries(data).filter(([each]) => each !== keys[0])),
    },
    { ...line, command: 'DoNothing' },
    { ...line, at: formatInstant(at - 1) },
    { ...line, by: 'no spaces allowed' },
    { ...line, unforeseen: true },
  ];
  return ways[way % ways.length] ?? line;
}
