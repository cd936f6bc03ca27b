import fc from 'fast-check';
import { agencies, commands } from './commands.js';
import type { Schedule, Step } from './schedule.js';
import { termMs } from './simulated-node.js';
import { maxTravelMs } from './world.js';

const node = fc.nat({ max: 2 });

const step = <Rest extends object>(
  what: Step['do'],
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
): fc.Arbitrary<Step> => fc.record({ do: fc.constant(what), ...rest }) as fc.Arbitrary<Step>;

type Weighted = readonly [weight: number, step: fc.Arbitrary<Step>];

const oneOf = (steps: readonly Weighted[]): fc.Arbitrary<Step> =>
  fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary })));

const around = (ms: number): fc.Arbitrary<number> => fc.integer({ min: -ms, max: ms });

const upTo = (ms: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: ms });

/** Steps for any ledger. */
const everywhere: readonly Weighted[] = [
  [8, step('send', { node, command: fc.nat({ max: commands.length - 1 }) })],
  [5, step('wait', { ms: upTo(50) })],
  [4, step('wait', { ms: upTo(maxTravelMs) })],
  [2, step('kill', { node })],
  [2, step('power loss', { node })],
  [2, step('start', { node })],
  [1, step('stop', { node })],
  [1, step('sign', { node })],
  [2, step('pause', { node, ms: upTo(maxTravelMs) })],
  [2, step('ask', { node, agency: fc.constantFrom(...agencies) })],
  [
    1,
    step('receiver', {
      answers: fc.array(fc.constantFrom('taken', 'refused', 'silent', 'lost'), { maxLength: 4 }),
    }),
  ],
];

const diskFault = step('disk fault', {
  node,
  code: fc.constantFrom('EIO', 'ENOSPC', 'EROFS', 'EDQUOT'),
  kind: fc.constantFrom('write', 'sync', 'create'),
  after: fc.nat({ max: 40 }),
  count: fc.constantFrom(1, 3, 1_000_000),
});

const appendFault = fc.oneof(
  fc.record({ kind: fc.constantFrom('lost request', 'lost answer') }),
  fc.record({
    kind: fc.constantFrom('late request', 'late answer', 'paused', 'paused'),
    ms: upTo(maxTravelMs),
  }),
  fc.record({ kind: fc.constant('gave up'), stored: fc.boolean() }),
);
/** A pause at the write from which a node wakes when another may have its lease. */
const longPause = fc.record({
  kind: fc.constant('paused'),
  ms: fc.integer({ min: termMs, max: maxTravelMs }),
});
const readFault = fc.oneof(
  fc.record({ kind: fc.constantFrom('broken', 'cut short') }),
  fc.record({ kind: fc.constant('late'), ms: upTo(maxTravelMs) }),
);

const engineSteps = oneOf([
  ...everywhere,
  [5, step('append fault', { node, fault: appendFault })],
  [2, step('append fault', { node, fault: longPause })],
  [1, step('read fault', { node, fault: readFault })],
  [1, diskFault],
  [1, step('engine down', { ms: upTo(maxTravelMs) })],
  [1, step('set clock', { node, aheadMs: around(termMs / 20) })],
  [1, step('set engine clock', { aheadMs: around(10 * termMs) })],
  [1, step('write beside', {})],
]);

const dayMs = 24 * 3_600_000;

const machineSteps = oneOf([
  ...everywhere,
  [2, step('set clock', { node, aheadMs: around(dayMs) })],
  [3, diskFault],
]);

const several = (steps: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> =>
  fc.array(steps, { minLength: 5, maxLength: 30, size: 'max' });

/** Schedules of two or three nodes on an engine. */
export const engineSchedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(),
  nodes: fc.constantFrom(2, 2, 2, 3),
  steps: several(engineSteps),
});

/** Schedules of one program on one machine, with or without another that reads. */
export const machineSchedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(),
  nodes: fc.constantFrom(1, 2),
  steps: several(machineSteps),
});
