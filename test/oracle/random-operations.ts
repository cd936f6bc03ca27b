import fc from 'fast-check';
import {
  dateOf,
  formatInstant,
  monthOf,
  monthsAfter,
  parseInstant,
  plusDays,
  startOfMonth,
} from './calendar.js';
import { Oracle } from './oracle.js';
import {
  changed,
  damaged,
  day,
  hour,
  last,
  offset,
  play,
  sometimes,
  step,
  weighted,
  type CommandLine,
  type History,
  type Mode,
  type Sizes,
  type Stage,
  type Step,
} from './random-history.js';
import {
  commandsOf,
  creatorPool,
  monthBack,
  operationInstants,
  type Anchor,
  type Operation,
} from './random-operation-data.js';
import { buildOperationQuery, operationQueryChoice } from './random-operation-queries.js';

/**
 * Random histories of agencies' operations: creators, sessions, complaints, assessments, slots and
 * themes, mixed with the steps of randomHistory. A step is either one command or a burst of them
 * ("twenty sessions for each creator of the team").
 */
export function randomOperations(
  mode?: Mode,
  { steps = 60, queries = 12 }: Sizes = {},
): fc.Arbitrary<History> {
  return fc
    .record({
      mode:
        mode === undefined ? fc.constantFrom<Mode[]>('observer', 'operator') : fc.constant(mode),
      start: fc.constantFrom(...starts),
      admissions: fc.array(admission, { minLength: 2, maxLength: 4, size: 'max' }),
      roster,
      since: weighted<Since>([4, 'month'], [1, 'week'], [1, 'now']),
      steps: fc.array(eitherStep, { maxLength: steps, size: 'max' }),
      queries: fc.array(operationQueryChoice, { maxLength: queries, size: 'max' }),
    })
    .map((drawn) => {
      const { lines, oracle } = resolve(drawn);
      return {
        mode: drawn.mode,
        lines,
        queries: drawn.queries.map((choice) => buildOperationQuery(choice, oracle)),
      };
    });
}

/** Around the change of rate, a leap day, the turn of a year. */
const starts = [
  '2018-11-26',
  '2019-01-20',
  '2019-02-24',
  '2019-03-02',
  '2019-03-20',
  '2019-06-05',
  '2019-11-20',
  '2020-01-28',
].map((date) => parseInstant(`${date}T09:00:00+08:00`) ?? 0);

type Since = 'month' | 'week' | 'now';

/** Long ago, or so that day 91 is about the first of a month. */
type Admission =
  | { readonly kind: 'ago'; readonly days: number }
  | { readonly kind: 'edge'; readonly months: number; readonly days: number };

const admission: fc.Arbitrary<Admission> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.integer({ min: 125, max: 300 }).map((days): Admission => ({ kind: 'ago', days })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 60 }).map((days): Admission => ({ kind: 'ago', days })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ months: fc.integer({ min: 0, max: 2 }), days: fc.integer({ min: 90, max: 92 }) })
      .map((edge): Admission => ({ kind: 'edge', ...edge })),
  },
);

