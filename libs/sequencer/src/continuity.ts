import {
  IntegrityError,
  comparePositions,
  type EventStore,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import { counted, type InBoth } from '@penalty-ledger/ledger';
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
import { rebuildLog, type LogFile } from './log-file.js';
import { proved } from './proving.js';

/** Heads compared with the store before a signature; some 30 µs each, on an engine a call each. */
const headsLookedAt = 1_000;

/**
 * Checks that the store holds as many events as the tree and, where its positions count them, as
 * every checkpoint.
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
      {
        en:
          `the store ends there, and the tree holds an event at ${cursor ?? ''}: ` +
          'its tail is gone',
        zh: `存储止于此处，而树中有位于 ${cursor ?? ''} 的事件：末尾已丢失`,
      },
      { position: head },
    );
  }
  const signed = file.latestCheckpoint()?.size ?? 0;
  if (events >= Math.max(size, signed)) return;
  const missing: InBoth =
    events < signed
      ? {
          en: `a checkpoint of ${counted(signed, 'event')} was signed`,
          zh: `已签署过 ${signed} 个事件的检查点`,
        }
      : {
          en: `the tree has ${counted(size, 'leaf', 'leaves')}`,
          zh: `树中有 ${size} 个叶`,
        };
  throw new IntegrityError(
    {
      en: `the store holds ${counted(events, 'event')}, and ${missing.en}: its tail is gone`,
      zh: `存储中有 ${events} 个事件，而${missing.zh}：末尾已丢失`,
    },
    { position: String(events + 1) },
  );
}

/**
 * Checks that a tree of every event of the store has as many leaves as a signed checkpoint. @throws
 * IntegrityError
 */
export function checkSigned(file: LogFile): void {
  const signed = file.latestCheckpoint()?.size ?? 0;
  const { size } = file.progress;
  if (signed > size)
    throw new IntegrityError(
      {
        en:
          `the store holds ${counted(size, 'event')}, ` +
          `but a checkpoint of ${counted(signed, 'event')} was signed: its tail is gone`,
        zh: `存储中有 ${size} 个事件，但已签署过 ${signed} 个事件的检查点：末尾已丢失`,
      },
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

/**
 * Checks that the tree of `size` leaves and this root begins with the signed one. @throws
 * IntegrityError
 */
export function checkContinues(file: LogFile, earlier: Checkpoint, size: number, root: Hash): void {
  try {
    const proof = consistencyProof(file, earlier.size, size);
    checkConsistency(earlier.size, earlier.root, size, root, proof);
  } catch (error) {
    if (!(error instanceof VerificationError) && !(error instanceof TileError)) throw error;
    throw new IntegrityError(
      {
        en:
          `the tree of ${counted(size, 'event')} does not begin with ` +
          `the signed one of ${earlier.size}: another history, or a damaged log`,
        zh:
          `${size} 个事件的树并非以已签署的 ${earlier.size} 个事件的树开头：` +
          '这是另一份历史，或日志已损坏',
      },
      {},
      { cause: error, hint: rebuildLog },
    );
  }
}

/**
 * Checks that streams of the store still hold the events that are their heads in the tree. A
 * history that was rewritten with its hashes and chains has other heads. A stream that grows is
 * compared when its next event becomes a leaf. Of the resting ones, each signing compares {@link
 * headsLookedAt}, beginning where nobody could foresee. `ledger verify` compares all. A stream that
 * the store itself refuses as damaged is passed: its leaves stay, and nothing is added to it.
 *
 * @param latest the last checkpoint
 * @param justRead leaf hashes that the store gave for this signature, by stream: a head that is
 * among them was compared, and is not read a second time
 * @throws IntegrityError
 */
export async function checkHeads(
  file: LogFile,
  store: EventStore,
  latest: Checkpoint | undefined,
  justRead: Pick<ReadonlyMap<string, Hash>, 'get'>,
): Promise<void> {
  const found = file.headsFrom(latest?.root ?? emptyRoot, headsLookedAt);
  const around =
    found.length < headsLookedAt
      ? file.headsFrom('0'.repeat(64), headsLookedAt - found.length)
      : [];
  const looked = new Map([...found, ...around].map((head) => [head.stream, head]));
  for (const { stream, revision, leafHash } of looked.values()) {
    if (justRead.get(stream) === leafHash) continue;
    const event = await eventAt(store, stream, revision).catch(damageIn);
    if (event === 'damaged' || event?.leafHash === leafHash) continue;
    const there: InBoth =
      event === undefined
        ? { en: 'no event there', zh: '没有该事件' }
        : {
            en: `one with the leaf hash ${event.leafHash}`,
            zh: `事件的叶哈希为 ${event.leafHash}`,
          };
    throw new IntegrityError(
      {
        en: `the tree has leaf hash ${leafHash}, and the store ${there.en}: it is another history`,
        zh: `树中的叶哈希为 ${leafHash}，而存储中${there.zh}：这是另一份历史`,
      },
      { stream, revision },
      { hint: rebuildLog },
    );
  }
}

function damageIn(error: unknown): 'damaged' {
  if (error instanceof IntegrityError) return 'damaged';
  throw error;
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
