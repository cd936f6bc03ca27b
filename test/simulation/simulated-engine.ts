import {
  jsonProposal,
  WireLog,
  type AppendResult,
  type ExpectedRevision,
  type ProposedEvent,
  type WireEvent,
} from '../support/eventstoredb/index.js';
import { currentChoices } from './seeded-chance.js';
import { currentTime, processCalled, type Process } from './virtual-time.js';

/** The fate of one append: its way to the engine, and the way of the answer. */
export type AppendFault =
  | { readonly kind: 'lost request' }
  | { readonly kind: 'lost answer' }
  | { readonly kind: 'late request'; readonly ms: number }
  | { readonly kind: 'late answer'; readonly ms: number }
  /** The node stands still between its decision to write and the write. */
  | { readonly kind: 'paused'; readonly ms: number }
  /** The engine says that it gave up, and did or did not. */
  | { readonly kind: 'gave up'; readonly stored: boolean };

/** The fate of one read: it fails, comes late, or ends before its end. */
export type ReadFault =
  | { readonly kind: 'broken' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'cut short' };

type Stored = readonly [expected: ExpectedRevision, events: readonly ProposedEvent[]];

/** One engine that nodes share, in the place of a cluster: its log, and what the network does. */
export class SimulatedEngine {
  readonly log: WireLog;
  /** The engine and the network: nobody stops them. */
  readonly process: Process = processCalled('engine');
  readonly #appendFaults = new Map<string, AppendFault[]>();
  readonly #readFaults = new Map<string, ReadFault[]>();
  readonly #breaks = new Set<() => void>();
  #downUntilMs = 0;
  /** The distance of its clock, by which it judges deadlines: one far behind keeps late appends. */
  clockAheadMs = 0;

  constructor(events: readonly WireEvent[] = []) {
    this.log = new WireLog({ now: () => currentTime().nowMs });
    // Records of the same lengths come to lie at the same positions.
    for (const { stream, revision, ...event } of events)
      this.log.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [event]);
  }

  get isUp(): boolean {
    return currentTime().nowMs >= this.#downUntilMs;
  }

  /** Answers nobody for a while; connections break. What was on its way may have arrived. */
  goDown(ms: number): void {
    this.#downUntilMs = Math.max(this.#downUntilMs, currentTime().nowMs + ms);
    for (const each of [...this.#breaks]) each();
  }

  /** Another program writes to the engine, so that positions have gaps. */
  writeBeside(): void {
    this.log.append('others', 'any', [
      jsonProposal(
        `00000000-0000-4000-8000-${String(this.log.slots.length).padStart(12, '0')}`,
        'Other',
        {},
      ),
    ]);
  }

  onBreak(listener: () => void): () => void {
    this.#breaks.add(listener);
    return () => this.#breaks.delete(listener);
  }

  /** The next append of a node, or the next but those that wait already, has this fate. */
  nextAppend(node: string, fault: AppendFault): void {
    this.#appendFaults.set(node, [...(this.#appendFaults.get(node) ?? []), fault]);
  }

  nextRead(node: string, fault: ReadFault): void {
    this.#readFaults.set(node, [...(this.#readFaults.get(node) ?? []), fault]);
  }

  appendFault(node: string): AppendFault | undefined {
    return this.#appendFaults.get(node)?.shift();
  }

  readFault(node: string): ReadFault | undefined {
    return this.#readFaults.get(node)?.shift();
  }

  forgetFaults(): void {
    this.#appendFaults.clear();
    this.#readFaults.clear();
    this.#downUntilMs = 0;
    this.clockAheadMs = 0;
  }

  /** Stores what a node appends. */
  append(stream: string, ...call: Stored): AppendResult {
    return this.log.append(stream, ...call);
  }

  /** The time of one way through the network. */
  travelMs(): number {
    return 1 + currentChoices().below(4);
  }
}

let current = new SimulatedEngine();

export function currentEngine(): SimulatedEngine {
  return current;
}

/** Begins another run. */
export function useEngine(engine: SimulatedEngine): void {
  current = engine;
}
