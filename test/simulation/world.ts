import './simulated-host.js';
import type { Outcome } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { Webhooks, WebhookSecrets } from '@penalty-ledger/application/webhooks';
import { instantOf } from '@penalty-ledger/ledger';
import { currentDisk, useDisk } from '../power-loss/current-disk.js';
import { Choices } from '../power-loss/power-loss.js';
import { diskRoot, SimulatedDisk, type DiskImage } from '../power-loss/simulated-disk.js';
import {
  dropConnections,
  loadSimulatedSqlite,
  ownConnectionsBy,
} from '../power-loss/simulated-sqlite.js';
import { agencies, commands, deductionIds } from './commands.js';
import type { History, KeptEvent } from './history.js';
import type { Schedule, Step } from './schedule.js';
import { useChoices } from './seeded-chance.js';
import { SimulatedNode } from './simulated-node.js';
import { currentTime, processCalled, useTime, VirtualTime } from './virtual-time.js';
import { receiver } from './webhook-receiver.js';

const access = `${diskRoot}/access.db`;

/** The longest that healed nodes are waited for. */
const settlingMs = 180_000;

/** The longest that a message is on its way. */
export const maxTravelMs = 10_000;

/** The place where the events of a world's ledger are: an engine, or a file. */
export interface Place {
  urlOf(node: string): string;
  /** Everything that is stored now, read without the ledger. */
  events(): readonly KeptEvent[];
  /** Carries out the steps that are the place's own. */
  do(step: Step, node: SimulatedNode): void;
  /** Takes the power from a node's machine, where nothing was forced to the disk. */
  losePower(node: string, kill: (node: string) => void): void;
  /** Ends its faults. */
  heal(): void;
  /** The published checkpoints, in their order. */
  published(): readonly string[];
  /** True where every node but the first is a process that only reads. */
  readonly hasOneWriter: boolean;
  /** The number of events that are kept and not in the ledger. */
  readonly late: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Nodes of one ledger, and the people who use them. */
export class World {
  readonly attempts: Mutable<History['attempts'][number]>[] = [];
  readonly asked: History['asked'][number][] = [];
  readonly readModels: History['readModels'][number][] = [];
  readonly checkpoints: string[] = [];
  /** The errors after the faults had ended. */
  readonly failures: unknown[] = [];
  readonly #nodes: (SimulatedNode | undefined)[];
  readonly #clocks: number[] = [];
  #runs = 0;
  #isHealing = false;

  constructor(
    seed: number,
    count: number,
    image: DiskImage | undefined,
    makePlace: () => Place,
    readonly place: Place = begun(seed, image, makePlace),
  ) {
    this.#nodes = Array.from({ length: count }, () => undefined);
  }

  get nodes(): readonly SimulatedNode[] {
    return this.#nodes.filter((each) => each !== undefined);
  }

  async start(index: number): Promise<void> {
    const running = this.#nodes[index];
    if (running?.isFailed === true) running.kill();
    if (running?.process.isAlive === true) return;
    this.#runs += 1;
    const name = `n${String(index)}`;
    const isReader = index > 0 && this.place.hasOneWriter;
    const node = new SimulatedNode(name, this.#runs, this.place.urlOf(name), access, isReader);
    node.process.clockAheadMs = this.#clocks[index] ?? 0;
    this.#nodes[index] = node;
    await node.start();
  }

  async do(step: Step): Promise<void> {
    const time = currentTime();
    const index = 'node' in step ? step.node % this.#nodes.length : 0;
    const node = this.#nodes[index];
    const isAlive = node?.process.isAlive === true;
    switch (step.do) {
      case 'send':
        if (isAlive) await this.send(node, [step.command]);
        return;
      case 'wait':
        await time.pass(step.ms);
        return;
      case 'pause':
        if (isAlive) node.process.stoppedUntilMs = time.nowMs + step.ms;
        return;
      case 'kill':
        node?.kill();
        return;
      case 'start':
        await this.start(index);
        return;
      case 'stop':
        if (isAlive) await node.stop();
        return;
      case 'sign':
        if (isAlive) await this.sign(node);
        return;
      case 'set clock':
        this.#clocks[index] = step.aheadMs;
        if (node !== undefined) node.process.clockAheadMs = step.aheadMs;
        return;
      case 'ask':
        if (isAlive) await this.ask(node, step.agency);
        return;
      case 'receiver':
        receiver.plan(step.answers);
        return;
      case 'power loss':
        this.place.losePower(node?.name ?? '', (name) => {
          for (const each of this.nodes) if (each.name === name) each.kill();
        });
        return;
      default:
        if (node !== undefined) this.place.do(step, node);
    }
  }

  async send(node: SimulatedNode, sent: readonly number[]): Promise<History['attempts']> {
    const attempts = sent.map((command): Mutable<History['attempts'][number]> => ({
      node: node.process.name,
      command,
      outcome: 'unknown',
    }));
    this.attempts.push(...attempts);
    const { outcomes } = await node.send(sent.map((command) => commands[command]!));
    if (outcomes === undefined) for (const each of attempts) each.outcome = 'refused';
    else
      outcomes.then(
        (known: readonly Outcome[]) => {
          known.forEach(({ code, status }, index) => (attempts[index]!.outcome = code ?? status));
        },
        () => undefined,
      );
    return attempts;
  }

  async ask(node: SimulatedNode, agency: string): Promise<void> {
    const before = this.place.events().length;
    const name = node.process.name;
    const isAfterFaults = this.#isHealing;
    const answered = (answer: unknown): void => {
      const after = this.place.events().length;
      this.asked.push({ node: name, agency, before, after, answer });
    };
    await currentTime().as(node.process, () => {
      node.reader
        ?.answer({ query: 'balance', agencyId: agency })
        .then(answered, (error: unknown) => {
          // While there are faults, an error is an honest answer.
          if (isAfterFaults) answered({ error: String(error) });
        });
    });
  }

  /** Looks at what a node has folded into its read models. */
  async look(node: SimulatedNode): Promise<void> {
    await currentTime().as(node.process, () => {
      const reader = node.reader!;
      const state = async (): Promise<void> => {
        await reader.refresh();
        const eventsOf = agencies.map((id) => [id, reader.agencyMark(id)?.events] as const);
        const agencyOf: [string, string | undefined][] = [];
        for (const id of deductionIds) agencyOf.push([id, await reader.agencyOf('deduction', id)]);
        this.readModels.push({
          node: node.process.name,
          eventsOf: Object.fromEntries(eventsOf),
          agencyOf: Object.fromEntries(agencyOf),
        });
      };
      state().catch((error: unknown) => this.failures.push(error));
    });
  }

  async sign(node: SimulatedNode): Promise<void> {
    await currentTime().as(node.process, () => {
      node.writer?.checkpoint().then(
        (note) => this.checkpoints.push(note),
        () => undefined,
      );
    });
  }

  /** Ends every fault, starts every node, and waits until one takes commands and all answer. */
  async heal(): Promise<SimulatedNode> {
    const time = currentTime();
    this.#isHealing = true;
    this.place.heal();
    receiver.plan([]);
    for (const { process } of this.nodes) process.stoppedUntilMs = 0;
    const untilMs = time.nowMs + settlingMs;
    while (time.nowMs < untilMs) {
      for (const index of this.#nodes.keys()) await this.start(index);
      const writer = this.nodes.find(({ writer }) => writer !== undefined);
      if (writer !== undefined && this.nodes.every(({ isServing }) => isServing)) return writer;
      await time.pass(500);
    }
    const states = this.nodes.map((each) => each.state);
    throw new Error(`after the faults, no node takes commands: ${states.join('; ')}`);
  }

  end(): void {
    for (const node of this.nodes) node.kill();
    dropConnections();
  }
}

let unhandled: string[] = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error)));

