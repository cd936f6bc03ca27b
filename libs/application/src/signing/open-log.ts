import { existsSync } from 'node:fs';
import {
  assertWriter,
  custodyOf,
  StoreUnavailableError,
  type EventStore,
} from '@penalty-ledger/event-store';
import { earliestInstant, type Instant, type LedgerSettings } from '@penalty-ledger/ledger';
import { formatVerifierKey, type SignerKey } from '@penalty-ledger/merkle-log';
import { Sequencer, type OnProgress } from '@penalty-ledger/sequencer';
import { systemClock, type Clock } from '../clock.js';
import { finishErasures } from '../keys/finish-erasures.js';
import { KeyStore, signingKeyName } from '../keys/key-store.js';
import { findSettings } from '../stores/ledger-settings.js';
import { openStore, sharedEngineOf, type SharedEngine } from '../stores/open-store.js';
import { assertOwnRows } from '../stores/own-rows.js';
import { PublishedCheckpoints } from '../shared-engine/published-checkpoints.js';
import { WriterLease, type NodeOptions } from '../shared-engine/writer-lease.js';
import { hasSigned, pendingSigner } from '../keys/key-rotations.js';
import { assertKeySigned, ledgerSigner, SigningKeyLostError } from './signing-key.js';
import { locationOf } from '../stores/store-url.js';

export { assertKeySigned, SigningKeyLostError } from './signing-key.js';

/** A ledger's Merkle log, open to sign and to prove. Others may write events meanwhile. */
export interface OpenedLog {
  readonly settings: LedgerSettings;
  readonly store: EventStore;
  readonly sequencer: Sequencer;
  readonly keys: KeyStore;
  /**
   * The ledger's key, which signs evidence packs.
   *
   * @throws SigningKeyLostError where the key file has it not
   */
  readonly signer: SignerKey;
  /** The key for verifiers: `name+id+key`. */
  readonly verifierKey: string;
  /**
   * Takes in every event and signs for all of them; gives the latest checkpoint again when nothing
   * was added.
   *
   * @throws StoreLockedError when one must be signed and another node has the lease
   */
  checkpoint(onProgress?: OnProgress): Promise<string>;
  /**
   * Takes in every event, and what other nodes on the engine published. Does nothing where other
   * nodes cannot sign.
   *
   * @throws IntegrityError when the events contradict a checkpoint; StoreUnavailableError
   */
  takeIn(): Promise<void>;
  close(): Promise<void>;
}

/** The options of opening a log. */
export interface OpenLog {
  readonly clock?: Clock;
  /** The node it belongs to, which signs under its own lease. */
  readonly node?: NodeOptions;
  /** Make the tree again from the events, as `Sequencer.openAnew` does. */
  readonly anew?: OnProgress;
}

/**
 * Opens the Merkle log of a ledger that exists.
 *
 * @throws StoreUrlError, StoreUnavailableError when the store holds no ledger
 * @throws IntegrityError when the events contradict a signed checkpoint
 * @throws SigningKeyLostError from signing, when the key file lacks the key of the latest
 * checkpoint
 */
