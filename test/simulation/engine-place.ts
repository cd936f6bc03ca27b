import type { DiskImage } from '../power-loss/simulated-disk.js';
import type { WireEvent } from '../support/eventstoredb/index.js';
import type { History, KeptEvent } from './history.js';
import type { Schedule, Step } from './schedule.js';
import { SimulatedEngine, useEngine } from './simulated-engine.js';
import type { SimulatedNode } from './simulated-node.js';
import { madeLedger, run, type Place } from './world.js';

const prefix = 'ledger/';

/** Events on an engine that the nodes share. */
export class EnginePlace implements Place {
  readonly engine: SimulatedEngine;

  constructor(events: readonly WireEvent[] = []) {
    this.engine = new SimulatedEngine(events);
    useEngine(this.engine);
  }

  urlOf(node: string): string {
    return `esdb://${node}:2113?tls=false`;
  }

  events(): readonly KeptEvent[] {
    return this.engine.log
      .events()
      .filter(({ stream }) => stream.startsWith(prefix))
      .map(({ stream, revision, data }) => ({
        stream: stream.slice(prefix.length),
        revision: Number(revision),
        body: Buffer.from(data).toString(),
      }));
  }

  published(): readonly string[] {
    return this.engine.log
      .events('ledger:checkpoints')
      .map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as { note: string }).note);
  }

  get overtaken(): number {
    return this.engine.overtaken;
  }

  do(step: Step, node: SimulatedNode | undefined): void {
    switch (step.do) {
      case 'append fault':
        if (node !== undefined) this.engine.nextAppend(node.process.name, step.fault);
        return;
      case 'read fault':
        if (node !== undefined) this.engine.nextRead(node.process.name, step.fault);
        return;
      case 'engine down':
        this.engine.goDown(step.ms);
        return;
      case 'write beside':
        this.engine.writeBeside();
        return;
      default:
        throw new Error(`an engine has no step "${step.do}"`);
    }
  }

  heal(): void {
    this.engine.forgetFaults();
  }
}

/** Runs schedules, each on a ledger that was made before. */
export async function engineRuns(): Promise<(schedule: Schedule) => Promise<History>> {
  const { place, image }: { place: EnginePlace; image: DiskImage } = await madeLedger(
    () => new EnginePlace(),
  );
  const events = place.engine.log.events();
  return (schedule) => run(schedule, image, () => new EnginePlace(events));
}
