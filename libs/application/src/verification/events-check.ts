import { hash } from 'node:crypto';
import { comparePositions, type EventDamage, type Position } from '@penalty-ledger/event-store';
import {
  counted,
  endOf,
  idDefects,
  ledgerStream,
  placeAfter,
  placeDefects,
  rulebooksStream,
  timeDefects,
  type EventDefect,
  type EventProblem,
  type InBoth,
  type LedgerSettings,
  type StreamEnd,
} from '@penalty-ledger/ledger';
import {
  appendLeaves,
  emptyRoot,
  rootAt,
  StreamHeads,
  tileWidth,
  type Hash,
  type StreamHead,
} from '@penalty-ledger/merkle-log';
import type { CheckName, Findings, Place } from './damage.js';
import { EdgeTiles } from './edge-tiles.js';
import { readForm, type EventForm } from './event-form.js';
import { repeated, RepeatsCheck } from './repeats.js';
import type { RulebookCheck } from './rulebook-check.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** A row, and what it holds once that is known to be an event. */
export interface CheckedEvent {
  readonly row: StoredRow;
  /** The leaf hash of the bytes, independent of what is stored beside them. */
  readonly leafHash: Hash;
  readonly form: EventForm | undefined;
}

/** The tree of the first `size` events, as the stored bytes make it. */
export interface TreeAt {
  readonly size: number;
  readonly root: Hash;
  readonly heads: { readonly count: number; readonly root: Hash };
  /** The last event of each stream; changes as the check goes on. */
  readonly headOf: ReadonlyMap<string, StreamHead>;
}

/** The receivers of the checked events. */
export interface TreeListener {
  /** At which sizes {@link TreeListener.at} is to be called, ascending. */
  readonly sizes: readonly number[];
  at(tree: TreeAt): void;
  /** A tile that will not change any more, or the last of its level at the end. */
  tile(level: number, index: number, hashes: Uint8Array): void;
  /** Every leaf, in order. */
  leaf(index: number, event: CheckedEvent): void;
  /** A leaf as it was kept, for an event that the store may lack. */
  kept?(index: number): KeptLeaf | undefined;
}

/** A leaf of the tree that was kept, and where the store had its event. */
export interface KeptLeaf {
  readonly position: Position;
  readonly leafHash: Hash;
}

/** Missing events of one gap that are named one by one. */
const revisionsNamed = 1_000;

/** The check that reports a step of the rule. */
const checkOf: Readonly<Record<EventProblem, CheckName>> = {
  bytes: 'form',
  envelope: 'form',
  stream: 'streams',
  revision: 'streams',
  previous: 'streams',
  recordedAt: 'times',
  id: 'ids',
};

/**
 * Reads every stored row once and checks what its own bytes can say (`docs/spec/event.md`,
 * "Verification"): form, leaf hash, stream, revision, chain, times and id. Everything is computed
 * from the bytes; stored hashes and numbers are only compared.
 */
export class EventsCheck {
  readonly #findings: Findings;
  readonly #listener: TreeListener;
  readonly #rulebooks: RulebookCheck;
  readonly #streams = new Map<string, StreamEnd>();
  /** Streams in which something was found: nothing is to be concluded from them. */
  readonly damaged = new Set<string>();
  readonly #repeats = new RepeatsCheck();
  readonly #edge = new EdgeTiles();
  readonly #heads = new StreamHeads();
  #moved = new Set<string>();
  #pending: Hash[] = [];
  #size = 0;
  #lost = 0;
  #boundary = 0;
  #position = 0;
  #recordedAt = '';
  #settings: LedgerSettings | undefined;

  constructor(findings: Findings, listener: TreeListener, rulebooks: RulebookCheck) {
    this.#findings = findings;
    this.#listener = listener;
    this.#rulebooks = rulebooks;
  }

  /** The settings with which the ledger was opened, from its first event. */
  get settings(): LedgerSettings | undefined {
    return this.#settings;
  }

  /** Events read, and those that are missing and have a leaf that was kept. */
  get size(): number {
    return this.#size + this.#pending.length;
  }

  /** Events read. */
  get read(): number {
    return this.size - this.#lost;
  }

  /** Their streams. */
  get streams(): number {
    return this.#streams.size;
  }

  /** The root of the tree over them. */
  get root(): Hash {
    this.#grow();
    return this.#size === 0 ? emptyRoot : rootAt(this.#edge, this.#size);
  }

