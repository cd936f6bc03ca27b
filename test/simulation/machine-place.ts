import { currentDisk, useDisk } from '../power-loss/current-disk.js';
import { afterPowerLoss } from '../power-loss/power-loss.js';
import { diskRoot, SimulatedDisk, type DiskImage } from '../power-loss/simulated-disk.js';
import { DatabaseSync } from '../power-loss/simulated-sqlite.js';
import type { History, KeptEvent } from './history.js';
import type { Schedule, Step } from './schedule.js';
import { currentChoices } from './seeded-chance.js';
import { madeLedger, run, type Place } from './world.js';

const file = `${diskRoot}/data/ledger.db`;

/** Events in a file, on the one disk that everything of a ledger is on. */
export class MachinePlace implements Place {
  readonly late = 0;
  readonly hasOneWriter = true;
  /** The number of the first new file after a power loss, above that of every file before it. */
  #nextFile = 1_000;

  constructor(private image: DiskImage) {}

  urlOf(): string {
    return `sqlite:${file}`;
  }

  events(): readonly KeptEvent[] {
    const disk = currentDisk();
    return disk.withoutFaults(() => {
      const database = new DatabaseSync(file);
      try {
        const select = database.prepare(
          `SELECT name AS stream, revision, body FROM events
           JOIN streams USING (stream_id) ORDER BY position`,
        );
        return select.all() as unknown as KeptEvent[];
      } finally {
        disk.withoutEffect(() => {
          database.drop();
        });
      }
    });
  }

  published(): readonly string[] {
    return [];
  }

  losePower(_node: string, kill: (node: string) => void): void {
    for (const name of ['n0', 'n1']) kill(name);
    this.image = afterPowerLoss(this.image, currentDisk().journal, currentChoices());
    this.#nextFile += 1_000;
    useDisk(new SimulatedDisk(this.image, this.#nextFile));
  }

  do(step: Step): void {
    if (step.do !== 'disk fault') throw new Error(`one machine has no step "${step.do}"`);
    currentDisk().fault = failing(step, diskRoot);
  }

  heal(): void {
    currentDisk().fault = () => undefined;
  }
}

/** The failures of files under a path that a step asks for. */
export function failing(
  { kind, code, after, count }: Extract<Step, { do: 'disk fault' }>,
  under: string,
): SimulatedDisk['fault'] {
  let calls = 0;
  return (attempt) => {
    if (attempt.kind !== kind || !attempt.path.startsWith(under)) return undefined;
    calls += 1;
    return calls > after && calls <= after + count ? code : undefined;
  };
}

/** Runs schedules, each on a ledger that was made before. */
export async function machineRuns(): Promise<(schedule: Schedule) => Promise<History>> {
  const { image } = await madeLedger(() => new MachinePlace(currentDisk().image()));
  return (schedule) => run(schedule, image, () => new MachinePlace(image));
}
