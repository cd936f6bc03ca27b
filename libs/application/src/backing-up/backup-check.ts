import { join } from 'node:path';
import { envelopeOf, type StoredEvent } from '@penalty-ledger/event-store';
import {
  counted,
  erasuresStream,
  errorInBoth,
  eventIn,
  leafHashOf,
  readEvent,
  type Instant,
} from '@penalty-ledger/ledger';
import {
  CompactTree,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  VerificationError,
  type Checkpoint,
  type Hash,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { followedKeys } from '@penalty-ledger/evidence';
import type { KeptCheckpoint } from '@penalty-ledger/sequencer';
import { keysAcross, rotationIn, type KeyRotation } from '../keys/key-rotations.js';
import { Findings } from '../verification/damage.js';
import { readForm } from '../verification/event-form.js';
import { EventsCheck, type TreeAt } from '../verification/events-check.js';
import { differenceOf } from '../verification/log-check.js';
import { OutsideCheck, type OutsideFile } from '../verification/outside-check.js';
import { RulebookCheck } from '../verification/rulebook-check.js';
import type { StoredRow } from '../verification/stored-rows.js';
import type { OpenedBackup } from './backup-folder.js';
import { BackupDamagedError, type Manifest } from './backup-manifest.js';

/** The events that are checked and handed on at once. */
const eventsAtOnce = 1_000;

/** The characters of a checkpoint's note, as a follower limits it: all notes are kept in memory. */
const maxNoteLength = 4_096;

/** Everything from elsewhere that a backup is compared with. */
export interface ComparedWith {
  /** Verifier keys; without one the signatures are not checked. */
  readonly keys: readonly VerifierKey[];
  /** Checkpoints and receipts that others kept. */
  readonly files: readonly OutsideFile[];
}

/**
 * The one pass over a backup's events. Each is checked as a ledger's rows are, and handed on. The
 * tree they make is compared with the manifest and with every checkpoint.
 */
export class BackupCheck {
  readonly findings = new Findings();
  /** The subjects that the events say are erased. */
  readonly erased = new Set<string>();
  readonly checkpoints: readonly KeptCheckpoint[];
  readonly #backup: OpenedBackup;
  readonly #events: EventsCheck;
  readonly #rulebooks = new RulebookCheck(this.findings);
  readonly #outside: OutsideCheck;
  readonly #signed = new Map<number, Checkpoint>();
  readonly #keys: readonly VerifierKey[];
  readonly #rotations: (Pick<KeyRotation, 'previous' | 'next'> & { readonly leaf: number })[] = [];
  #last: StoredEvent | undefined;

  private constructor(
    backup: OpenedBackup,
    checkpoints: readonly KeptCheckpoint[],
    { keys, files }: ComparedWith,
  ) {
    this.#backup = backup;
    this.checkpoints = checkpoints;
    this.findings.counted('files', filesOf(backup.manifest), 'files');
    if (keys.length === 0 && checkpoints.length > 0)
      this.findings.notMade('checkpoints', {
        en: 'there is no key for their signatures: give --key',
        zh: '没有可用于检查其签名的密钥：请给出 --key',
      });
    else this.findings.counted('checkpoints', checkpoints.length, 'kept');
    this.#keys = followedKeys(
      keys,
      files.filter(({ kind }) => kind === 'receipt').map(({ bytes }) => bytes),
    );
    for (const kept of checkpoints) this.#readCheckpoint(kept);
    this.#outside = new OutsideCheck(files, this.findings, this.#keys);
    const sizes = new Set([...this.#signed.keys(), ...this.#outside.sizes]);
    this.#events = new EventsCheck(
      this.findings,
      {
        sizes: [...sizes].filter((size) => size > 0).sort((one, other) => one - other),
        at: (tree) => this.#at(tree),
        tile: () => undefined,
        leaf: (index, event) => {
          const rotation = rotationIn(event.row.body ?? '');
          if (rotation !== undefined) this.#rotations.push({ ...rotation, leaf: index });
          this.#outside.leaf(index, event);
        },
      },
      this.#rulebooks,
    );
  }

  /** @throws BackupDamagedError when the checkpoints cannot be read at all */
  static async of(backup: OpenedBackup, compared: ComparedWith): Promise<BackupCheck> {
    return new BackupCheck(backup, await checkpointsIn(backup), compared);
  }

  /** The root of the tree over the events read. */
  get root(): Hash {
    return this.#events.root;
  }

  /** Events read. */
  get size(): number {
    return this.#events.size;
  }

  /** Their streams. */
  get streams(): number {
    return this.#events.streams;
  }

  /**
   * The events in order, each batch after it was checked; after the last, all that only the end can
   * say. What is found is in {@link findings}.
   *
   * @throws BackupDamagedError at the first file that is not what was written
   */
  async *events(): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    for await (const batch of this.#read()) {
      this.#events.take(batch.map(rowOf));
      for (const event of batch) if (event.stream === erasuresStream) this.#noteErasure(event);
      this.#last = batch.at(-1);
      yield batch;
    }
    await this.#finish();
  }

  /** The events as they lie in the files. */
  async *#read(): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    let number = 0;
    for await (const lines of this.#backup.lines('events'))
      for (let at = 0; at < lines.length; at += eventsAtOnce)
        yield lines.slice(at, at + eventsAtOnce).map((body) => eventOf(body, (number += 1)));
  }

  async *#rows(): AsyncGenerator<readonly StoredRow[], void, undefined> {
    for await (const batch of this.#read()) yield batch.map(rowOf);
  }

  #noteErasure(event: StoredEvent): void {
    try {
      const { type, data } = eventIn('erasures', readEvent(event));
      if (type === 'SubjectErased') this.erased.add(data.subject);
    } catch (error) {
      const { stream, revision } = event;
      const { en, zh } = errorInBoth(error);
      this.findings.damage(
        'form',
        { stream, revision },
        { en: `it cannot be read: ${en}`, zh: `无法读取：${zh}` },
      );
    }
  }

  async #finish(): Promise<void> {
    const { manifest } = this.#backup;
    await this.#events.finish({ inOrder: () => this.#rows() });
    this.#rulebooks.finish();
    this.#checkSignatures();
    this.#outside.finish(this.size);
    const { ledgerId, simulation } = this.#events.settings ?? {};
    if (this.size === 0)
      this.findings.damage(
        'events',
        {},
        { en: 'it holds no events: its first run did not end', zh: '没有事件：首次备份未完成' },
      );
    else if (ledgerId !== manifest.ledgerId || simulation !== manifest.simulation)
      this.findings.damage(
        'events',
        {},
        {
          en:
            `the manifest is of the ledger ${manifest.ledgerId}, ` +
            `and the events are of ${ledgerId ?? 'none'}`,
          zh: `清单属于账本 ${manifest.ledgerId}，而事件属于账本 ${ledgerId ?? '（无）'}`,
        },
      );
    const { events, checkpoints } = manifest;
    if (this.root !== events.root || this.size !== events.count)
      this.findings.damage(
        'events',
        {},
        {
          en:
            `the root of ${counted(this.size, 'event')} is ${this.root}, ` +
            `and the manifest has ${events.count} with the root ${events.root}`,
          zh:
            `${this.size} 个事件的根为 ${this.root}，` +
            `而清单所载为 ${events.count} 个，根为 ${events.root}`,
        },
      );
    if (!isEdgeOf(events) || !this.#isLast(events.last))
      this.findings.damage(
        'events',
        {},
        {
          en: 'the last event, or the edge of the tree, is not that of the manifest',
          zh: '最后事件或树的边缘与清单不符',
        },
      );
    if ((this.checkpoints.at(-1)?.size ?? 0) !== checkpoints.lastSize)
      this.findings.damage(
        'checkpoints',
        {},
        {
          en:
            `the last is not one of ${counted(checkpoints.lastSize, 'event')}, ` +
            'as the manifest says',
          zh: `最后一个不是清单所载的 ${checkpoints.lastSize} 个事件的检查点`,
        },
      );
    for (const { size } of this.checkpoints)
      if (size > this.size)
        this.findings.damage(
          'checkpoints',
          {},
          {
            en: `one was signed for ${counted(size, 'event')}, and the backup holds ${this.size}`,
            zh: `有一个为 ${size} 个事件签署，而备份有 ${this.size} 个`,
          },
        );
  }

  #isLast(expected: Manifest['events']['last']): boolean {
    if (this.#last === undefined || expected === undefined) return this.#last === expected;
    const { stream, revision, leafHash, body } = this.#last;
    const form = readForm(body);
    return (
      stream === expected.stream &&
      revision === expected.revision &&
      leafHash === expected.leafHash &&
      'recordedAt' in form &&
      form.recordedAt === expected.recordedAt
    );
  }

  #at(tree: TreeAt): void {
    this.#outside.at(tree);
    const checkpoint = this.#signed.get(tree.size);
    if (checkpoint === undefined) return;
    const difference = differenceOf(checkpoint, tree.root, tree.heads);
    if (difference !== undefined)
      this.findings.damage(
        'checkpoints',
        {},
        {
          en: `one was signed for ${counted(checkpoint.size, 'event')} and ${difference.en}`,
          zh: `有一个为 ${checkpoint.size} 个事件签署，${difference.zh}`,
        },
      );
  }

  /** Reads what a checkpoint says of the tree; its signature is checked at the end. */
  #readCheckpoint({ size, note }: KeptCheckpoint): void {
    this.#guarded(size, () => {
      const checkpoint = parseCheckpoint(parseNote(note).text);
      if (checkpoint.size !== size)
        this.findings.damage(
          'checkpoints',
          {},
          {
            en: `the one kept for ${counted(size, 'event')} was signed for ${checkpoint.size}`,
            zh: `为 ${size} 个事件保存的检查点，签署的是 ${checkpoint.size} 个事件`,
          },
        );
      this.#signed.set(checkpoint.size, checkpoint);
    });
  }

  /** Checks every signature. Only the events tell which keys the ledger signed with before. */
  #checkSignatures(): void {
    if (this.#keys.length === 0) return;
    const keys = keysAcross(this.#keys, this.#rotations, this.checkpoints, ({ leaf }) => leaf);
    for (const { size, note } of this.checkpoints) {
      if (this.#signed.has(size)) this.#guarded(size, () => openCheckpoint(note, keys));
    }
  }

  #guarded(size: number, check: () => unknown): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      this.findings.damage(
        'checkpoints',
        {},
        {
          en: `the one for ${counted(size, 'event')}: ${error.problem}: ${error.inBoth.en}`,
          zh: `${size} 个事件的检查点：${error.problem}：${error.inBoth.zh}`,
        },
      );
    }
  }
}

