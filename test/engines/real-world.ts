import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient, type Position } from '@eventstore/db-client';
import { agencies, commands, deductionIds } from '../simulation/commands.js';
import { ledgerLogOf, type EngineEvent, type LedgerLog } from '../simulation/engine-log.js';
import type { History } from '../simulation/history.js';
import type { Step } from '../simulation/schedule.js';
import { ScheduledNode } from './scheduled-node.js';

/** The term of the lease, as short as in test/simulation. */
export const termMs = 6_000;

/** The longest that healed nodes are waited for; a busy machine starts them slowly. */
const settlingMs = 240_000;

/** The clocks of the nodes begin here, so that what the commands impose still counts. */
const behindMs = Date.now() - Date.UTC(2019, 6, 1);

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Attempt = Mutable<History['attempts'][number]>;

/** Nodes of one new ledger on the engine, and the people who use them. */
export class RealWorld {
  readonly attempts: Attempt[] = [];
  readonly asked: History['asked'][number][] = [];
  readonly checkpoints: string[] = [];
  readonly crashes: string[] = [];
  readonly #nodes: (ScheduledNode | undefined)[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'penalty-ledger-'));
  readonly #ledger = `t${randomUUID().replaceAll('-', '')}`;
  readonly #client: EventStoreDBClient;
  #beginning: Position | 'start' = 'start';
  #runs = 0;
  #isHealing = false;

  constructor(
    private readonly url: string,
    count: number,
  ) {
    this.#client = EventStoreDBClient.connectionString(url);
    this.#nodes = Array.from({ length: count }, () => undefined);
  }

  get nodes(): readonly ScheduledNode[] {
    return this.#nodes.filter((each) => each !== undefined);
  }

  async begin(): Promise<void> {
    const last = this.#client.readAll({
      direction: 'backwards',
      fromPosition: 'end',
      maxCount: 1,
    });
    for await (const { event } of last) this.#beginning = event?.position ?? 'start';
    await this.heal();
    this.#isHealing = false;
  }

  async log(): Promise<LedgerLog> {
    const events: EngineEvent[] = [];
    for await (const { event } of this.#client.readAll({ fromPosition: this.#beginning }))
      if (event?.streamId.startsWith(this.#ledger) === true)
        events.push({
          stream: event.streamId,
          revision: event.revision,
          data: asBytes(event.data),
          metadata: asBytes(event.metadata),
        });
    return ledgerLogOf(events, this.#ledger);
  }

  start(index: number): void {
    if (this.#nodes[index]?.isAlive === true) return;
    this.#runs += 1;
    const name = `n${String(index)}#${String(this.#runs)}`;
    const url = `${this.url}${this.url.includes('?') ? '&' : '?'}ledger=${this.#ledger}`;
    this.#nodes[index] = new ScheduledNode(
      name,
      [url, name, String(termMs), String(behindMs)],
      {
        ...process.env,
        LEDGER_ALLOW_INSECURE: '1',
        LEDGER_DATA: join(this.#folder, `n${String(index)}`),
        LEDGER_KEYS: join(this.#folder, 'shared.keys.db'),
      },
      (error) => this.crashes.push(error),
    );
  }

  async do(step: Step): Promise<void> {
    const index = 'node' in step ? step.node % this.#nodes.length : 0;
    const node = this.#nodes[index];
    switch (step.do) {
      case 'wait':
        await pause(step.ms);
        return;
      case 'start':
        this.start(index);
        return;
      case 'kill':
        await node?.kill();
        return;
      case 'pause':
        node?.pause(step.ms);
        return;
      case 'stop':
        node?.order('stop').catch(() => undefined);
        return;
      case 'send':
        if (node?.isAlive === true) void this.send(node, [step.command]);
        return;
      case 'sign':
        if (node?.isAlive === true) void this.sign(node);
        return;
      case 'ask':
        if (node?.isAlive === true) void this.ask(node, step.agency);
        return;
      default:
        throw new Error(`a real engine has no step "${step.do}"`);
    }
  }

  /** Says whether the node took the commands. */
  async send(node: ScheduledNode, sent: readonly number[]): Promise<boolean> {
    const attempts = sent.map((command): Attempt => ({
      node: node.name,
      command,
      outcome: 'unknown',
    }));
    this.attempts.push(...attempts);
    try {
      const answer = await node.order('send', { commands: sent.map((each) => commands[each]) });
      const outcomes = answer as readonly string[] | null;
      attempts.forEach((each, index) => (each.outcome = outcomes?.[index] ?? 'refused'));
      return outcomes !== null;
    } catch {
      // Without an answer its sender knows nothing, and may send it again.
      return false;
    }
  }

  async sign(node: ScheduledNode): Promise<void> {
    const note = await node.order('sign').catch(() => null);
    if (note !== null) this.checkpoints.push(note as string);
  }

  async ask(node: ScheduledNode, agency: string): Promise<void> {
    const isAfterFaults = this.#isHealing;
    const { length: before } = (await this.log()).events;
    let answer: unknown;
    try {
      answer = await node.order('ask', { agency });
    } catch (error) {
      // While there are faults, an error is an honest answer.
      if (!isAfterFaults) return;
      answer = { error: String(error) };
    }
    const { length: after } = (await this.log()).events;
    this.asked.push({ node: node.name, agency, before, after, answer });
  }

  /** Wakes and starts every node, and waits until one takes commands and all answer. */
  async heal(): Promise<ScheduledNode> {
    this.#isHealing = true;
    const untilMs = performance.now() + settlingMs;
    while (performance.now() < untilMs) {
      for (const index of this.#nodes.keys()) {
        this.#nodes[index]?.wake();
        this.start(index);
      }
      const states = await Promise.all(
        this.nodes.map((each) =>
          Promise.race([
            each.order('state').catch(() => undefined),
            pause(10_000, undefined, { ref: false }),
          ]),
        ),
      );
      const writer = states.findIndex(
        (state) => (state as { role?: string } | undefined)?.role === 'writer',
      );
      if (writer >= 0 && states.every((state) => state !== undefined))
        return this.nodes[writer] as ScheduledNode;
      await pause(500);
    }
    const states = this.nodes.map(
      ({ name, isAlive, said }) => `${name} ${String(isAlive)} ${said}`,
    );
    throw new Error(`after the faults, no node takes commands: ${states.join('; ')}`);
  }

  /** Sends every command again, until a node has answered all. */
  async sendAll(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) {
      const writer = await this.heal();
      const answered = await Promise.race([
        this.send(writer, [...commands.keys()]),
        pause(settlingMs, false, { ref: false }),
      ]);
      if (answered) return this.sign(writer);
    }
    throw new Error('after the faults, commands get no outcome');
  }

  async history(): Promise<History> {
    await this.sendAll();
    for (const node of this.nodes) for (const agency of agencies) await this.ask(node, agency);
    const readModels: History['readModels'][number][] = [];
    for (const node of this.nodes) {
      const looked = await node.order('look', { agencies, deductions: deductionIds });
      readModels.push({
        node: node.name,
        ...(looked as Omit<History['readModels'][number], 'node'>),
      });
    }
    return {
      ...(await this.log()),
      attempts: this.attempts,
      asked: this.asked,
      readModels,
      delivered: undefined,
      checkpoints: this.checkpoints,
      unhandled: this.crashes,
      trace: [],
    };
  }

  async end(): Promise<void> {
    for (const node of this.nodes) await node.kill();
    await this.#client.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The bytes of a JSON event, which the client has parsed. */
function asBytes(content: unknown): Uint8Array {
  return content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content ?? {}));
}
