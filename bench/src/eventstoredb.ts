import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EventData, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { type EventStoreDb, openEventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import {
  agencyStream,
  noPreviousEvent,
  recordEvents,
  type EventRecord,
  type NewEvent,
} from '@penalty-ledger/ledger';
import { catchUpInItsOwnThread, ReadModels } from '@penalty-ledger/projections';
import { timed, type Case } from './harness.js';
import { writeDeductions } from './folds.js';
import { now } from './sample.js';

/** The memory limit of the wire server in MiB: a million events take some 3 GB. */
const engineHeapMiB = 12_288;

/** A wire server in a process of its own, which does not keep this one running. */
async function startedEngine(
  syncMs = 0,
): Promise<{ readonly url: string; readonly end: () => void }> {
  const program = fileURLToPath(new URL('./wire-engine.js', import.meta.url));
  const child = fork(program, [String(syncMs)], {
    execArgv: [`--max-old-space-size=${String(engineHeapMiB)}`],
  });
  const [url] = (await once(child, 'message')) as [string];
  child.unref();
  child.channel?.unref();
  return { url, end: () => child.disconnect() };
}

/**
 * An engine for one measurement: the one `LEDGER_TEST_ESDB` names, or else a wire server.
 *
 * @param syncMs the time in which the wire server makes an append durable, in milliseconds
 */
export async function withEngine<T>(act: (url: string) => Promise<T>, syncMs = 0): Promise<T> {
  const given = process.env['LEDGER_TEST_ESDB'];
  if (given !== undefined) return act(given);
  const { url, end } = await startedEngine(syncMs);
  try {
    return await act(url);
  } finally {
    end();
  }
}

/** The seconds that the bare client's loop takes at most on a given engine. */
const secondsEach = 4;

/** The time in which the speed of a given engine is measured, in milliseconds. */
const probeMs = 2_000;

const speeds = new Map<number, Promise<number>>();

/**
 * Returns the number of appends to measure: as many as were asked for on a wire server, and on the
 * engine of `LEDGER_TEST_ESDB` at most as many as the bare client does in a few seconds.
 *
 * @param times by which the work is more than that of one measurement
 */
export async function sizeFor(callers: number, asked: number, times = 1): Promise<number> {
  const given = process.env['LEDGER_TEST_ESDB'];
  if (given === undefined) return asked;
  const speed = speeds.get(callers) ?? bareAppendsASecond(given, callers);
  speeds.set(callers, speed);
  return Math.min(asked, Math.ceil((await speed) * secondsEach * times));
}

async function bareAppendsASecond(url: string, callers: number): Promise<number> {
  return withClient(url, async (client) => {
    const prefix = freshName();
    const untilMs = performance.now() + probeMs;
    let appended = 0;
    const caller = async (_: unknown, number: number): Promise<void> => {
      while (performance.now() < untilMs) {
        await client.appendToStream(`${prefix}/a${String(number)}`, filler());
        appended += 1;
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return (appended * 1000) / probeMs;
  });
}

/** An event as long as a deduction. */
export const filler = (): EventData =>
  jsonEvent({ type: 'DeductionImposed', data: { text: 'x'.repeat(900) } });

async function withStore<T>(
  url: string,
  ledger: string,
  act: (store: EventStoreDb) => Promise<T>,
): Promise<T> {
  const store = openEventStoreDb(`${url}${url.includes('?') ? '&' : '?'}ledger=${ledger}`, {
    access: 'write',
    now: () => now,
    insecure: true,
    environment: process.env,
  });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

export async function withClient<T>(
  url: string,
  act: (client: EventStoreDBClient) => Promise<T>,
): Promise<T> {
  const client = EventStoreDBClient.connectionString(url);
  try {
    return await act(client);
  } finally {
    await client.dispose();
  }
}

/** Returns an unused ledger name: an engine keeps the events of earlier rounds. */
export const freshName = (): string => `bench-${randomUUID().slice(0, 8)}`;

/**
 * Single events, each acknowledged before its caller sends the next; every caller has a stream of
 * its own.
 *
 * @param order 'one at a time': each append stands behind those called before it, and is sent after
 * their acknowledgement; 'together': all are decided at one instant, none on another's stream
 */
export function engineAppends(
  callers: number,
  events: number,
  order: 'together' | 'one at a time' = 'together',
): Case {
  const isOrdered = order === 'one at a time';
  const sample = async (): Promise<readonly (readonly EventRecord[])[]> => {
    const each = Math.ceil((await sizeFor(isOrdered ? 1 : callers, events)) / callers);
    return Array.from({ length: callers }, (_, caller) => sampleStream(`a${String(caller)}`, each));
  };
  const warm = sampleStream('warm', 1);
  return {
    name:
      `engine appends, ${String(callers)} caller${callers === 1 ? '' : 's'}` +
      (isOrdered ? ', one at a time' : ''),
    explanation:
      'ours: an event a time, checked, chained, expected revision stated' +
      (isOrdered
        ? ', each behind those called before it; raw: appendToStream of the bare client with ' +
          'the same events, each sent when the one before it is acknowledged'
        : ', decided at one instant and none on another; raw: appendToStream of the bare ' +
          'client with the same events, by as many callers at once'),
    target: 0.8,
    ours: () =>
      withEngine((url) =>
        withStore(url, freshName(), async (store) => {
          await store.append('agency-warm', 'no_stream', warm);
          const together = isOrdered ? undefined : { group: {}, reads: [] };
          const streams = await sample();
          return timed(streams.flat().length, () =>
            inParallel(streams, (record) =>
              store.append(record.stream, expectedOf(record), [record], together),
            ),
          );
        }),
      ),
    raw: () =>
      withEngine((url) =>
        withClient(url, async (client) => {
          const prefix = freshName();
          const send = (record: EventRecord): Promise<unknown> => {
            const expected = expectedOf(record);
            return client.appendToStream(`${prefix}/${record.stream}`, bareEvent(record), {
              expectedRevision: expected === 'no_stream' ? expected : BigInt(expected),
            });
          };
          await send(warm[0] as EventRecord);
          const streams = await sample();
          return timed(streams.flat().length, () =>
            isOrdered ? inTurn(streams, send) : inParallel(streams, send),
          );
        }),
      ),
  };
}

type Send = (record: EventRecord) => Promise<unknown>;

/** A caller a stream. */
async function inParallel(streams: readonly (readonly EventRecord[])[], send: Send): Promise<void> {
  await Promise.all(
    streams.map(async (records) => {
      for (const record of records) await send(record);
    }),
  );
}

/** One caller: an event of each stream, then the next of each. */
async function inTurn(streams: readonly (readonly EventRecord[])[], send: Send): Promise<void> {
  for (let index = 0; index < (streams[0]?.length ?? 0); index += 1) {
    for (const records of streams) {
      const record = records[index];
      if (record !== undefined) await send(record);
    }
  }
}

/**
 * An engine with a ledger, written once and read by every round; its process ends with the program.
 */
export class FilledEngine {
  #filled: Promise<string> | undefined;
  #deductions: number;
  readonly #ledger = freshName();

  /**
   * @param asked deductions of 1,000 agencies, each decided as a command; up to 100 of one agency
   * are one append, so that a million take minutes
   */
  constructor(
    readonly folder: string,
    asked: number,
  ) {
    this.#deductions = asked;
  }

  /** The number of deductions that are in it, once it is filled. */
  get deductions(): number {
    return this.#deductions;
  }

  async url(): Promise<string> {
    this.#filled ??= this.#fill();
    return this.#filled;
  }

  async withStore<T>(act: (store: EventStoreDb) => Promise<T>): Promise<T> {
    return withStore(await this.url(), this.#ledger, act);
  }

  /** A program without a ledger: reads page after page and discards them. */
  async readByBareLoop(page: () => void = () => undefined): Promise<void> {
    await withClient(await this.url(), (client) =>
      readByBareLoop(client, `${this.#ledger}/`, this.deductions, page),
    );
  }

  async #fill(): Promise<string> {
    const given = process.env['LEDGER_TEST_ESDB'];
    const url = given ?? (await startedEngine()).url;
    this.#deductions = await sizeFor(64, this.#deductions, 2);
    await withStore(url, this.#ledger, (store) =>
      writeDeductions(this.folder, this.deductions, { store, together: 100 }),
    );
    return url;
  }
}

/** A follower that begins at the start of a ledger and reads until it has everything. */
export function engineCatchUp(engine: FilledEngine): Case {
  return {
    name: 'engine catch-up',
    get explanation() {
      return (
        `ours: ${String(engine.deductions)} events followed from the start, each hashed and ` +
        'chained; raw: readAll of the bare client in pages of 1,000'
      );
    },
    target: 0.8,
    ours: () =>
      engine.withStore((store) => {
        const { deductions } = engine;
        return timed(deductions, async () => {
          const end = new AbortController();
          let seen = 0;
          for await (const batch of store.follow({ signal: end.signal })) {
            seen += batch.length;
            if (seen >= deductions) end.abort();
          }
        });
      }),
    raw: async () => {
      await engine.url();
      return timed(engine.deductions, () => engine.readByBareLoop());
    },
  };
}

/** The read models of a ledger built from nothing. */
export function engineRebuild(engine: FilledEngine): Case {
  return {
    name: 'engine rebuild of the read models',
    target: 0.8,
    get explanation() {
      return (
        `ours: a ledger of ${String(engine.deductions)} deductions read, verified and folded ` +
        'into every read model; raw: readAll of the bare client in pages of 1,000. The resident ' +
        'set is looked at after every batch'
      );
    },
    ours: (folder) =>
      engine.withStore(async (store) => {
        const readModels = ReadModels.open(join(folder, 'views.db'));
        try {
          const growth = new Growth();
          const measured = await timed(engine.deductions, () =>
            catchUpInItsOwnThread(readModels, store, () => growth.look()),
          );
          return { ...measured, grownMiB: growth.mebibytes };
        } finally {
          readModels.close();
        }
      }),
    raw: async () => {
      await engine.url();
      const growth = new Growth();
      const measured = await timed(engine.deductions, () =>
        engine.readByBareLoop(() => growth.look()),
      );
      return { ...measured, grownMiB: growth.mebibytes };
    },
  };
}

/** The greatest growth of this process's resident set that was seen since it was made. */
class Growth {
  readonly #from = process.memoryUsage.rss();
  #peak = this.#from;

  look(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
  }

  get mebibytes(): number {
    return (this.#peak - this.#from) / 2 ** 20;
  }
}

/** Reads the log until it has as many events of the ledger; an engine may hold others too. */
async function readByBareLoop(
  client: EventStoreDBClient,
  prefix: string,
  events: number,
  page: () => void,
): Promise<void> {
  let from: { readonly commit: bigint; readonly prepare: bigint } | undefined;
  for (let seen = 0; seen < events;) {
    // A page begins with the last event of the one before.
    let isNew = from === undefined;
    for await (const { event } of client.readAll({
      fromPosition: from ?? 'start',
      maxCount: 1_000,
    })) {
      from = event?.position;
      if (isNew && event?.streamId.startsWith(prefix) === true) seen += 1;
      isNew = true;
    }
    page();
  }
}

function expectedOf({ revision }: EventRecord): number | 'no_stream' {
  return revision === 0 ? 'no_stream' : revision - 1;
}

function bareEvent({ id, body }: EventRecord): EventData {
  const data = JSON.parse(body) as Record<string, string>;
  return jsonEvent({ id, type: data['type'] ?? '', data });
}

/** Events of one agency, as the ledger records them. */
function sampleStream(agencyId: string, count: number): readonly EventRecord[] {
  const stream = agencyStream(agencyId);
  const events = Array.from({ length: count }, (_, index): NewEvent => ({
    type: 'DeductionRevoked',
    data: { agencyId, deductionId: `d${String(index)}`, was: 1 },
  }));
  const causation = {
    command: 'RecordRevocation',
    commandId: `batch/${agencyId}`,
    fingerprint: noPreviousEvent,
  };
  const recording = {
    ledgerId: 'bench',
    stream,
    head: undefined,
    recordedAt: now,
    actor: 'bench',
    causation,
  };
  return recordEvents(events, recording).map(({ record }) => record);
}
