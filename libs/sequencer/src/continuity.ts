import {
  IntegrityError,
  comparePositions,
  type EventStore,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import {
  checkConsistency,
  consistencyProof,
  emptyRoot,
  rootAt,
  TileError,
  VerificationError,
  type Checkpoint,
  type Hash,
} from '@penalty-ledger/merkle-log';
import { countedLeafOf } from './leaf-index.js';
import type { LogFile } from './log-file.js';
import { proved } from './proving.js';

/** Heads compared with the store before a signature; some 30 µs each. */
const headsLookedAt = 1_000;

/**
 * That the store holds as many events as the tree and, where its positions count them, every checkpoint.
 *
 * @throws IntegrityError
 */
export async function checkLength(file: LogFile, store: EventStore): Promise<void> {
  const head = await store.head();
  const { size, cursor } = file.progress;
  const events = head === undefined ? 0 : (countedLeafOf(head) ?? -1) + 1;
  if (head !== undefined && events === 0) {
    if (comparePositions(head, cursor) >= 0) return;
    throw new IntegrityError(
      `the store ends there, and the tree holds an event at ${cursor ?? ''}: its tail is gone`,
      {
        position: head,
      },
    );
  }
  const signed = file.latestCheckpoint()?.size ?? 0;
  if (events >= Math.max(size, signed)) return;
  const missing =
    events < signed
      ? `a checkpoint of ${signed} events was signed`
      : `${size} events are leaves of the tree`;
  throw new IntegrityError(`the store holds ${events} events, and ${missing}: its tail is gone`, {
    position: String(events + 1),
  });
}

/** That a tree that holds every event of the store has as many leaves as a checkpoint was signed for. @throws IntegrityError */
export function checkSigned(file: LogFile): void {
  const signed = file.latestCheckpoint()?.size ?? 0;
  const { size } = file.progress;
  if (signed > size)
    throw new IntegrityError(
      `the store holds ${size} events, and a checkpoint of ${signed} events was signed: its tail is gone`,
      {},
    );
}

/** That the tree, when it is as large, leads to the latest checkpoint. @throws IntegrityError */
export function checkKept(file: LogFile, latest: Checkpoint | undefined): void {
  const { size } = file.progress;
  if (latest === undefined || latest.size > size) return;
  const root = proved({}, () => rootAt(file, size));
  checkContinues(file, latest, size, root);
}

/** That the tree of `size` leaves and this root begins with the one that was signed for. @throws IntegrityError */
export function checkContinues(file: LogFile, earlier: Checkpoint, size: number, root: Hash): void {
  try {
    const proof = consistencyProof(file, earlier.size, size);
    checkConsistency(earlier.size, earlier.root, size, root, proof);
  } catch (error) {
    if (!(error instanceof VerificationError) && !(error instanceof TileError)) throw error;
    throw new IntegrityError(
      `the tree of ${size} events does not begin with the ${earlier.size} that a checkpoint was signed for: ` +
        'another history, or a damaged log',
      {},
      { cause: error },
    );
  }
}

/**
 * That streams of the store still have the events the tree has as their heads. A history that was written anew with its hashes and chains has
 * other heads. A stream that goes on is held against its head when its next event becomes a leaf; of those that rest, each signing looks at
 * {@link headsLookedAt}, beginning where nobody knew before the last one that it would. `ledger verify` looks at all.
 *
 * @param latest the last checkpoint
 * @throws IntegrityError
 */
export async function checkHeads(
  file: LogFile,
  store: EventStore,
  latest: Checkpoint | undefined,
): Promise<void> {
  const found = file.headsFrom(latest?.root ?? emptyRoot, headsLookedAt);
  const around =
    found.length < headsLookedAt
      ? file.headsFrom('0'.repeat(64), headsLookedAt - found.length)
      : [];
  for (const { stream, revision, leafHash } of [...found, ...around]) {
    const event = await eventAt(store, stream, revision);
    if (event?.leafHash === leafHash) continue;
    const there =
      event === undefined ? 'no event there' : `one with the leaf hash ${event.leafHash}`;
    throw new IntegrityError(
      `the tree has the event with the leaf hash ${leafHash}, and the store ${there}: another history`,
      { stream, revision },
    );
  }
}

/** The event of a stream at a revision, if there is one. */
export async function eventAt(
  store: EventStore,
  stream: string,
  revision: number,
): Promise<StoredEvent | undefined> {
  for await (const [event] of store.readStream(stream, { from: revision, batchSize: 1 }))
    return event;
  return undefined;
}
