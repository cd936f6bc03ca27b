import { shown } from '../printable.js';
import { randomUUID } from 'node:crypto';
import {
  CustodyError,
  custodyOf,
  IntegrityError,
  setCustody,
  StoreUnavailableError,
  type Custody,
  type EventStore,
} from '@penalty-ledger/event-store';
import { counted, type InBoth } from '@penalty-ledger/ledger';
import {
  formatVerifierKey,
  openCheckpoint,
  parseVerifierKey,
  VerificationError,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { openReadModels } from '@penalty-ledger/projections';
import { Sequencer, type KeptCheckpoint } from '@penalty-ledger/sequencer';
import { OrderedWriter, sqliteWindow } from '../copying/copy-events.js';
import { signingKeyName } from '../keys/key-store.js';
import { hasSigned, keyRotations, keysAcross } from '../keys/key-rotations.js';
import { FollowedReadModels } from '../nodes/followed-read-models.js';
import { OpenParts } from '../open-parts.js';
import { openExistingStore, openStore } from '../stores/open-store.js';
import {
  locationOf,
  secondLocationOf,
  StoreUrlError,
  type FilesElsewhere,
  type SqliteLocation,
} from '../stores/store-url.js';
import { CopiedKeys } from './copied-keys.js';
import { IncomingEvents, type CheckedEvent } from './incoming-events.js';
import type { RecordPage } from './record-page.js';
import { HistoriesDifferError, SourceRefusedError } from './source-errors.js';
import { checkpointsAtOnce, type SourceConnection } from './source-connection.js';

/** The facts that a copy keeps in its file, beside the URL of its source. */
export interface CopyDetails {
  /** The name of the copy among its source's followers. */
  readonly follower: string;
  /** The key of the ledger, as it was given or found at the first contact. */
  readonly verifierKey: string;
  /** The time after which a source that is not followed acknowledges nothing. */
  readonly followedSeconds?: number;
  /** The reason why the copy cannot be the ledger: a checkpoint contradicts its events. */
  readonly contradicted?: InBoth;
  /** Names this copy in its order to the writer, from the first one on. */
  readonly promotionId?: string;
  /** The term in which it becomes the ledger, once that has begun. */
  readonly promoting?: number;
}

const closingOrder = ['folding', 'keys', 'readModels', 'log', 'store'] as const;
type Part = (typeof closingOrder)[number];

/** The facts with which a copy is begun. */
export interface Pinned extends Pick<CopyDetails, 'follower' | 'verifierKey'> {
  readonly source: string;
}

/**
 * A copy of another machine's ledger, in a SQLite file that takes no commands. What does not verify
 * is not stored.
 */
export class FollowedCopy {
  readonly #parts: OpenParts<Part>;
  readonly #readModels: FollowedReadModels;
  readonly #sequencer: Sequencer;
  readonly #incoming: IncomingEvents;
  #events: number;
  #details: CopyDetails;
  #keys: CopiedKeys | undefined;
  #awaitsRotation = false;

  private constructor(
    readonly location: SqliteLocation,
    readonly store: EventStore,
    parts: OpenParts<Part>,
    readModels: FollowedReadModels,
    sequencer: Sequencer,
    incoming: IncomingEvents,
    custody: { readonly events: number; readonly details: CopyDetails },
  ) {
    this.#parts = parts;
    this.#readModels = readModels;
    this.#sequencer = sequencer;
    this.#incoming = incoming;
    this.#events = custody.events;
    this.#details = custody.details;
  }

  /**
   * Opens a copy, or begins one in an empty file.
   *
   * @param pin gives the source's URL, the ledger's key and the copy's name, to begin a copy
   * @param elsewhere the places of its files, when it is not the ledger this program is about
   * @throws StoreUrlError, StoreLockedError, IntegrityError
   * @throws CustodyError when the file is a ledger of its own, or is fenced
   * @throws SourceRefusedError when a checkpoint contradicted the copy before
   */
  static async open(
    url: string,
    pin?: () => Promise<Pinned>,
    elsewhere?: FilesElsewhere,
  ): Promise<FollowedCopy> {
    const location = sqliteLocationOf(url, elsewhere);
    const parts = new OpenParts(closingOrder);
    try {
      const access = { access: 'write', as: 'follower', thread: true } as const;
      const store = await (pin === undefined
        ? openExistingStore(location, access)
        : openStore(location, access));
      parts.opened('store', () => store.close());
      const details = await detailsOf(store, location, pin);
      const sequencer = await Sequencer.open(location.log, store);
      parts.opened('log', () => {
        sequencer.close();
      });
      const readModels = await openReadModels(location.readModels, store);
      parts.opened('readModels', () => {
        readModels.close();
      });
      const followed = new FollowedReadModels(store, readModels);
      parts.opened('folding', () => followed.stop());
      const incoming = await IncomingEvents.after(store);
      const events = Number((await store.head()) ?? 0);
      const custody = { events, details };
      return new FollowedCopy(location, store, parts, followed, sequencer, incoming, custody);
    } catch (error) {
      return parts.closeAfter(error);
    }
  }

  /** Events that are durable in the copy. */
  get events(): number {
    return this.#events;
  }

  /** Events in the last checkpoint that was proved. */
  get verifiedUpTo(): number {
    return this.#sequencer.latest?.checkpoint.size ?? 0;
  }

  /** The `recordedAt` of its last event; empty before the first. */
  get recordedAt(): string {
    return this.#incoming.recordedAt;
  }

  get details(): CopyDetails {
    return this.#details;
  }

  /** The URL of its source. */
  get source(): string {
    return custodyOf(this.store)?.other ?? '';
  }

  /**
   * Checks a page and stores its events, in order, up to the first that does not verify.
   *
   * @throws SourceRefusedError, HistoriesDifferError
   */
  async take({ head, bodies }: RecordPage): Promise<void> {
    await this.#assertContinues(head);
    const events: CheckedEvent[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      for (const body of bodies)
        events.push(await this.#incoming.check(body, this.#events + events.length + 1));
    } catch (error) {
      failure = { error };
    }
    // Durable before the first event that only they open.
    await this.#keys?.before(events);
    const writer = new OrderedWriter(this.store, sqliteWindow);
    for (const { record } of events) await writer.add(record);
    await writer.finish();
    this.#events += events.length;
    this.#keys?.after(events);
    if (failure !== undefined) throw failure.error;
    if (head.followedSeconds !== this.#details.followedSeconds)
      this.#keep({ followedSeconds: head.followedSeconds });
  }

  /**
   * Fetches the checkpoints that the copy can prove, and proves each: its signature is of a key of
   * the ledger, and its root is that of the copy's own tree. Where the ledger changed its key, the
   * copy goes on with the one that both keys signed for. Those from before the key that it was
   * begun with are proved once it holds the checkpoint that leads to that key.
   *
   * @throws SourceRefusedError; a contradiction is remembered, and the copy cannot be promoted
   */
  async prove(source: SourceConnection, signal?: AbortSignal): Promise<void> {
    let held: readonly KeptCheckpoint[] = [];
    for (;;) {
      const after = held.at(-1)?.size ?? this.verifiedUpTo;
      const found = await source.checkpoints(after, signal);
      const holds = found.filter(({ size }) => size <= this.#events);
      held = await this.#proveInOrder([...held, ...holds]);
      const isLast = found.length < checkpointsAtOnce;
      if (holds.length === found.length && !isLast) continue;
      this.#awaitsRotation = held.length > 0 && holds.length < found.length;
      if (held[0] !== undefined && !this.#awaitsRotation)
        assertSigned(held[0], [parseVerifierKey(this.#details.verifierKey)]);
      await this.#keys?.takeSigningKey(this.#details.verifierKey);
      return;
    }
  }

  /** True while only events that are not copied yet can tell who signed the next checkpoint. */
  get awaitsRotation(): boolean {
    return this.#awaitsRotation;
  }

  /** Says whether one of these keys signs for the ledger, or did so before it changed its key. */
  async isSignedBy(keys: readonly string[]): Promise<boolean> {
    const known = await this.#keysAcross(this.#sequencer.checkpoints);
    return known.some((key) => keys.includes(formatVerifierKey(key)));
  }

  /**
   * Folds the read models from now on, so that queries and a promotion find little left to fold.
   */
  keepReadModelsUp(): void {
    this.#readModels.start();
  }

  /** Takes the ledger's keys along from now on, each before the events that need it. */
  async takeKeysOf(source: SourceConnection): Promise<void> {
    const { verifierKey } = this.#details;
    const about = { verifierKey, ledgerId: this.#incoming.ledgerId };
    this.#keys = await CopiedKeys.open(this.location.keys, this.store, source, about);
    this.#parts.opened('keys', () => this.#keys?.close());
  }

  /**
   * Keeps that the copy is being promoted: nothing is followed from then on, and an interrupted
   * promotion goes on in the same term.
   */
  beginPromotion(term: number): void {
    this.#keep({ promoting: term });
  }

  /** The name of this copy in its order to the writer; kept, so that it can be repeated. */
  promotionId(): string {
    const promotionId = this.#details.promotionId ?? randomUUID();
    if (this.#details.promotionId === undefined) this.#keep({ promotionId });
    return promotionId;
  }

  /** The ledger it is a copy of; empty before the first event. */
  get ledgerId(): string {
    return this.#incoming.ledgerId ?? '';
  }

  /** Notes the URL that the source has now, and the name of the copy. */
  moveTo(source: string, follower: string): void {
    if (source !== this.source || follower !== this.#details.follower)
      this.#keep({ follower }, source);
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  /** @returns the checkpoints themselves where nothing here tells who signed the first */
  async #proveInOrder(held: readonly KeptCheckpoint[]): Promise<readonly KeptCheckpoint[]> {
    const [first] = held;
    if (first === undefined) return held;
    const keys = await this.#keysAcross(held);
    if (!keys.some((key) => hasSigned(key, first.note))) return held;
    for (const kept of held) assertSigned(kept, keys);
    const newest = keys.find(({ until }) => until === undefined);
    const verifierKey = newest === undefined ? undefined : formatVerifierKey(newest);
    // Before the checkpoints are kept, which are not fetched again.
    if (verifierKey !== undefined && verifierKey !== this.#details.verifierKey)
      this.#keep({ verifierKey });
    await this.#adopt(held);
    return [];
  }

  /** The copy's key, and those to which checkpoints of two keys lead. */
  async #keysAcross(checkpoints: readonly KeptCheckpoint[]): Promise<readonly VerifierKey[]> {
    const rotations = await keyRotations(this.store);
    const key = parseVerifierKey(this.#details.verifierKey);
    return keysAcross([key], rotations, checkpoints, ({ position }) => Number(position) - 1);
  }

  async #adopt(checkpoints: readonly KeptCheckpoint[]): Promise<void> {
    try {
      await this.#sequencer.adopt(checkpoints);
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      this.#keep({ contradicted: error.damage });
      throw contradiction(error.damage);
    }
  }

  async #assertContinues(head: RecordPage['head']): Promise<void> {
    const { ledgerId } = this.#incoming;
    const name = parseVerifierKey(this.#details.verifierKey).name;
    if ((ledgerId ?? head.ledgerId) !== head.ledgerId)
      throw new SourceRefusedError(
        {
          en: `it serves the ledger ${head.ledgerId}, and the copy is of ${ledgerId ?? ''}`,
          zh: `它提供账本 ${head.ledgerId}，而副本属于 ${ledgerId ?? ''}`,
        },
        {
          en: 'give the URL of the ledger that was followed, or follow this one into another file',
          zh: '请给出原先所跟随账本的 URL，或将此账本跟随到另一文件',
        },
      );
    if (signingKeyName(head.ledgerId) !== name)
      throw new SourceRefusedError(
        {
          en: `it serves the ledger ${head.ledgerId}, and the key is of ${shown(name)}`,
          zh: `它提供账本 ${head.ledgerId}，而密钥属于 ${shown(name)}`,
        },
        {
          en: 'give the key of this ledger, from somebody you trust',
          zh: '请给出此账本的密钥，并从可信的人处取得',
        },
      );
    if (Number(head.after) !== this.#events)
      throw new SourceRefusedError({
        en: `it was asked for the events after ${this.#events}, and sent those after ${head.after}`,
        zh: `向它索取 ${this.#events} 之后的事件，它发送的却是 ${head.after} 之后的`,
      });
    if (Number(head.head) < this.#events + head.count)
      throw new HistoriesDifferError({
        en:
          `it ends at event ${head.head}, and the copy holds ${this.#events}: ` +
          'its tail is gone, or it is another history',
        zh:
          `它止于事件 ${head.head}，而副本有 ${this.#events} 个事件：` +
          '其尾部已丢失，或属于另一段历史',
      });
    if (this.#events === 0) return;
    for await (const [last] of this.store.readAll(
      this.#events > 1 ? { after: String(this.#events - 1) } : {},
    )) {
      if (last?.leafHash === head.leafHash) continue;
      const copied = last?.leafHash;
      throw new HistoriesDifferError({
        en:
          `its event ${this.#events} has the leaf hash ${head.leafHash ?? 'of none'}, ` +
          `and the copy's has ${copied ?? 'none'}`,
        zh:
          `其事件 ${this.#events} 的叶哈希为 ${head.leafHash ?? '空'}，` +
          `而副本的为 ${copied ?? '空'}`,
      });
    }
  }

  #keep(
    change: {
      readonly follower?: string;
      readonly followedSeconds?: number | undefined;
      readonly contradicted?: InBoth;
      readonly promotionId?: string;
      readonly promoting?: number;
      readonly verifierKey?: string;
    },
    source = this.source,
  ): void {
    const { followedSeconds, ...rest } = { ...this.#details, ...change };
    this.#details = { ...rest, ...(followedSeconds !== undefined && { followedSeconds }) };
    setCustody(this.store, { role: 'follower', other: source, details: { ...this.#details } });
  }
}

/** @throws StoreUrlError for any other engine, whose nodes hold the same events anyway */
export function sqliteLocationOf(url: string, elsewhere?: FilesElsewhere): SqliteLocation {
  const location = elsewhere === undefined ? locationOf(url) : secondLocationOf(url, elsewhere);
  if (location.engine === 'sqlite') return location;
  throw new StoreUrlError({
    en: `a copy that follows is a SQLite file, not ${location.url}: give sqlite:PATH`,
    zh: `跟随的副本是 SQLite 文件，不能是 ${location.url}：请给出 sqlite:PATH`,
  });
}

/** Reads the facts of a copy from its custody. @throws IntegrityError */
export function copyDetailsOf({ details }: Custody): CopyDetails {
  const { follower, verifierKey } = details as Partial<CopyDetails>;
  if (typeof follower !== 'string' || typeof verifierKey !== 'string')
    throw new IntegrityError(
      { en: 'the record of whom the copy follows is not whole', zh: '副本所跟随对象的记录不完整' },
      {},
    );
  return details as unknown as CopyDetails;
}

async function detailsOf(
  store: EventStore,
  { events }: SqliteLocation,
  pin: (() => Promise<Pinned>) | undefined,
): Promise<CopyDetails> {
  const custody = custodyOf(store);
  if (custody !== undefined) {
    const details = copyDetailsOf(custody);
    if (details.contradicted !== undefined) throw contradiction(details.contradicted);
    return details;
  }
  if ((await store.head()) !== undefined) throw new CustodyError(events, 'writer', '');
  if (pin === undefined) throw nothingCopied(events);
  const { source, ...details } = await pin();
  setCustody(store, { role: 'follower', other: source, details });
  return details;
}

/** The error for a file in which a copy was not begun. */
export function nothingCopied(file: string): StoreUnavailableError {
  return new StoreUnavailableError(
    { en: `nothing was copied into "${file}" yet`, zh: `尚未复制任何内容到 "${file}"` },
    {
      hint: {
        en: 'start "ledger follow", and wait until it reaches the source',
        zh: '请启动 "ledger follow"，并等它连上源',
      },
    },
  );
}

/** @param keys of one name */
function assertSigned({ size, note }: KeptCheckpoint, keys: readonly VerifierKey[]): void {
  const name = keys[0]?.name ?? '';
  try {
    const checkpoint = openCheckpoint(note, keys);
    if (checkpoint.size === size && checkpoint.origin === name) return;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new SourceRefusedError(
      {
        en:
          `its checkpoint of ${counted(size, 'event')} is not signed by ${name}: ` +
          error.inBoth.en,
        zh: `其 ${size} 个事件的检查点没有 ${name} 的签名：${error.inBoth.zh}`,
      },
      undefined,
      { cause: error },
    );
  }
  throw new SourceRefusedError({
    en: `its checkpoint of ${counted(size, 'event')} is for others`,
    zh: `其 ${size} 个事件的检查点属于另一账本，或大小不符`,
  });
}

function contradiction(problem: InBoth): SourceRefusedError {
  return new SourceRefusedError(problem, {
    en:
      'keep the copy for an inquiry: it cannot be promoted; follow a source that you trust ' +
      'into a new file, and compare both with "ledger verify --checkpoint"',
    zh:
      '请保留副本以备查证：它不能提升；请将可信的源跟随到新文件，' +
      '并用 "ledger verify --checkpoint" 比较二者',
  });
}
