import { rounds } from '../support/rounds.js';
import { machineRuns } from './machine-place.js';
import { checkSchedules, type Run } from './schedule-check.js';
import { machineSchedules } from './schedules.js';

jest.setTimeout(600_000 * rounds);

let run: Run;
beforeAll(async () => {
  run = await machineRuns();
});

it('one machine loses nothing, doubles nothing, and answers what is stored', async () => {
  await checkSchedules(run, {
    spec: 'test/simulation/machine.spec.ts',
    schedules: machineSchedules,
    count: 300,
  });
});
