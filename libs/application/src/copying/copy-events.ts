import {
  appendByteLimit,
  comparePositions,
  DamagedStreams,
  IntegrityError,
  type EventStore,
  type OnDamage,
  type Position,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import type { EventRecord, InBoth } from '@penalty-ledger/ledger';
import { counted, SpokenError } from '@penalty-ledger/ledger';

/** The target is not one this ledger can be copied to. Nothing was written. */
export class CopyRefusedError extends SpokenError {
  readonly code = 'copy_refused';
}

/**
 * Events were added to the source while it was copied; the copy is whole, but does not hold all of
 * them.
 */
export class SourceMovedError extends SpokenError {
  readonly code = 'source_moved';
}

export interface CopyEvents {
  /**
   * The number of appends in flight together. More than 1 only for a target that keeps the order of
   * the calls also when one fails: a SQLite file does, because the group that fails fails whole.
   */
  readonly window: number;
  /** Called as it goes: events compared or copied so far. */
  readonly onProgress: (events: number) => void;
  /**
   * Told of each damage of the source, whose streams are then copied up to it. Left out: the copy
   * ends there.
   */
  readonly onDamage?: OnDamage;
}

/** The extent of the copy. */
export interface EventsCopied {
  /** Events the target held already, each found to be the source's. */
  readonly already: number;
  readonly copied: number;
}

/** Appends of a SQLite file that are called together: one durable group. */
export const sqliteWindow = 256;

/**
 * The limit of events in one append: some of them wait in memory, and an engine has a limit of its
 * own.
 */
const eventsAtOnce = 500;

/**
 * Copies every event of a store into another, in order of position, with the same body, id and
 * revision, and so the same hashes. Events already in the target are compared one by one, and must
 * be the beginning of the source: after an interruption the copy continues when it is run again.
 *
 * The order over all streams is kept, as the tree is made of it: consecutive events of one stream
 * are one append, and the next stream's waits for it.
 *
 * @throws CopyRefusedError when the target holds anything else than the beginning of the source
 * @throws IntegrityError when the target took events in another order than they were sent
 */
export async function copyEvents(
  from: Pick<EventStore, 'readAll'>,
  to: EventStore,
  { window, onProgress, onDamage }: CopyEvents,
): Promise<EventsCopied> {
  const damaged = onDamage && new DamagedStreams(undefined, onDamage);
  const there = eventsOf(to);
  const writer = new OrderedWriter(to, window);
  let already = 0;
  let copied = 0;
  let next = await there.next();
  for await (const batch of from.readAll(damaged && { onDamage: damaged.onDamage })) {
    for (const event of damaged?.kept(batch) ?? batch) {
      if (next.done === true) {
        copied += 1;
        await writer.add(event);
      } else {
        if (differenceOf(event, next.value) !== undefined) throw another(event, next.value);
        already += 1;
        next = await there.next();
      }
    }
    onProgress(already + copied);
  }
  if (next.done !== true) {
    const { stream, revision } = next.value;
    throw new CopyRefusedError({
      en:
        `the target holds revision ${revision} of stream "${stream}" ` +
        `after all ${counted(already, 'event')} of the source: it has gone on by itself`,
      zh:
        `目标中有事件流 "${stream}" 的流内序号 ${revision}，排在源的全部 ${already} 个事件之` +
        '后：目标已自行写入',
    });
  }
  await writer.finish();
  return { already, copied };
}

/** All events of a store, one by one. */
export async function* eventsOf(
  store: EventStore,
): AsyncGenerator<StoredEvent, undefined, undefined> {
  for await (const batch of store.readAll()) yield* batch;
  return undefined;
}

/**
 * The difference of two events; `undefined` for copies of one event. Their bodies are as equal as
 * their hashes, which stores check.
 */
export function differenceOf(one: StoredEvent, other: StoredEvent): InBoth | undefined {
  for (const member of ['stream', 'revision', 'id', 'leafHash'] as const)
    if (one[member] !== other[member])
      return {
        en: `${member} ${one[member]} there is ${other[member]} here`,
        zh: `${member} 在彼处为 ${one[member]}，在此处为 ${other[member]}`,
      };
  return undefined;
}

function another(source: StoredEvent, target: StoredEvent): CopyRefusedError {
  return new CopyRefusedError({
    en:
      'the target holds another ledger, or another history of this one: ' +
      `revision ${target.revision} of stream "${target.stream}" stands where the source has ` +
      `revision ${source.revision} of "${source.stream}" (position ${source.position}); ` +
      'give an empty target',
    zh:
      `目标中是另一个账本，或本账本的另一份历史：事件流 "${target.stream}" 的流内序号 ` +
      `${target.revision} 所在之处，源中是 "${source.stream}" 的流内序号 ${source.revision}（` +
      `位置 ${source.position}）；请给出空的目标`,
  });
}

/** Appends events in the order they come, consecutive ones of a stream together. */
export class OrderedWriter {
  readonly #store: EventStore;
  readonly #window: number;
  #run: EventRecord[] = [];
  #bytes = 0;
  #runs: EventRecord[][] = [];
  #reached: Position | undefined;

  /** @param window as {@link CopyEvents.window} */
  constructor(store: EventStore, window: number) {
    this.#store = store;
    this.#window = window;
  }

  async add(event: EventRecord): Promise<void> {
    const bytes = Buffer.byteLength(event.body);
    const [first] = this.#run;
    const isFull = this.#run.length >= eventsAtOnce || this.#bytes + bytes > appendByteLimit;
    if (first !== undefined && (first.stream !== event.stream || isFull)) await this.#endRun();
    this.#run.push(event);
    this.#bytes += bytes;
  }

  /** Waits until everything that was added is durable. */
  async finish(): Promise<void> {
    await this.#endRun();
    await this.#send();
  }

  async #endRun(): Promise<void> {
    if (this.#run.length === 0) return;
    this.#runs.push(this.#run);
    this.#run = [];
    this.#bytes = 0;
    if (this.#runs.length >= this.#window) await this.#send();
  }

  async #send(): Promise<void> {
    const runs = this.#runs;
    this.#runs = [];
    const appended = await Promise.all(
      runs.map((run) => {
        const { stream = '', revision = 0 } = run[0] ?? {};
        return this.#store.append(
          stream,
          revision === 0 ? 'no_stream' : revision - 1,
          run.map(({ id, body, leafHash, ...place }) => ({
            stream: place.stream,
            revision: place.revision,
            id,
            body,
            leafHash,
          })),
        );
      }),
    );
    for (const { position } of appended) {
      if (comparePositions(position, this.#reached) <= 0)
        throw new IntegrityError(
          {
            en:
              'the target put an event before one that was sent earlier, at ' +
              (this.#reached ?? ''),
            zh: `目标把一个事件放在了更早发送的事件之前，后者位于 ${this.#reached ?? ''}`,
          },
          { position },
        );
      this.#reached = position;
    }
  }
}