/** The event of a line; its stream is empty when the line is not an event. */
function eventOf(body: string, number: number): StoredEvent {
  const envelope = envelopeOf(body);
  return {
    position: String(number),
    stream: envelope?.stream ?? '',
    revision: envelope?.revision ?? 0,
    id: envelope?.id ?? '',
    body,
    leafHash: leafHashOf(body),
  };
}

function rowOf(event: StoredEvent): StoredRow {
  return {
    ...event,
    position: Number(event.position),
    stream: event.stream === '' ? undefined : event.stream,
  };
}

/** @throws BackupDamagedError */
async function checkpointsIn(backup: OpenedBackup): Promise<readonly KeptCheckpoint[]> {
  const checkpoints: KeptCheckpoint[] = [];
  for await (const lines of backup.lines('checkpoints'))
    for (const line of lines) {
      const kept = keptIn(line);
      const last = checkpoints.at(-1)?.size ?? 0;
      if (kept !== undefined && kept.note.length > maxNoteLength)
        throw new BackupDamagedError({
          en:
            `${placeOf(backup, checkpoints.length + 1)} is damaged: its note has ` +
            `${counted(kept.note.length, 'character')}; the limit is ${maxNoteLength}`,
          zh:
            `${placeOf(backup, checkpoints.length + 1)} 已损坏：其记录有 ` +
            `${kept.note.length} 个字符；上限为 ${maxNoteLength}`,
        });
      if (kept === undefined || kept.size <= last)
        throw new BackupDamagedError({
          en:
            `"${backup.path}": its checkpoint ${checkpoints.length + 1} is not one, or not in ` +
            'order',
          zh: `"${backup.path}"：其第 ${checkpoints.length + 1} 个检查点无效，或顺序有误`,
        });
      checkpoints.push(kept);
    }
  return checkpoints;
}

/** The file and the line of a checkpoint, for messages. */
function placeOf({ path, manifest }: OpenedBackup, number: number): string {
  const segment = manifest.checkpoints.segments.find(({ last }) => number <= last);
  if (segment === undefined) return `checkpoint ${number} of "${path}"`;
  return `line ${number - segment.first + 1} of "${join(path, segment.file)}"`;
}

function keptIn(line: string): KeptCheckpoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { size, note } = value as Readonly<Record<string, unknown>>;
  return typeof size === 'number' && Number.isSafeInteger(size) && typeof note === 'string'
    ? { size, note }
    : undefined;
}

function isEdgeOf({ count, edge, root }: Manifest['events']): boolean {
  try {
    return new CompactTree(count, edge).root() === root;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}

function filesOf({ accessLog, checkpoints, events }: Manifest): number {
  return (
    events.segments.length + checkpoints.segments.length + (accessLog?.segments.length ?? 0) + 1
  );
}

/** The instant at which the last event of a backup was recorded. */
export function recordedUpTo({ events }: Manifest): Instant | undefined {
  return events.last?.recordedAt;
}
