import { randomUUID } from 'node:crypto';
import { matchesPartly, RecentIds, repeatAt, statedRevision } from './repeats.js';
import {
  comparePositions,
  jsonProposal,
  tombstoneRevision,
  type ExpectedRevision,
  type ProposedEvent,
  type WireEvent,
  type WirePosition,
} from './wire-event.js';
import {
  isVisible,
  metastreamRetention,
  retentionOf,
  StreamState,
  type Retention,
} from './stream-state.js';

/** A place in the log. Its event is gone once it was scavenged or taken away; the place stays. */
export interface Slot {
  readonly position: WirePosition;
  event: WireEvent | undefined;
}

/** The result of an append. */
export type AppendResult =
  | {
      readonly kind: 'appended';
      readonly currentRevision: bigint;
      readonly position: WirePosition | undefined;
    }
  /** The same events lie there already; nothing was stored. A server may give their position. */
  | {
      readonly kind: 'repeated';
      readonly currentRevision: bigint;
      readonly position: WirePosition | undefined;
    }
  | { readonly kind: 'wrong-expected-version'; readonly current: bigint | undefined }
  | { readonly kind: 'stream-deleted' };

/** A read of one stream. */
export interface StreamRead {
  readonly from: bigint | 'start' | 'end';
  readonly direction: 'forwards' | 'backwards';
  readonly maxCount: number;
}

/** A read of `$all`. */
export interface AllRead {
  readonly from: WirePosition | 'start' | 'end';
  readonly direction: 'forwards' | 'backwards';
  readonly maxCount: number;
  /** The events that count and are shown; all unless given. */
  readonly passes?: (event: WireEvent) => boolean;
}

/** Options of a {@link WireLog} for behaviour in which servers differ. */
export interface WireLogOptions {
  /** The time events are stored at, in milliseconds since 1970; the system's unless given. */
  readonly now?: () => number;
  /**
   * With `'own'` (the default), each event has its own commit position. With `'shared'`, the events
   * of one append share the commit position and differ in the prepare position only.
   */
  readonly commits?: 'own' | 'shared';
  /**
   * The position in the answer to a repetition at a stated revision; `'old'` by default, as a
   * server of release 24.6 has it.
   */
  readonly repeatedPosition?: 'none' | 'old';
  /** True when `any` and `stream_exists` store known ids again, as a server may. */
  readonly forgetsIds?: boolean;
}

/** The smallest distance of two positions that was seen on a server is 103. */
const recordOverheadBytes = 103;

/**
 * The log behind one or several {@link WireServer}s: streams, `$all`, and the server's rules of
 * appending and deleting. It is a test tool and is kept in memory.
 */
export class WireLog {
  /** All records in the order of their positions. */
  readonly slots: Slot[] = [];

  readonly #now: () => number;
  readonly #commits: 'own' | 'shared';
  readonly #repeatedPosition: 'none' | 'old';
  readonly #forgetsIds: boolean;
  readonly #streams = new Map<string, StreamState>();
  readonly #listeners = new Set<() => void>();
  readonly #recentIds = new RecentIds();
  #endOffset = 1_024n;

  constructor({
    now = Date.now,
    commits = 'own',
    repeatedPosition = 'old',
    forgetsIds = false,
  }: WireLogOptions = {}) {
    this.#now = now;
    this.#commits = commits;
    this.#repeatedPosition = repeatedPosition;
    this.#forgetsIds = forgetsIds;
  }

  /** Calls `listener` after each change; the function returned ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** All events that are still there, in order. For assertions: no wire, no retention. */
  events(stream?: string): readonly WireEvent[] {
    return this.slots.flatMap(({ event }) =>
      event !== undefined && (stream === undefined || event.stream === stream) ? [event] : [],
    );
  }

