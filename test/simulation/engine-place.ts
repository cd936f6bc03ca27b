import { currentDisk } from '../power-loss/current-disk.js';
import { afterPowerLoss } from '../power-loss/power-loss.js';
import { diskRoot, emptyImage, type DiskImage } from '../power-loss/simulated-disk.js';
import type { WireEvent } from '../support/eventstoredb/index.js';
import { ledgerLogOf, type LedgerLog } from './engine-log.js';
import type { History, KeptEvent } from './history.js';
import { failing } from './machine-place.js';
import type { Schedule, Step } from './schedule.js';
import { currentChoices } from './seeded-chance.js';
import { SimulatedEngine, useEngine } from './simulated-engine.js';
import type { SimulatedNode } from './simulated-node.js';
import { madeLedger, run, type Place } from './world.js';

/** The beginning of the names of a node's own files; keys and webhooks are on a shared volume. */
const localFilesOf = (node: string): string => `${diskRoot}/data/esdb-${node}-`;

/** Events on an engine that the nodes share. */
export class EnginePlace implements Place {
  readonly engine: SimulatedEngine;

  readonly hasOneWriter = false;

  constructor(
    private readonly image: DiskImage,
    events: readonly WireEvent[] = [],
  ) {
    this.engine = new SimulatedEngine(events);
    useEngine(this.engine);
  }

  urlOf(node: string): string {
    return `esdb://${node}:2113?tls=false`;
  }

  events(): readonly KeptEvent[] {
    return this.#read().events;
  }

  get late(): number {
    return this.#read().late;
  }

  published(): readonly string[] {
    return this.#read().published;
  }

  #read(): LedgerLog {
    return ledgerLogOf(this.engine.log.events(), 'ledger');
  }

  losePower(node: string, kill: (node: string) => void): void {
    kill(node);
    const disk = currentDisk();
    const lost = afterPowerLoss(this.image, disk.journal, currentChoices());
    disk.withoutFaults(() => {
      disk.replace(localFilesOf(node), lost);
    });
  }

  do(step: Step, node: SimulatedNode): void {
    switch (step.do) {
      case 'append fault':
        this.engine.nextAppend(node.process.name, step.fault);
        return;
      case 'read fault':
        this.engine.nextRead(node.process.name, step.fault);
        return;
      case 'disk fault':
        currentDisk().fault = failing(step, localFilesOf(node.name));
        return;
      case 'engine down':
        this.engine.goDown(step.ms);
        return;
      case 'set engine clock':
        this.engine.clockAheadMs = step.aheadMs;
        return;
      case 'write beside':
        this.engine.writeBeside();
        return;
      default:
        throw new Error(`an engine has no step "${step.do}"`);
    }
  }

  heal(): void {
    currentDisk().fault = () => undefined;
    this.engine.forgetFaults();
  }
}

/** Runs schedules, each on a ledger that was made before. */
export async function engineRuns(): Promise<(schedule: Schedule) => Promise<History>> {
  const { place, image } = await madeLedger(() => new EnginePlace(emptyImage));
  const events = place.engine.log.events();
  return (schedule) => run(schedule, image, () => new EnginePlace(image, events));
}