  async run(
    rows: Pick<StoredRows, 'hiddenStreams' | 'inOrder' | 'reading' | 'refused'>,
    onProgress: (events: number) => void,
  ): Promise<void> {
    for await (const batch of rows.inOrder()) {
      for (const row of batch) {
        if (typeof row.position === 'string') this.#takeKept(rows.refused, row.position);
        this.#take(row);
      }
      onProgress(this.size);
    }
    if (rows.reading === 'adapter') this.#takeKept(rows.refused);
    for (const damage of rows.refused) this.#tellRefused(damage);
    for await (const { stream, revision, problem } of rows.hiddenStreams())
      this.#damage('streams', { stream, revision }, problem);
    await this.finish(rows);
  }

  /** Checks the rows that come next. */
  take(rows: readonly StoredRow[]): void {
    for (const row of rows) this.#take(row);
  }

  /** Checks what only the end can say. @param rows for a second look at what may stand twice */
  async finish(rows: Pick<StoredRows, 'inOrder'>): Promise<void> {
    this.#grow();
    await this.#findRepeats(rows);
    for (const { level, index, hashes } of this.#edge.all) {
      if (hashes.length < tileWidth * 32) this.#listener.tile(level, index, hashes);
    }
    for (const check of ['form', 'leaf hashes', 'ids', 'times'] as const)
      this.#findings.counted(check, this.read, 'events');
    this.#findings.counted('events', this.read, 'events');
    this.#findings.counted('streams', this.#streams.size, 'streams');
  }