export async function openLog(
  url: string,
  { clock = systemClock, node, anew }: OpenLog = {},
): Promise<OpenedLog> {
  const location = locationOf(url);
  const store = await openStore(location, { access: 'read', clock });
  const releases: (() => Promise<void> | void)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const release of releases) await release();
  };
  try {
    const settings = await settingsOf(store);
    const engine = sharedEngineOf(store);
    const sequencer =
      anew === undefined
        ? await Sequencer.open(location.log, store)
        : await Sequencer.openAnew(location.log, store, anew);
    releases.unshift(() => sequencer.close());
    const takeIn = engine === undefined ? () => Promise.resolve() : adopting(sequencer, engine);
    await takeIn();
    const keys = KeyStore.openToRead(location.keys, settings.ledgerId);
    releases.unshift(() => keys.close());
    if (keys.isReadable) await finishErasures(store, keys);
    assertOwnRows(store, keys);
    const parts = { store, sequencer, keys, settings, engine, takeIn, url: location.url, node };
    return {
      settings,
      store,
      sequencer,
      keys,
      get signer(): SignerKey {
        return signerOf(parts);
      },
      get verifierKey(): string {
        return formatVerifierKey(signerOf(parts));
      },
      checkpoint: (onProgress) => signAsNode(parts, clock, onProgress),
      takeIn,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function signerOf({
  store,
  keys,
  settings: { ledgerId },
  sequencer,
}: Pick<OpenedLog, 'store' | 'keys' | 'settings' | 'sequencer'>): SignerKey {
  // A copy without keys must not make a signing key of its own.
  if (custodyOf(store)?.role === 'follower' && !hasSigningKey(keys, ledgerId))
    throw new SigningKeyLostError({
      en: `${keys.path} has no signing key: this is a copy without keys`,
      zh: `${keys.path} 中没有签名密钥：这是不带密钥的副本`,
    });
  const latest = sequencer.latest?.note;
  const own = ledgerSigner(keys, ledgerId, latest);
  // A rotation that was interrupted after both keys had signed: the next signature ends it.
  const next = keys.findNextSigner(own.name);
  return next !== undefined && latest !== undefined && hasSigned(next, latest) ? next : own;
}

/**
 * Checks that the store does not contradict what was signed for it, here or by another node, and
 * that it can still be signed for. Nothing may be added otherwise.
 *
 * @throws IntegrityError, SigningKeyLostError
 */
export async function assertSignedHistory(
  store: EventStore,
  keys: KeyStore,
  log: string,
  engine?: SharedEngine,
): Promise<void> {
  const published = engine === undefined ? [] : await new PublishedCheckpoints(engine).all();
  if (!existsSync(log) && published.length === 0) return;
  const sequencer = await Sequencer.open(log, store);
  try {
    sequencer.putGuardsBack();
    if (published.length > 0) await sequencer.adopt(published);
    const { latest } = sequencer;
    if (latest === undefined) return;
    assertKeySigned(keys, signingKeyName((await settingsOf(store)).ledgerId), latest.note);
  } finally {
    sequencer.close();
  }
}

/** A store, its keys and its log's file, while a ledger has them open. */
export interface SigningParts {
  readonly store: EventStore;
  /** The stream in which the ledger's nodes publish checkpoints. */
  readonly engine?: SharedEngine | undefined;
  readonly keys: KeyStore;
  readonly settings: LedgerSettings;
  readonly log: string;
}

/** Signs a checkpoint of all events in a store. They must be durable, and the lease held. */
export async function signCurrentHead(
  { store, log, ...rest }: SigningParts,
  clock: Clock,
): Promise<string> {
  const sequencer = await Sequencer.open(log, store);
  try {
    return await sign({ store, sequencer, ...rest }, clock);
  } finally {
    sequencer.close();
  }
}

interface Signing extends Pick<SigningParts, 'store' | 'keys' | 'settings' | 'engine'> {
  readonly sequencer: Sequencer;
}

/** Adopts what was published since the last time; what was refused once is refused again. */
function adopting(sequencer: Sequencer, engine: SharedEngine): () => Promise<void> {
  const published = new PublishedCheckpoints(engine);
  let adopted = 0;
  return async () => {
    const notes = (await published.all()).slice(adopted);
    await sequencer.adopt(notes);
    adopted += notes.length;
  };
}

/** As {@link sign}, under the lease when there is something to sign for and other nodes could. */
async function signAsNode(
  {
    url,
    node,
    takeIn,
    ...parts
  }: Signing & {
    readonly url: string;
    readonly node: NodeOptions | undefined;
    readonly takeIn: () => Promise<void>;
  },
  clock: Clock,
  onProgress?: OnProgress,
): Promise<string> {
  const { engine, sequencer } = parts;
  if (engine === undefined) return sign(parts, clock, onProgress);
  await takeIn();
  const { latest } = sequencer;
  if (latest?.checkpoint.size === sequencer.size) return latest.note;
  const lease = await WriterLease.take(engine, url, node);
  try {
    return await sign(parts, clock, onProgress);
  } finally {
    await lease.release();
  }
}

/**
 * Signs. Where nodes share the engine, a checkpoint is handed out only after all of them can know
 * of it.
 */
async function sign(
  { store, sequencer, keys, settings, engine }: Signing,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<string> {
  const latest = sequencer.latest;
  if (latest !== undefined && (custodyOf(store)?.role === 'follower' || !keys.isReadable)) {
    // A copy gives the checkpoints of its source, and signs none. Without the right to read the key
    // nothing can be signed either.
    await sequencer.catchUp(onProgress);
    if (latest.checkpoint.size === sequencer.size) return latest.note;
  }
  assertWriter(store);
  const published = engine === undefined ? undefined : new PublishedCheckpoints(engine);
  if (published !== undefined) await sequencer.adopt(await published.all());
  // A simulation's time is that of its events, and the same simulation signs the same text.
  const at: Instant = settings.simulation ? earliestInstant : clock.now();
  const signer = ledgerSigner(keys, settings.ledgerId, sequencer.latest?.note);
  const next = await pendingSigner(store, keys, signer);
  const signers = next === undefined ? ([signer] as const) : ([signer, next] as const);
  const note = await sequencer.checkpoint(signers, at, onProgress);
  // Behind the log: a crash between them leaves one unnoted, and never one that is missed.
  noteSigned(keys, sequencer);
  await published?.publish(sequencer.checkpoints);
  // Only now: until everybody can know of the new key, a crash leaves the old one to sign with.
  if (next !== undefined) keys.promoteNextSigner(signer.name);
  return note;
}

/** Notes beside the keys what was signed, so that a checkpoint that is deleted is missed. */
function noteSigned(keys: KeyStore, sequencer: Sequencer): void {
  const { latest } = sequencer;
  if (latest !== undefined)
    keys.noteSigned(latest.checkpoint.size, () => sequencer.checkpoints.map(({ size }) => size));
}

function hasSigningKey(keys: KeyStore, ledgerId: string): boolean {
  return keys.findSigningKey(signingKeyName(ledgerId)) !== undefined;
}

/**
 * The settings with which the ledger in a store was opened.
 *
 * @throws StoreUnavailableError when it holds none
 */
async function settingsOf(store: EventStore): Promise<LedgerSettings> {
  const settings = await findSettings(store);
  if (settings === undefined)
    throw new StoreUnavailableError({ en: 'the store holds no ledger', zh: '存储中没有账本' });
  return settings;
}
