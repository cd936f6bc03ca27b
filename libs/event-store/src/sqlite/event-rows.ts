import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { leafHashOf, noPreviousEvent, placeDefects, type InBoth } from '@penalty-ledger/ledger';
import { BoundedCache } from '../bounded-cache.js';
import { envelopeOf } from '../envelope.js';
import { IntegrityError } from '../errors.js';
import { damageOf, type EventDamage, type OnDamage } from '../event-damage.js';
import { emptyStream, missingBefore, noEvent, otherHash } from '../damage-texts.js';
import type { StoredEvent } from '../event-store.js';
import type { Part } from '../following.js';
import { guarded } from './failures.js';

const columns = 'position, stream_id, revision, octet_length(body), leaf_hash, body';
type Row = [
  position: number,
  streamId: number,
  revision: number,
  bytes: number,
  leafHash: string,
  body: string,
];

/** An event, and the last one before it in its stream; another is missing between them. */
type Break = [
  streamId: number,
  revision: number,
  position: number,
  body: string,
  lastRevision: number,
  lastPosition: number,
];

/** Names kept in memory; a stream's name never changes. */
const nameLimit = 20_000;

/** The rows of one connection, read in chunks and checked: only what was stored leaves here. */
export class EventRows {
  readonly #file: string;
  readonly #after: StatementSyncInstance;
  readonly #ofStream: StatementSyncInstance;
  readonly #lastOfStream: StatementSyncInstance;
  readonly #lastRevision: StatementSyncInstance;
  readonly #head: StatementSyncInstance;
  readonly #streamId: StatementSyncInstance;
  readonly #streamName: StatementSyncInstance;
  readonly #bytes: StatementSyncInstance;
  readonly #breaks: StatementSyncInstance;
  readonly #count: StatementSyncInstance;
  readonly #names = new BoundedCache<number, string>(nameLimit);

