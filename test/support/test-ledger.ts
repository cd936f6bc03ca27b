import {
  answerSchemas,
  applyLines,
  KeyStore,
  LedgerWriter,
  LedgerReader,
  QueryErrorSchema,
  readQuery,
  simulationRules,
  simulationStart,
  systemClock,
  type QueryName,
  type ReadText,
} from '@penalty-ledger/application';
import { MemoryEventStore, MemoryLog, type EventStore } from '@penalty-ledger/event-store';
import {
  checkOf,
  endOf,
  idDefects,
  leafHashOf,
  placeAfter,
  placeDefects,
  readEnvelope,
  readEvent,
  timeDefects,
  type Check,
  type LedgerEvent,
  type Mode,
  type StreamEnd,
} from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';

/** An outcome line without its number. */
export interface TestOutcome {
  readonly status: string;
  readonly code: string | null;
  readonly events: readonly string[];
  readonly findings: readonly string[];
}

const errorCheck = checkOf(QueryErrorSchema, 'answer');
const answerChecks = Object.fromEntries(
  Object.entries(answerSchemas).map(([name, schema]) => [name, checkOf(schema, 'answer')]),
) as Record<QueryName, Check>;

/**
 * A whole simulation ledger in memory: lines in, answers out, and {@link TestLedger.check} after
 * any step.
 */
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

  /** Takes lines of one batch. */
  applyTogether(values: readonly unknown[]): Promise<readonly TestOutcome[]> {
    const bytes = new Uint8Array();
    return this.applyLines([values.map((value, index) => ({ line: index + 1, bytes, value }))]);
  }

  /** Takes the lines of a file as `simulate` does. */
  async applyLines(
    lines: AsyncIterable<readonly ReadText[]> | Iterable<readonly ReadText[]>,
  ): Promise<readonly TestOutcome[]> {
    const outcomes: TestOutcome[] = [];
    const send = this.ledger.handleAll.bind(this.ledger);
    for await (const batch of applyLines(inTurn(lines), this.#rules, { send }))
      for (const { outcome } of batch) {
        const { status, code, events, findings } = outcome;
        outcomes.push({ status, code, events, findings });
      }
    return outcomes;
  }

  /** Ends a run of lines as `simulate` does. */
  async finish(): Promise<void> {
    if (this.#rules.clock > this.ledger.clock) await this.ledger.rememberClock(this.#rules.clock);
    await this.ledger.settle();
  }

  /** Asks a question; its answer must be as its schema says. */
  async query(value: unknown): Promise<unknown> {
    const read = readQuery(value);
    if (read.problems !== undefined) return { error: 'invalid' };
    const answer = await this.reader.answer(read.query);
    const check = 'error' in answer ? errorCheck : answerChecks[read.query.query];
    expect(check(answer)).toEqual([]);
    return answer;
  }

  /** Every stored event, in order. */
  async events(): Promise<LedgerEvent[]> {
    const events: LedgerEvent[] = [];
    for await (const batch of this.store.readAll()) {
      events.push(...batch.map((record) => readEvent(record)));
    }
    return events;
  }

  /** Every event in form, in place and chained, time never going back, read models as rebuilt. */
  async check(): Promise<void> {
    await this.ledger.settle();
    const ends = new Map<string, StreamEnd>();
    let recordedAt = '';
    for await (const batch of this.store.readAll()) {
      for (const record of batch) {
        const event = readEnvelope(record.body);
        if ('problem' in event) throw new Error(`${record.body}: ${event.message.en}`);
        const { stream, revision } = event;
        const before = ends.get(stream);
        expect([
          ...placeDefects(event, placeAfter(stream, before)),
          ...timeDefects(event, recordedAt),
          ...idDefects(event, stream, before, 'test'),
        ]).toEqual([]);
        recordedAt = event.recordedAt;
        const leafHash = leafHashOf(record.body);
        ends.set(stream, endOf(event, { revision, leafHash }, before));
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

async function* inTurn<T>(each: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* each;
}