  /**
   * Takes the kept leaves of events that the store lacks before a position, or at its end, so that
   * the events behind them are compared at their places. A signed root shows whether such a leaf is
   * genuine.
   */
  #takeKept(refused: readonly EventDamage[], before?: Position): void {
    for (;;) {
      const kept = this.#listener.kept?.(this.size);
      if (kept === undefined) return;
      const { position, leafHash } = kept;
      if (before !== undefined && comparePositions(position, before) >= 0) return;
      if (!refused.some((damage) => damage.position === position))
        this.#damage(
          'events',
          { position },
          {
            en: `missing; it is leaf ${this.size} of the log, with the leaf hash ${leafHash}`,
            zh: `缺失；它是日志的叶 ${this.size}，叶哈希为 ${leafHash}`,
          },
        );
      this.#lost += 1;
      this.#addLeaf(leafHash);
    }
  }

  /** Names each event of a damage that the adapter met, and its leaf hash where it is known. */
  #tellRefused(damage: EventDamage): void {
    const { problem, stream, revision, lastRevision = revision, position, leafHash } = damage;
    const place = { stream, ...(position !== undefined && { position }) };
    if (revision === undefined || lastRevision === undefined) {
      this.#damage('events', place, problem);
      return;
    }
    const last = Math.min(lastRevision, revision + revisionsNamed - 1);
    for (let each = revision; each <= last; each += 1) {
      const known = each === lastRevision ? leafHash : undefined;
      const hash: InBoth =
        known === undefined
          ? { en: 'is not known from the others', zh: '无法从其他事件得知' }
          : { en: `is ${known}`, zh: `为 ${known}` };
      this.#damage(
        'events',
        { ...place, revision: each },
        {
          en: `${problem.en}; its leaf hash ${hash.en}`,
          zh: `${problem.zh}；其叶哈希${hash.zh}`,
        },
      );
    }
    if (last < lastRevision)
      this.#damage('events', place, {
        en: `revisions ${last + 1} to ${lastRevision} are missing too`,
        zh: `流内序号 ${last + 1} 至 ${lastRevision} 也缺失`,
      });
  }

  #take(row: StoredRow): void {
    const { position, stream, revision, body } = row;
    const place: Place = { stream, revision, position };
    if (typeof position === 'number') this.#count(position);
    const leafHash = hash('sha256', `\0${body ?? ''}`, 'hex');
    if (stream === undefined)
      this.#damage('streams', place, {
        en: 'the name of its stream is lost',
        zh: '其事件流的名称已丢失',
      });
    if (body === undefined)
      this.#damage('form', place, {
        en: 'its bytes are not text in UTF-8',
        zh: '其内容不是 UTF-8 文本',
      });
    const read = body === undefined ? undefined : readForm(body);
    const form = read === undefined || 'problem' in read ? undefined : read;
    if (read !== undefined && 'problem' in read) this.#report([read], place);
    if (row.leafHash !== leafHash)
      this.#damage('leaf hashes', place, {
        en: `its bytes have the leaf hash ${leafHash}, and ${row.leafHash} is stored`,
        zh: `其内容的叶哈希为 ${leafHash}，而存储的为 ${row.leafHash}`,
      });
    if (form === undefined) this.#skip(row, leafHash);
    else this.#place(row, leafHash, form, place);
    this.#leaf({ row, leafHash, form });
  }

  /** Positions that count the events show what is missing; of others nothing can be said. */
  #count(position: number): void {
    if (position !== this.#position + 1) {
      const from = this.#position + 1;
      const missing = position - from;
      const problem: InBoth =
        missing === 1
          ? { en: 'the event of this position is missing', zh: '缺少该位置的事件' }
          : {
              en: `${counted(missing, 'event')} are missing from here on`,
              zh: `自此处起缺少 ${missing} 个事件`,
            };
      this.#findings.damage('events', { position: from }, problem);
    }
    this.#position = position;
  }

  /**
   * An event that cannot be read still has a revision and a hash, which the one after it follows.
   */
  #skip({ stream, revision }: StoredRow, leafHash: Hash): void {
    if (stream === undefined) return;
    const before = this.#streams.get(stream);
    if (before !== undefined)
      this.#streams.set(stream, { revision, leafHash, event: undefined, index: 0 });
    this.#moved.add(stream);
  }

  #place(row: StoredRow, leafHash: Hash, form: EventForm, place: Place): void {
    const { revision } = row;
    const stream = row.stream ?? form.stream;
    const before = this.#streams.get(stream);
    const next = placeAfter(stream, before);
    this.#report(placeDefects(form, { ...next, revision }), place);
    if (revision !== next.revision)
      this.#damage('streams', place, {
        en: `it stands where revision ${next.revision} of the stream is next`,
        zh: `该处应为事件流的流内序号 ${next.revision}`,
      });
    this.#report(timeDefects(form, this.#recordedAt), place);
    if (form.recordedAt > this.#recordedAt) this.#recordedAt = form.recordedAt;
    if (stream === ledgerStream || stream === rulebooksStream) this.#readOwn(row, stream, form);
    if (form.rulebook !== undefined) this.#rulebooks.named(form.rulebook, place);
    this.#report(idDefects(form, stream, before, this.#settings?.ledgerId), place);
    const end = endOf(form, { revision, leafHash }, before);
    this.#streams.set(stream, end);
    this.#repeats.take(form, row.body ?? '', end.index);
    this.#moved.add(stream);
  }

  async #findRepeats(rows: Pick<StoredRows, 'inOrder'>): Promise<void> {
    for await (const { unique, place, first } of this.#repeats.find(rows))
      this.#damage('ids', place, repeated(unique, first));
  }

  #readOwn(row: StoredRow, stream: string, form: EventForm): void {
    if (stream === rulebooksStream) this.#rulebooks.registered(row, form.type);
    else if (form.type === 'LedgerOpened')
      this.#settings ??= (JSON.parse(row.body ?? '') as { readonly data: LedgerSettings }).data;
  }

  #report(defects: readonly EventDefect[], place: Place): void {
    for (const { problem, message } of defects) this.#damage(checkOf[problem], place, message);
  }

  #damage(check: CheckName, place: Place, problem: InBoth): void {
    if (place.stream !== undefined) this.damaged.add(place.stream);
    this.#findings.damage(check, place, problem);
  }

  #leaf(event: CheckedEvent): void {
    this.#listener.leaf(this.size, event);
    this.#addLeaf(event.leafHash);
  }

  #addLeaf(leafHash: Hash): void {
    this.#pending.push(leafHash);
    if (this.size === this.#listener.sizes[this.#boundary]) {
      this.#grow();
      this.#tell();
      this.#boundary += 1;
    } else if (this.#pending.length === 4096) {
      this.#grow();
    }
  }

  #grow(): void {
    const changed = appendLeaves(this.#edge, this.#size, this.#pending);
    for (const { level, index, hashes } of changed)
      if (hashes.length === tileWidth * 32) this.#listener.tile(level, index, hashes);
    this.#edge.write(changed);
    this.#size += this.#pending.length;
    this.#pending = [];
  }

  #tell(): void {
    for (const stream of this.#moved) {
      const head = this.#streams.get(stream);
      if (head !== undefined) this.#heads.set(stream, head);
    }
    this.#moved = new Set();
    const heads = { count: this.#heads.count, root: this.#heads.root() };
    this.#listener.at({
      size: this.#size,
      root: rootAt(this.#edge, this.#size),
      heads,
      headOf: this.#streams,
    });
  }
}