  constructor(db: DatabaseSyncInstance, file: string) {
    const prepare = (sql: string): StatementSyncInstance =>
      guarded(file, () => db.prepare(sql, { returnArrays: true }));
    this.#file = file;
    this.#after = prepare(
      `SELECT ${columns} FROM events WHERE position > ? ORDER BY position LIMIT ?`,
    );
    this.#ofStream = prepare(
      `SELECT ${columns} FROM events WHERE stream_id = ? AND revision >= ?
       ORDER BY revision LIMIT ?`,
    );
    this.#lastOfStream = prepare(
      `SELECT ${columns} FROM events WHERE stream_id = ? ORDER BY revision DESC LIMIT 1`,
    );
    this.#lastRevision = prepare('SELECT max(revision) FROM events WHERE stream_id = ?');
    this.#head = prepare('SELECT max(position) FROM events');
    this.#streamId = prepare('SELECT stream_id FROM streams WHERE name = ?');
    this.#streamName = prepare('SELECT name, octet_length(name) FROM streams WHERE stream_id = ?');
    this.#bytes = prepare('SELECT CAST(body AS BLOB) FROM events WHERE position = ?');
    // The events before which others of their stream are missing, with the revision and position
    // of the last one that is there.
    this.#breaks = prepare(
      `SELECT stream_id, revision, position, body, before, coalesce(
         (SELECT position FROM events WHERE stream_id = next.stream_id AND revision = before), 0)
       FROM (
         SELECT stream_id, revision, position, body, coalesce(
           (SELECT max(revision) FROM events b
            WHERE b.stream_id = e.stream_id AND b.revision < e.revision), -1) AS before
         FROM events e) AS next
       WHERE before <> revision - 1`,
    );
    this.#count = prepare('SELECT count(*) FROM events WHERE position > ? AND position < ?');
  }

  /** The position of the last event, or 0. */
  head(): number {
    return guarded(this.#file, () => (this.#head.get() as [number | null])[0] ?? 0);
  }

  streamId(stream: string): number | undefined {
    return guarded(this.#file, () => (this.#streamId.get(stream) as [number] | undefined)?.[0]);
  }

  /**
   * Up to `count` events after a position, without a gap.
   *
   * @param onDamage is told of damage and of gaps, which are thrown without it
   */
  after(position: number, count: number, onDamage?: OnDamage): Part {
    const rows = guarded(this.#file, () => this.#after.all(position, count) as Row[]);
    let next = position + 1;
    const events: StoredEvent[] = [];
    let breaks: readonly Break[] | undefined;
    for (const row of rows) {
      if (row[0] !== next) {
        const problem = missingBefore(row[0]);
        if (onDamage === undefined) throw new IntegrityError(problem, { position: String(next) });
        breaks ??= this.#allBreaks();
        for (const damage of this.#missing(breaks, next, row[0], problem)) onDamage(damage);
      }
      next = row[0] + 1;
      try {
        events.push(this.#checked(row, this.#nameOf(row[1], row[0])));
      } catch (error) {
        if (onDamage === undefined || !(error instanceof IntegrityError)) throw error;
        onDamage(damageOf(error, row[4]));
      }
    }
    const last = rows.at(-1)?.[0];
    return { events, last: last === undefined ? undefined : String(last) };
  }

  /**
   * The damage of positions that are missing, by the streams that lack events there. The last
   * events of a stream leave no trace, and are missing by their positions alone.
   */
  #missing(
    breaks: readonly Break[],
    from: number,
    next: number,
    problem: InBoth,
  ): readonly EventDamage[] {
    const over = breaks.filter(([, , position, , , before]) => before < from && position >= next);
    const known = over.reduce((sum, [, revision, , , last]) => sum + revision - last - 1, 0);
    const damages = over
      // One that reaches over an earlier gap was reported there.
      .filter(([, , , , , before]) => this.#isComplete(before, from))
      .map(([streamId, revision, position, body, last]): EventDamage => {
        const leafHash = envelopeOf(body)?.previous;
        return {
          problem: missingBefore(revision),
          stream: this.#nameOf(streamId, position),
          revision: last + 1,
          lastRevision: revision - 1,
          ...(next - from === 1 && known === 1 && { position: String(from) }),
          ...(leafHash !== undefined && { leafHash }),
        };
      });
    return known >= next - from ? damages : [...damages, { problem, position: String(from) }];
  }

  #allBreaks(): readonly Break[] {
    return guarded(this.#file, () => this.#breaks.all() as Break[]);
  }

  /** Says whether no event is missing between two positions. */
  #isComplete(after: number, before: number): boolean {
    const [count] = guarded(this.#file, () => this.#count.get(after, before) as [number]);
    return count === before - after - 1;
  }

  /**
   * Up to `count` events of a stream, beginning at a revision, without a gap, each following the
   * one before.
   */
  ofStream(stream: string, streamId: number, from: number, count: number): StoredEvent[] {
    const rows = guarded(this.#file, () => this.#ofStream.all(streamId, from, count) as Row[]);
    let next = from;
    let previous = from === 0 ? noPreviousEvent : undefined;
    let lastPosition = 0;
    return rows.map((row) => {
      const [position, , revision] = row;
      if (revision !== next) {
        throw new IntegrityError(missingBefore(revision), {
          stream,
          revision: next,
        });
      }
      next += 1;
      const event = this.#checked(row, stream, previous);
      if (position <= lastPosition) {
        throw damaged(row, stream, {
          en: 'it stands before the event it follows',
          zh: '它位于其前一事件之前',
        });
      }
      lastPosition = position;
      previous = event.leafHash;
      return event;
    });
  }

  /** The revision of a stream's last event, as the index has it. */
  lastRevision(stream: string, streamId: number): number {
    const [revision] = guarded(
      this.#file,
      () => this.#lastRevision.get(streamId) as [number | null],
    );
    if (revision === null) throw new IntegrityError(emptyStream, { stream, revision: 0 });
    return revision;
  }

  /**
   * The last event of a stream. It always exists: a stream is entered together with its first
   * event.
   */
  lastOfStream(stream: string, streamId: number): StoredEvent {
    const row = guarded(this.#file, () => this.#lastOfStream.get(streamId) as Row | undefined);
    if (row === undefined) throw new IntegrityError(emptyStream, { stream, revision: 0 });
    return this.#checked(row, stream);
  }

  #checked(row: Row, stream: string, previous?: string): StoredEvent {
    const [position, , revision, bytes, leafHash, body] = row;
    if (!this.#isExact(position, bytes, body))
      throw damaged(row, stream, { en: 'its bytes are not text', zh: '其字节不是文本' });
    const actual = leafHashOf(body);
    if (actual !== leafHash) throw damaged(row, stream, otherHash(actual, leafHash));
    const envelope = envelopeOf(body);
    if (envelope === undefined) throw damaged(row, stream, noEvent);
    const [defect] = placeDefects(envelope, { stream, revision, previous });
    if (defect !== undefined) throw damaged(row, stream, defect.message);
    return { stream, revision, id: envelope.id, body, leafHash, position: String(position) };
  }

  /**
   * Says whether the driver gave the body as it is stored. The driver ends a text at the first NUL,
   * which the length shows. It reads bytes that are not UTF-8 as U+FFFD; only the bytes tell that
   * from a U+FFFD that was written.
   */
  #isExact(position: number, bytes: number, body: string): boolean {
    if (typeof body !== 'string' || Buffer.byteLength(body) !== bytes) return false;
    if (!body.includes('\ufffd')) return true;
    const [stored] = guarded(this.#file, () => this.#bytes.get(position) as [Uint8Array]);
    return Buffer.from(body).equals(stored);
  }

  #nameOf(streamId: number, position: number): string {
    const known = this.#names.get(streamId);
    if (known !== undefined) return known;
    const row = guarded(
      this.#file,
      () => this.#streamName.get(streamId) as [string, number] | undefined,
    );
    if (row === undefined || Buffer.byteLength(row[0]) !== row[1]) {
      throw new IntegrityError(
        {
          en: `the name of its stream (${streamId}) is lost`,
          zh: `其事件流（${streamId}）的名称已丢失`,
        },
        { position: String(position) },
      );
    }
    this.#names.set(streamId, row[0]);
    return row[0];
  }
}

function damaged([position, , revision]: Row, stream: string, problem: InBoth): IntegrityError {
  return new IntegrityError(problem, { stream, revision, position: String(position) });
}
