import { hash } from 'node:crypto';
import {
  eventIdOf,
  ledgerStream,
  noPreviousEvent,
  type LedgerSettings,
} from '@penalty-ledger/ledger';
import {
  appendLeaves,
  rootAt,
  StreamHeads,
  tileWidth,
  type Hash,
  type StreamHead,
} from '@penalty-ledger/merkle-log';
import type { Findings, Place } from './damage.js';
import { EdgeTiles } from './edge-tiles.js';
import { readForm, type EventForm } from './event-form.js';
import type { RulebookCheck } from './rulebook-check.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** A row, and what it holds once that is known to be an event. */
export interface CheckedEvent {
  readonly row: StoredRow;
  /** Of the bytes, whatever is stored beside them. */
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

/** Who is told what the events come to. */
export interface TreeListener {
  /** At which sizes {@link TreeListener.at} is to be called, ascending. */
  readonly sizes: readonly number[];
  at(tree: TreeAt): void;
  /** A tile that will not change any more, or the last of its level at the end. */
  tile(level: number, index: number, hashes: Uint8Array): void;
  /** Every leaf, in order. */
  leaf(index: number, event: CheckedEvent): void;
}

interface StreamState extends StreamHead {
  readonly recordedAt: string;
  /** Which command the last event came from, and how many of its events stand there. */
  readonly command: string;
  readonly index: number;
  readonly form: EventForm;
}

/**
 * Reads every stored row once and checks what its own bytes can say (`docs/spec/event.md`, "Verification"): form, leaf hash, stream, revision, chain,
 * times and id. Everything is computed from the bytes; stored hashes and numbers are only compared.
 */
export class EventsCheck {
  readonly #findings: Findings;
  readonly #listener: TreeListener;
  readonly #rulebooks: RulebookCheck;
  readonly #streams = new Map<string, StreamState>();
  /** Streams in which something was found: nothing is to be concluded from them. */
  readonly damaged = new Set<string>();
  readonly #edge = new EdgeTiles();
  readonly #heads = new StreamHeads();
  #moved = new Set<string>();
  #pending: Hash[] = [];
  #size = 0;
  #boundary = 0;
  #position = 0;
  #recordedAt = '';
  #settings: LedgerSettings | undefined;

  constructor(findings: Findings, listener: TreeListener, rulebooks: RulebookCheck) {
    this.#findings = findings;
    this.#listener = listener;
    this.#rulebooks = rulebooks;
  }

  /** How the ledger was opened, as its first event says. */
  get settings(): LedgerSettings | undefined {
    return this.#settings;
  }

  /** Events read. */
  get size(): number {
    return this.#size + this.#pending.length;
  }

  async run(rows: StoredRows, onProgress: (events: number) => void): Promise<void> {
    for await (const batch of rows.inOrder()) {
      for (const row of batch) this.#take(row);
      onProgress(this.size);
    }
    this.#grow();
    for (const { level, index, hashes } of this.#edge.all) {
      if (hashes.length < tileWidth * 32) this.#listener.tile(level, index, hashes);
    }
    for (const check of ['form', 'leaf hashes', 'ids', 'times'] as const)
      this.#findings.counted(check, this.size, 'events');
    this.#findings.counted('events', this.size, 'events');
    this.#findings.counted('streams', this.#streams.size, 'streams');
  }