function begun(seed: number, image: DiskImage | undefined, makePlace: () => Place): Place {
  useTime(new VirtualTime(processCalled('outside')));
  useChoices(new Choices(seed));
  useDisk(new SimulatedDisk(image));
  ownConnectionsBy(() => currentTime().current);
  receiver.begin();
  unhandled = [];
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
  process.env['LEDGER_DATA'] = `${diskRoot}/data`;
  process.env['LEDGER_KEYS'] = `${diskRoot}/keys.db`;
  process.env['LEDGER_ACCESS'] = access;
  return makePlace();
}

/** Waits in virtual time for something that must happen. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  await currentTime().pass(settlingMs, isSo);
  if (!isSo()) throw new Error(`after the faults, it does not happen that ${what}`);
}

/** A ledger and a webhook on a disk, as every run begins with them. */
export async function madeLedger<P extends Place>(
  makePlace: () => P,
): Promise<{ readonly place: P; readonly image: DiskImage }> {
  await loadSimulatedSqlite();
  const world = new World(1, 1, undefined, makePlace);
  await world.start(0);
  const [node] = world.nodes;
  await until('the first node takes commands', () => node?.writer !== undefined);
  const file = AccessFile.open(access);
  const secrets = new WebhookSecrets(() => node?.writer?.ledger.parts.keys);
  const webhooks = new Webhooks(file, { secrets });
  webhooks.add({ url: 'https://receiver.example.com/' }, undefined, instantOf(0));
  file.close();
  await node?.stop();
  await until('the first node ends', () => node?.process.isAlive !== true);
  const image = currentDisk().image();
  world.end();
  return { place: world.place as P, image };
}

/** Carries out a schedule, ends its faults, and gives everything that was seen. */
export async function run(
  { seed, nodes, steps }: Schedule,
  image: DiskImage,
  makePlace: () => Place,
): Promise<History> {
  const world = new World(seed, nodes, image, makePlace);
  const { place } = world;
  const time = currentTime();
  try {
    for (let index = 0; index < nodes; index += 1) await world.start(index);
    await until('every node opens', () =>
      world.nodes.every(({ reader, isFailed }) => reader !== undefined || isFailed),
    );
    for (const step of steps) await world.do(step);
    await world.heal();
    // What was on its way arrives.
    await time.pass(maxTravelMs);
    const writer = await world.heal();
    const attempts = await world.send(writer, [...commands.keys()]);
    await until('commands sent again get their outcomes', () =>
      attempts.every(({ outcome }) => outcome !== 'unknown'),
    );
    await world.sign(writer);
    const count = world.asked.length + world.nodes.length * agencies.length;
    for (const node of world.nodes) for (const agency of agencies) await world.ask(node, agency);
    await until('every node answers', () => world.asked.length >= count);
    for (const node of world.nodes) await world.look(node);
    await until('the read models of every node hold every event', () => {
      if (world.failures.length > 0) throw world.failures[0];
      return world.readModels.length >= world.nodes.length;
    });
    const last = place.events().at(-1);
    await until('the receiver gets every event', () => {
      const id = receiver.taken.at(-1)?.at(-1);
      return id !== undefined && last?.body.includes(`"id":"${id}"`) === true;
    });
    return {
      attempts: world.attempts,
      asked: world.asked,
      readModels: world.readModels,
      events: place.events(),
      delivered: receiver.taken,
      published: place.published(),
      checkpoints: world.checkpoints,
      late: place.late,
      unhandled: [...unhandled],
      trace: time.trace,
    };
  } finally {
    world.end();
  }
}
