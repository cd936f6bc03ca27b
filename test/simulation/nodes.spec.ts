import { rounds } from '../support/rounds.js';
import { engineRuns } from './engine-place.js';
import { checkSchedules, type Run } from './schedule-check.js';
import { engineSchedules } from './schedules.js';

jest.setTimeout(600_000 * rounds);

let run: Run;
beforeAll(async () => {
  run = await engineRuns();
});

it('nodes on one engine lose nothing, double nothing, and answer what is stored', async () => {
  await checkSchedules(run, {
    spec: 'test/simulation/nodes.spec.ts',
    schedules: engineSchedules,
    count: 300,
  });
});