  /**
   * Appends as the server does. With a stated revision, ids are compared at the exact revisions;
   * with `any` and `stream_exists`, among recent ids only. A partly matching repeat is a wrong
   * expected version.
   */
  append(
    name: string,
    expected: ExpectedRevision,
    proposals: readonly ProposedEvent[],
  ): AppendResult {
    const stream = this.#streams.get(name);
    if (this.#isClosed(name)) return { kind: 'stream-deleted' };
    const last = stream?.lastRevision ?? -1n;
    // A server answers an append without events with success, and revision 0.
    if (proposals.length === 0)
      return { kind: 'appended', currentRevision: 0n, position: undefined };
    const wrong: AppendResult = {
      kind: 'wrong-expected-version',
      current: last < 0n ? undefined : last,
    };
    const stated = statedRevision(expected);
    if (stated === undefined) {
      const exists = last >= 0n || this.#hasMetadata(name);
      if (expected === 'stream_exists' && (!exists || this.isSoftDeleted(name))) return wrong;
      const repeated = this.#forgetsIds ? undefined : this.#recentIds.repeat(name, proposals);
      if (repeated === 'partly') return wrong;
      if (repeated !== undefined)
        return { kind: 'repeated', currentRevision: repeated, position: undefined };
    } else if (stated > last) {
      return wrong;
    } else if (stated < last) {
      const repeated = repeatAt(stream, stated, proposals);
      if (repeated !== undefined)
        return {
          kind: 'repeated',
          currentRevision: repeated,
          position:
            this.#repeatedPosition === 'old'
              ? stream?.events[Number(repeated)]?.position
              : undefined,
        };
      // A soft-deleted stream may be begun again, and its numbering goes on.
      if (
        expected !== 'no_stream' ||
        !this.isSoftDeleted(name) ||
        matchesPartly(stream, stated, proposals)
      )
        return wrong;
    }
    return this.#store(name, last + 1n, proposals);
  }

  /** Soft delete: hides all events of the stream, which an append may begin again. */
  deleteStream(name: string, expected: ExpectedRevision): AppendResult {
    const refused = this.#refuseToDelete(name, expected);
    if (refused !== undefined) return refused;
    // JSON.stringify cannot write 2^63 − 1 exactly.
    const text = JSON.stringify({ ...this.streamMetadata(name), $tb: 0 }).replace(
      '"$tb":0',
      `"$tb":${tombstoneRevision.toString()}`,
    );
    const proposal = {
      ...jsonProposal(randomUUID(), '$metadata', {}),
      data: Buffer.from(text, 'utf8'),
    };
    return this.append(`$$${name}`, 'any', [proposal]);
  }

  /** Hard delete: no read and no append ever again. */
  tombstone(name: string, expected: ExpectedRevision): AppendResult {
    const refused = this.#refuseToDelete(name, expected);
    if (refused !== undefined) return refused;
    const proposal = {
      ...jsonProposal(randomUUID(), '$streamDeleted', {}),
      data: new Uint8Array(),
    };
    return this.#store(name, tombstoneRevision, [proposal]);
  }

  /** Reads a stream from a revision inclusively, as far as its metadata let anyone see it. */
  readStream(name: string, read: StreamRead): Iterable<WireEvent> | 'not-found' | 'deleted' {
    const stream = this.#streams.get(name);
    if (this.#isClosed(name)) return 'deleted';
    if (stream === undefined || stream.events.length === 0 || this.isSoftDeleted(name))
      return 'not-found';
    return this.#visible(stream, this.#retention(name), read);
  }

  *#visible(stream: StreamState, retention: Retention, { from, direction, maxCount }: StreamRead) {
    const nowTicks = this.#nowTicks();
    const step = direction === 'forwards' ? 1 : -1;
    const end = stream.events.length - 1;
    const first = from === 'start' ? 0 : from === 'end' ? end : Number(from);
    let left = maxCount;
    for (
      let index = step < 0 ? Math.min(first, end) : first;
      index >= 0 && index <= end && left > 0;
      index += step
    ) {
      const event = stream.events[index];
      if (event === undefined || !isVisible(event, stream, retention, nowTicks)) continue;
      left -= 1;
      yield event;
    }
  }

  /**
   * Reads all records, as the server's log does: forwards from the position on, backwards before
   * it. Events that streams hide are shown until a scavenge.
   */
  *readAll({ from, direction, maxCount, passes = () => true }: AllRead): Iterable<WireEvent> {
    const step = direction === 'forwards' ? 1 : -1;
    const at =
      from === 'start' ? 0 : from === 'end' ? this.slots.length : this.indexFrom(from, false);
    let left = maxCount;
    for (
      let index = step > 0 ? at : at - 1;
      index >= 0 && index < this.slots.length && left > 0;
      index += step
    ) {
      const event = this.slots[index]?.event;
      if (event === undefined || !passes(event)) continue;
      left -= 1;
      yield event;
    }
  }

  /** Says whether a read of its stream shows the event. */
  shows(event: WireEvent): boolean {
    const stream = this.#streams.get(event.stream);
    return (
      stream?.tombstoned === false &&
      isVisible(event, stream, this.#retention(event.stream), this.#nowTicks())
    );
  }

  /** Says whether the stream's metadata hides all its events. */
  isSoftDeleted(name: string): boolean {
    return this.#retention(name).truncateBefore === 'all';
  }

  /** The stream's metadata as last set, or none. */
  streamMetadata(name: string): Readonly<Record<string, unknown>> {
    const metadata = this.#streams.get(`$$${name}`)?.events.at(-1);
    if (metadata === undefined) return {};
    try {
      const value: unknown = JSON.parse(Buffer.from(metadata.data).toString('utf8'));
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }

  /** The index of the first slot at or after `position`, or after it alone when `exclusive`. */
  indexFrom(position: WirePosition, exclusive: boolean): number {
    let low = 0;
    let high = this.slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = comparePositions(this.slots[middle]!.position, position);
      if (order < 0 || (exclusive && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A stream as it is kept, for {@link ./damage.ts}. */
  stateOf(name: string): StreamState | undefined {
    return this.#streams.get(name);
  }

  /** The names of all streams that ever held an event. */
  get streamNames(): readonly string[] {
    return [...this.#streams.keys()];
  }

  /**
   * Cuts the log down to its first `count` records and forgets the rest, numbering and positions
   * included.
   */
  cutTo(count: number): void {
    const kept = this.slots.slice(0, count);
    this.slots.length = 0;
    this.#streams.clear();
    this.#recentIds.clear();
    for (const slot of kept) {
      this.slots.push(slot);
      if (slot.event !== undefined) this.#stream(slot.event.stream).add(slot.event);
    }
    const last = kept.at(-1);
    if (last !== undefined) this.#endOffset = last.position.prepare + lengthOf(last.event);
    this.#announce();
  }

  /** Forgets the ids that `any` and `stream_exists` are compared with, as a restart does. */
  forgetRecentIds(): void {
    this.#recentIds.clear();
  }

  #store(name: string, firstRevision: bigint, proposals: readonly ProposedEvent[]): AppendResult {
    const begunAgain = firstRevision !== tombstoneRevision && this.isSoftDeleted(name);
    const prepares = proposals.map((proposal) => {
      const prepare = this.#endOffset;
      this.#endOffset += lengthOf({ ...proposal, stream: name });
      return prepare;
    });
    const shared = this.#commits === 'shared' ? this.#endOffset : undefined;
    if (shared !== undefined) this.#endOffset += BigInt(recordOverheadBytes);
    const stream = this.#stream(name);
    const createdTicks = this.#nowTicks();
    let position: WirePosition | undefined;
    for (const [index, proposal] of proposals.entries()) {
      const prepare = prepares[index]!;
      const revision = firstRevision + BigInt(index);
      position = { commit: shared ?? prepare, prepare };
      const event: WireEvent = { ...proposal, stream: name, revision, position, createdTicks };
      this.slots.push({ position, event });
      stream.add(event);
      this.#recentIds.remember(event);
    }
    if (begunAgain)
      this.#store(`$$${name}`, this.#stream(`$$${name}`).lastRevision + 1n, [
        jsonProposal(randomUUID(), '$metadata', {
          ...this.streamMetadata(name),
          $tb: Number(firstRevision),
        }),
      ]);
    this.#announce();
    return {
      kind: 'appended',
      currentRevision: firstRevision + BigInt(proposals.length) - 1n,
      position,
    };
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #refuseToDelete(name: string, expected: ExpectedRevision): AppendResult | undefined {
    const stream = this.#streams.get(name);
    if (stream?.tombstoned === true) return { kind: 'stream-deleted' };
    const last = stream?.lastRevision ?? -1n;
    const stated = statedRevision(expected);
    // A missing stream cannot be deleted, whatever is expected of it.
    const exists = last >= 0n || this.#hasMetadata(name);
    const met = exists && (stated === undefined || stated === last);
    return met
      ? undefined
      : { kind: 'wrong-expected-version', current: last < 0n ? undefined : last };
  }

  /** Says whether the stream has a tombstone, or is the metadata of one that has. */
  #isClosed(name: string): boolean {
    const closed = (of: string): boolean => this.#streams.get(of)?.tombstoned === true;
    return closed(name) || (name.startsWith('$$') && closed(name.slice(2)));
  }

  #hasMetadata(name: string): boolean {
    return (this.#streams.get(`$$${name}`)?.lastRevision ?? -1n) >= 0n;
  }

  #stream(name: string): StreamState {
    let stream = this.#streams.get(name);
    if (stream === undefined) this.#streams.set(name, (stream = new StreamState()));
    return stream;
  }

  #retention(name: string): Retention {
    return name.startsWith('$$') ? metastreamRetention : retentionOf(this.streamMetadata(name));
  }

  /** The milliseconds of the clock with a fraction below, which a client cuts off. */
  #nowTicks(): bigint {
    return BigInt(Math.floor(this.#now())) * 10_000n + BigInt((this.slots.length * 7) % 10_000);
  }
}

/** Returns the bytes of an event that the server counts towards the limit of one append. */
export function sizeOf({ data }: ProposedEvent): number {
  return data.length;
}

/** Returns the bytes by which a record moves the end of the log. */
function lengthOf(event: (ProposedEvent & { readonly stream: string }) | undefined): bigint {
  return BigInt(
    recordOverheadBytes +
      (event === undefined
        ? 0
        : event.stream.length + event.type.length + event.data.length + event.metadata.length),
  );
}
