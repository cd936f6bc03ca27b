import { existsSync } from 'node:fs';
import { StoreUnavailableError, type EventStore } from '@penalty-ledger/event-store';
import { earliestInstant, ledgerStream, readEvent, type Instant, type LedgerSettings } from '@penalty-ledger/ledger';
import { Sequencer, type OnProgress } from '@penalty-ledger/sequencer';
import { systemClock, type Clock } from './clock.js';
import { KeyStore, signingKeyName } from './key-store.js';
import { openStore } from './open-store.js';
import { locationOf } from './store-url.js';

/** A ledger's Merkle log, open to sign and to prove. Others may write events meanwhile. */
export interface OpenedLog {
  readonly settings: LedgerSettings;
  readonly store: EventStore;
  readonly sequencer: Sequencer;
  /** The key whoever verifies is given: `name+id+key`. */
  readonly verifierKey: string;
  /** Takes in every event and signs for all of them; gives the latest checkpoint again when there is none to add. */
  checkpoint(onProgress?: OnProgress): Promise<string>;
  close(): Promise<void>;
}

/** How a log is opened. */
export interface OpenLog {
  readonly clock?: Clock;
  /** Make the tree again from the events, as `Sequencer.openAnew` does. */
  readonly anew?: OnProgress;
}

/**
 * Opens the Merkle log of a ledger that exists.
 *
 * @throws StoreUrlError, StoreUnavailableError when the store holds no ledger
 * @throws IntegrityError when the events contradict a checkpoint that was signed
 */
export async function openLog(url: string, { clock = systemClock, anew }: OpenLog = {}): Promise<OpenedLog> {
  const location = locationOf(url);
  const store = await openStore(location, { access: 'read' });
  const releases: (() => Promise<void> | void)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const release of releases) await release();
  };
  try {
    const settings = await settingsOf(store);
    const sequencer =
      anew === undefined
        ? await Sequencer.open(location.log, store)
        : await Sequencer.openAnew(location.log, store, anew);
    releases.unshift(() => sequencer.close());
    const keys = KeyStore.open(location.keys);
    releases.unshift(() => keys.close());
    const parts = { sequencer, keys, settings };
    return {
      settings,
      store,
      sequencer,
      verifierKey: keys.signingKey(signingKeyName(settings.ledgerId)).verifierKey,
      checkpoint: (onProgress) => sign(parts, clock, onProgress),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Nothing is to be added to a store that contradicts what was signed for it.
 *
 * @throws IntegrityError when it does
 */
export async function assertSignedHistory(store: EventStore, log: string): Promise<void> {
  if (existsSync(log)) (await Sequencer.open(log, store)).close();
}

/** A store, its keys and its log's file, while a ledger has them open. */
export interface SigningParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly settings: LedgerSettings;
  readonly log: string;
}

/** Signs for everything a store holds. What was recorded before it is called has to be durable. */
export async function signForEverything({ store, log, ...rest }: SigningParts, clock: Clock): Promise<string> {
  const sequencer = await Sequencer.open(log, store);
  try {
    return await sign({ sequencer, ...rest }, clock);
  } finally {
    sequencer.close();
  }
}

function sign(
  {
    sequencer,
    keys,
    settings,
  }: Pick<SigningParts, 'keys' | 'settings'> & {
    readonly sequencer: Sequencer;
  },
  clock: Clock,
  onProgress?: OnProgress,
): Promise<string> {
  // A simulation's time is that of its events, and the same simulation signs the same text.
  const at: Instant = settings.simulation ? earliestInstant : clock.now();
  return sequencer.checkpoint(keys.signer(signingKeyName(settings.ledgerId)), at, onProgress);
}

/**
 * How the ledger in a store was opened.
 *
 * @throws StoreUnavailableError when it holds none
 */
async function settingsOf(store: EventStore): Promise<LedgerSettings> {
  for await (const [first] of store.readStream(ledgerStream, { batchSize: 1 })) {
    if (first !== undefined) return readEvent(first).data as LedgerSettings;
  }
  throw new StoreUnavailableError('the store holds no ledger');
}