/** The agency with which each creator of the pool starts. */
const roster: fc.Arbitrary<readonly (number | null)[]> = fc.oneof(
  { weight: 7, arbitrary: fc.constant([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]) },
  { weight: 2, arbitrary: fc.constant([0, 0, 0, 0, 0, 0, 1, 1, null, null]) },
  { weight: 1, arbitrary: fc.constant([0, 0, 0, 0, 1, 1, null]) },
  { weight: 1, arbitrary: fc.constant([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(0, 0, 1, 1, 2, null), { minLength: 6, maxLength: 10 }),
  },
);

type Wait =
  | { readonly kind: 'for'; readonly ms: number }
  | { readonly kind: 'until'; readonly pick: number; readonly offset: number };

interface OperationStep {
  readonly operation: Operation;
  readonly wait: Wait;
  readonly again: 'no' | 'same' | 'changed';
  readonly by: string | null;
  readonly commandId: number | null;
  readonly damage: number | null;
}

const duration = (unit: number, min: number, max: number): fc.Arbitrary<Wait> =>
  fc.integer({ min, max }).map((n): Wait => ({ kind: 'for', ms: n * unit }));

const wait: fc.Arbitrary<Wait> = fc.oneof(
  { weight: 40, arbitrary: fc.constant<Wait>({ kind: 'for', ms: 0 }) },
  { weight: 2, arbitrary: duration(1, 1, 3) },
  { weight: 24, arbitrary: duration(hour, 1, 60) },
  { weight: 12, arbitrary: duration(day, 2, 9) },
  {
    weight: 22,
    arbitrary: fc
      .record({
        pick: weighted([5, 0], [3, 1]),
        offset: weighted([4, 0], [2, -1], [1, 1], [4, 7 * hour]),
      })
      .map((aim): Wait => ({ kind: 'until', ...aim })),
  },
);

const operation: fc.Arbitrary<Operation> = fc.record({
  command: weighted(
    [22, 'Burst'],
    [8, 'Season'],
    [4, 'Expel'],
    [3, 'Return'],
    [4, 'Staff'],
    [3, 'Transfer'],
    [6, 'DeductAssessed'],
    [5, 'BindCreator'],
    [4, 'UnbindCreator'],
    [2, 'GrantExposureRight'],
    [2, 'WithdrawExposureRight'],
    [9, 'RecordSession'],
    [6, 'CorrectSession'],
    [4, 'VoidSession'],
    [5, 'FileComplaint'],
    [5, 'CloseComplaint'],
    [8, 'MergeComplaints'],
    [8, 'UnmergeComplaint'],
    [14, 'ComputeAssessment'],
    [4, 'RecordGrowthPost'],
    [5, 'AllocateSlots'],
    [7, 'WaiveSlot'],
    [12, 'AssignSlot'],
    [5, 'ProposeTheme'],
    [3, 'SelectTheme'],
    [2, 'DeclareBlackout'],
  ),
  agency: weighted([30, 0], [22, 1], [6, 2], [3, 3], [1, 9]),
  creator: fc.oneof(
    { weight: 40, arbitrary: fc.nat(9) },
    { weight: 1, arbitrary: fc.constant(99) },
  ),
  target: weighted([5, 0], [3, 1], [2, 2], [1, 3], [1, 7]),
  stray: weighted([14, 'likely'], [3, 'all'], [1, 'unknown']),
  collide: weighted([20, false], [1, true]),
  n: weighted([8, 20], [5, 10], [1, 9], [1, 11], [1, 2], [1, 5], [1, 7]),
  tilt: weighted([6, 0], [1, -1], [1, 1]),
  scope: weighted<Operation['scope']>([4, 'team'], [3, 'all'], [3, 'partial'], [4, 'creator']),
  month: weighted<number | null>([6, null], [3, 1], [2, 0], [1, 2]),
  beyond: weighted([5, 0], [1, -1], [1, 1], [2, 30 * 60_000]),
  anchor: weighted<Anchor>(
    [5, 'absent'],
    [4, 'spread'],
    [2, 'first'],
    [2, 'last'],
    [1, 'midnight'],
    [2, 'change'],
    [3, 'days'],
    [1, 'ahead'],
  ),
  vertical: weighted([14, 0], [4, 1], [1, 2], [1, 3]),
  amount: weighted<number | null>([16, 100], [2, 200], [1, null], [1, 0], [1, 90_000], [1, 90_001]),
  second: weighted<number | null>([9, null], [1, 100], [1, 50]),
  content: weighted<number | null>([5, 0], [4, 1], [3, null]),
  outcome: weighted([2, 'upheld'], [3, 'dismissed'], [2, 'withdrawn']),
  complainant: weighted([3, 'merchant'], [3, 'creator'], [2, 'consumer'], [1, 'platform']),
  named: weighted([1, 'agency'], [1, 'creator']),
  offset,
  days: weighted([3, 1], [2, 2], [2, 8], [1, 25]),
  fitting: weighted([8, true], [1, false]),
  text: weighted([6, 0], [2, 1], [1, 2]),
});

const operationStep: fc.Arbitrary<OperationStep> = fc.record({
  operation,
  wait,
  again: weighted([30, 'no'], [1, 'same'], [1, 'changed']),
  by: weighted([4, 'officer-1'], [4, 'officer-2'], [1, null]),
  commandId: sometimes(12, fc.nat(30)),
  damage: sometimes(2, fc.nat(100)),
});

const eitherStep: fc.Arbitrary<OperationStep | Step> = fc.oneof(
  { weight: 8, arbitrary: operationStep },
  { weight: 2, arbitrary: step },
);

// From steps to lines

interface Drawn {
  readonly mode: Mode;
  readonly start: number;
  readonly admissions: readonly Admission[];
  readonly roster: readonly (number | null)[];
  readonly since: Since;
  readonly steps: readonly (OperationStep | Step)[];
}

function resolve({ mode, start, admissions, roster, since, steps }: Drawn): {
  lines: CommandLine[];
  oracle: Oracle;
} {
  const oracle = new Oracle(mode);
  const lines: CommandLine[] = [];
  const send = (line: CommandLine): void => {
    lines.push(line);
    oracle.apply(line);
  };
  const opening = { at: formatInstant(start), by: 'officer-1' };
  const admitted = admissions.map((each) => admittedAt(each, start));
  for (const [index, instant] of admitted.entries()) {
    const agencyId = `a${String(index + 1)}`;
    const data = {
      agencyId,
      name: `Agency ${String(index + 1)}`,
      effectiveAt: formatInstant(instant),
    };
    send({ ...opening, command: 'AdmitAgency', data });
  }
  const from = { month: startOfMonth(monthBack(start, 1)), week: plusDays(start, -7), now: start }[
    since
  ];
  for (const [index, agency] of roster.entries()) {
    const instant = agency === null ? undefined : admitted[agency];
    if (agency === null || instant === undefined) continue;
    const effectiveAt = formatInstant(Math.max(from, instant));
    const data = { agencyId: `a${String(agency + 1)}`, creatorId: creatorPool[index], effectiveAt };
    send({ ...opening, command: 'BindCreator', data });
  }
  for (const drawn of steps) {
    // Periods are not stated ahead of their year: the readings differ on the event that then opens
    // the pending expulsion (R 23, R 65).
    if ('choice' in drawn) {
      const period = drawn.choice.period === 1 ? null : drawn.choice.period;
      play({ ...drawn, choice: { ...drawn.choice, period } }, { oracle, lines, send });
    } else perform(drawn, { oracle, lines, send });
  }
  return { lines, oracle };
}

function admittedAt(drawn: Admission, start: number): number {
  if (drawn.kind === 'ago') return plusDays(start, -drawn.days);
  return Math.min(
    plusDays(startOfMonth(monthsAfter(monthOf(start), drawn.months)), -drawn.days) + 9 * hour,
    start,
  );
}

function perform(
  { operation, wait, again, by, commandId, damage }: OperationStep,
  stage: Stage,
): void {
  const { oracle, lines, send } = stage;
  const now = parseInstant(oracle.now) ?? 0;
  const at = Math.min(Math.max(instantOf(wait, operation, now), now), last);
  const earlier = again === 'no' ? undefined : lines.at(-1 - operation.target * 3);
  if (earlier !== undefined) {
    const data = again === 'changed' ? changed(earlier['data'], operation.text) : earlier['data'];
    send({ ...earlier, at: formatInstant(at), data });
    return;
  }
  const isBurst = ['Burst', 'Season', 'Staff', 'Transfer'].includes(operation.command);
  for (const { command, data } of commandsOf(operation, () => oracle.facts, at)) {
    const line: CommandLine = {
      at: operation.text === 2 ? new Date(at).toISOString() : formatInstant(at),
      command,
      ...(by === null ? {} : { by }),
      ...(commandId === null || isBurst ? {} : { commandId: `c${String(commandId)}` }),
      data,
    };
    send(damage === null || isBurst ? line : damaged(line, damage, at));
  }
}

function instantOf(wanted: Wait, { command }: Operation, now: number): number {
  if (wanted.kind === 'for') {
    const next = operationInstants(command, now)[0];
    const isClosed =
      command === 'ProposeTheme' && next !== undefined && dateOf(next).endsWith('-10');
    return (isClosed && wanted.ms < 12 * hour ? next : now) + wanted.ms;
  }
  const ahead = operationInstants(command, now).filter((instant) => instant + wanted.offset > now);
  const aim = ahead[Math.min(wanted.pick, ahead.length - 1)];
  return aim === undefined ? now + hour : aim + wanted.offset;
}