  #take(row: StoredRow): void {
    const { position, stream, revision, body } = row;
    const place: Place = { stream, revision, position };
    if (typeof position === 'number') this.#count(position);
    const leafHash = hash('sha256', `\0${body ?? ''}`, 'hex');
    if (stream === undefined) this.#damage('streams', place, 'the name of its stream is lost');
    if (body === undefined) this.#damage('form', place, 'its bytes are not text in UTF-8');
    const read = body === undefined ? undefined : readForm(body);
    const form = read === undefined || 'problem' in read ? undefined : read;
    if (read !== undefined && 'problem' in read) this.#damage('form', place, read.problem);
    if (row.leafHash !== leafHash)
      this.#damage(
        'leaf hashes',
        place,
        `its bytes have the leaf hash ${leafHash}, and ${row.leafHash} is stored`,
      );
    if (form === undefined) this.#skip(row, leafHash);
    else this.#place(row, leafHash, form, place);
    this.#leaf({ row, leafHash, form });
  }

  /** Positions that count the events show what is missing; of others nothing can be said. */
  #count(position: number): void {
    if (position !== this.#position + 1) {
      const from = this.#position + 1;
      const missing = position - from;
      const problem =
        missing === 1
          ? 'the event of this position is missing'
          : `${missing} events are missing from here on`;
      this.#findings.damage('events', { position: from }, problem);
    }
    this.#position = position;
  }

  /** An event that cannot be read still has a revision and a hash, which the one after it follows. */
  #skip({ stream, revision }: StoredRow, leafHash: Hash): void {
    if (stream === undefined) return;
    const before = this.#streams.get(stream);
    if (before !== undefined)
      this.#streams.set(stream, { ...before, revision, leafHash, command: '', index: 0 });
    this.#moved.add(stream);
  }

  #place(row: StoredRow, leafHash: Hash, form: EventForm, place: Place): void {
    const stream = row.stream ?? form.stream;
    const before = this.#streams.get(stream);
    if (row.stream !== undefined && form.stream !== row.stream)
      this.#damage('streams', place, `its bytes say it is of stream "${form.stream}"`);
    if (form.revision !== row.revision)
      this.#damage('streams', place, `its bytes say it is revision ${form.revision}`);
    const expected = (before?.revision ?? -1) + 1;
    if (row.revision !== expected)
      this.#damage('streams', place, `it stands where revision ${expected} of the stream is next`);
    const previous = before?.leafHash ?? noPreviousEvent;
    if (form.previous !== previous)
      this.#damage(
        'streams',
        place,
        `it follows an event with the leaf hash ${form.previous}, and the one before it has ${previous}`,
      );
    if (form.recordedAt < this.#recordedAt)
      this.#damage(
        'times',
        place,
        `it was recorded at ${form.recordedAt}, and the event before it at ${this.#recordedAt}`,
      );
    else this.#recordedAt = form.recordedAt;
    if (stream === ledgerStream || stream === 'rulebooks') this.#readOwn(row, stream, form);
    if (form.rulebook !== undefined) this.#rulebooks.named(form.rulebook, place);
    const index = this.#checkId(form, before, stream, place);
    const { recordedAt, command, commandId } = form;
    this.#streams.set(stream, {
      revision: row.revision,
      leafHash,
      recordedAt,
      command: `${command}/${commandId}`,
      index,
      form,
    });
    this.#moved.add(stream);
  }

  #readOwn(row: StoredRow, stream: string, form: EventForm): void {
    if (stream === 'rulebooks') this.#rulebooks.registered(row, form.type);
    else if (form.type === 'LedgerOpened')
      this.#settings ??= (JSON.parse(row.body ?? '') as { readonly data: LedgerSettings }).data;
  }

  /** The event's id, and which of its command's events it is. */
  #checkId(form: EventForm, before: StreamState | undefined, stream: string, place: Place): number {
    const isSameCommand =
      before?.form.commandId === form.commandId &&
      before.form.command === form.command &&
      before.command !== '';
    const index = isSameCommand ? before.index + 1 : 0;
    if (
      isSameCommand &&
      (before.form.actor !== form.actor ||
        before.form.recordedAt !== form.recordedAt ||
        before.form.fingerprint !== form.fingerprint)
    )
      this.#damage(
        'ids',
        place,
        'it comes from the command of the event before it, and another actor, instant or fingerprint',
      );
    const ledgerId = this.#settings?.ledgerId;
    if (ledgerId === undefined) return index;
    const id = eventIdOf(ledgerId, stream, form, index);
    if (id !== form.id)
      this.#damage('ids', place, `its id is ${form.id}, and its command gives it ${id}`);
    return index;
  }

  #damage(check: Parameters<Findings['damage']>[0], place: Place, problem: string): void {
    if (place.stream !== undefined) this.damaged.add(place.stream);
    this.#findings.damage(check, place, problem);
  }

  #leaf(event: CheckedEvent): void {
    this.#listener.leaf(this.size, event);
    this.#pending.push(event.leafHash);
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
