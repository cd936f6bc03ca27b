import fc from 'fast-check';
import { engineRuns } from './engine-place.js';
import { machineRuns } from './machine-place.js';
import { engineSchedules, machineSchedules } from './schedules.js';

jest.setTimeout(120_000);

it.each([
  ['nodes on an engine', engineRuns, engineSchedules],
  ['one machine', machineRuns, machineSchedules],
] as const)('a schedule of %s gives the same run every time', async (_, runs, schedules) => {
  const run = await runs();
  for (const schedule of fc.sample(schedules, { seed: 1, numRuns: 8 })) {
    const first = await run(schedule);
    expect(first.trace.length).toBeGreaterThan(10);
    expect(await run(schedule)).toEqual(first);
  }
});
