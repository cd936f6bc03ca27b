import fc from 'fast-check';
import { rounds } from '../support/rounds.js';
import { problemsOf } from './checker.js';
import type { History } from './history.js';
import type { Schedule } from './schedule.js';

export type Run = (schedule: Schedule) => Promise<History>;

/** The schedules to try, and where a failure is to be repeated. */
export interface Trial {
  /** The test file, from the root of the repository. */
  readonly spec: string;
  readonly schedules: fc.Arbitrary<Schedule>;
  /** The number of them in one round. */
  readonly count: number;
}

const seed = Number(process.env['LEDGER_TEST_SEED'] ?? 1);
const path = process.env['LEDGER_TEST_PATH'];

/** Runs schedules until one fails, shortens it, and throws what is wrong with the shortest. */
export async function checkSchedules(run: Run, { spec, schedules, count }: Trial): Promise<void> {
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const history = await run(schedule);
    const problems = problemsOf(history);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  });
  const { failed, counterexample, counterexamplePath, errorInstance, numShrinks } = await fc.check(
    property,
    path === undefined ? { seed, numRuns: count * rounds } : { seed, path, endOnFailure: true },
  );
  if (!failed) return;
  const [schedule] = counterexample ?? [];
  const steps = schedule?.steps.map((step) => `  ${JSON.stringify(step)},`) ?? [];
  throw new Error(
    [
      errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
      `seed ${String(seed)}, path ${String(counterexamplePath)}, ` +
        `the shortest of ${String(numShrinks + 1)} that fail:`,
      `{ seed: ${String(schedule?.seed)}, nodes: ${String(schedule?.nodes)}, steps: [`,
      ...steps,
      '] }',
      'To repeat it: ' +
        `LEDGER_TEST_SEED=${String(seed)} LEDGER_TEST_PATH=${String(counterexamplePath)} ` +
        `npx jest ${spec}`,
    ].join('\n'),
    { cause: errorInstance },
  );
}

/**
 * Runs schedules until one shows a problem; `undefined` when none of them does. For faults that are
 * put in on purpose.
 */
export async function firstProblem(
  run: Run,
  { schedules, count }: Omit<Trial, 'spec'>,
): Promise<string | undefined> {
  for (const schedule of fc.sample(schedules, { seed, numRuns: count })) {
    const problem = await run(schedule).then(
      (history) => problemsOf(history)[0],
      (error: unknown) => String(error),
    );
    if (problem !== undefined) return problem;
  }
  return undefined;
}
