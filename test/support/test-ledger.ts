import {
  KeyStore,
  LedgerWriter,
  LedgerReader,
  readQuery,
  simulationRules,
  simulationStart,
  systemClock,
  type TimedLine,
} from '@penalty-ledger/application';
import { MemoryEventStore, MemoryLog, type EventStore } from '@penalty-ledger/event-store';
import {
  canonicalJson,
  leafHashOf,
  noPreviousEvent,
  readCommandLine,
  type LedgerEvent,
  type Mode,
} from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';

/** An outcome line without its number. */
export interface TestOutcome {
  readonly status: string;
  readonly code: string | null;
  readonly events: readonly string[];
  readonly findings: readonly string[];
}

/** A whole simulation ledger in memory: lines in, answers out, and {@link TestLedger.check} after any step. */
export class TestLedger {
  readonly #rules;

  private constructor(
    readonly ledger: LedgerWriter,
    readonly reader: LedgerReader,
    readonly store: EventStore,
    readonly readModels: ReadModels,
    readonly keys: KeyStore,
  ) {
    this.#rules = simulationRules(ledger.clock);
  }

  static async open(
    mode: Mode,
    store: EventStore = new MemoryEventStore(new MemoryLog()),
  ): Promise<TestLedger> {
    const parts = {
      store,
      keys: KeyStore.open(':memory:'),
      readModels: ReadModels.open(':memory:'),
      zoneDataVersion: 'test',
    };
    const settings = { ledgerId: 'test', mode, simulation: true, zone: 'Asia/Shanghai' };
    const ledger = await LedgerWriter.open(parts, {
      settings,
      at: simulationStart,
      actor: 'simulation',
    });
    const reader = await LedgerReader.open({ ...parts, clock: systemClock });
    if (ledger === undefined || reader === undefined)
      throw new Error('the test ledger did not open');
    return new TestLedger(ledger, reader, store, parts.readModels, parts.keys);
  }

  /** Takes one line as `simulate` does, without its text. */
  async apply(value: unknown): Promise<TestOutcome> {
    const [outcome] = await this.applyTogether([value]);
    return outcome!;
  }

  /** Takes lines that came together. */
  async applyTogether(values: readonly unknown[]): Promise<readonly TestOutcome[]> {
    const timed = this.#rules.together();
    const read = values.map((value): TimedLine | undefined => {
      const reading = readCommandLine(value);
      const line = reading.problems === undefined ? reading.line : undefined;
      const when = timed(line, value, { line: 1, bytes: new Uint8Array(), value });
      return line === undefined || 'problem' in when ? undefined : { line, now: when.now };
    });
    const outcomes = (
      await this.ledger.handleAll(read.filter((each) => each !== undefined))
    ).values();
    return read.map((each) => {
      if (each === undefined)
        return { status: 'rejected', code: 'invalid', events: [], findings: [] };
      const { status, code, events, findings } = outcomes.next().value!;
      return { status, code, events, findings };
    });
  }

  /** Ends a run of lines as `simulate` does. */
  async finish(): Promise<void> {
    if (this.#rules.clock > this.ledger.clock) await this.ledger.rememberClock(this.#rules.clock);
    await this.ledger.settle();
  }

  async query(value: unknown): Promise<unknown> {
    const read = readQuery(value);
    return read.problems === undefined ? this.reader.answer(read.query) : { error: 'invalid' };
  }

  /** Every stored event, in order. */
  async events(): Promise<LedgerEvent[]> {
    const events: LedgerEvent[] = [];
    for await (const batch of this.store.readAll()) {
      for (const record of batch) events.push(JSON.parse(record.body) as LedgerEvent);
    }
    return events;
  }

  /** Streams gapless and chained, time never going back, and read models equal to a rebuild. */
  async check(): Promise<void> {
    await this.ledger.settle();
    const heads = new Map<string, { revision: number; leafHash: string }>();
    let recordedAt = '';
    for await (const batch of this.store.readAll()) {
      for (const record of batch) {
        const event = JSON.parse(record.body) as LedgerEvent;
        const head = heads.get(event.stream) ?? { revision: -1, leafHash: noPreviousEvent };
        expect([event.stream, event.revision, event.previous]).toEqual([
          event.stream,
          head.revision + 1,
          head.leafHash,
        ]);
        expect(event.recordedAt >= recordedAt).toBe(true);
        expect(record.body).toBe(canonicalJson(event));
        recordedAt = event.recordedAt;
        heads.set(event.stream, { revision: event.revision, leafHash: leafHashOf(record.body) });
      }
    }
    const rebuilt = ReadModels.open(':memory:');
    await rebuilt.catchUp(this.store);
    expect(this.readModels.digests()).toEqual(rebuilt.digests());
    rebuilt.close();
  }

  async close(): Promise<void> {
    await this.ledger.close();
  }
}
