import { openLog } from '@penalty-ledger/application/open-log';
import { parseCheckpoint, parseNote } from '@penalty-ledger/merkle-log';
import { signAllEvents, withLog, withTreeProgress } from '../ledger/signed-log.js';

/** A signed checkpoint, and its content. */
export interface SignedCheckpoint {
  readonly origin: string;
  /** Events. */
  readonly size: number;
  /** 64 hexadecimal digits, like every hash here. */
  readonly root: string;
  readonly streams: number;
  readonly streamHeadsRoot: string;
  readonly signedAt: string;
  readonly note: string;
}

/** Signs everything that a ledger holds. */
export async function signCheckpoint(url: string, rebuild: boolean): Promise<SignedCheckpoint> {
  if (rebuild) await withTreeProgress(async (anew) => (await openLog(url, { anew })).close());
  return withLog(url, async (opened) => signedCheckpointOf(await signAllEvents(opened)));
}

/** Every checkpoint a ledger signed, oldest first. */
export async function listCheckpoints(url: string): Promise<readonly SignedCheckpoint[]> {
  return withLog(url, async ({ sequencer }) =>
    sequencer.checkpoints.map(({ note }) => signedCheckpointOf(note)),
  );
}

function signedCheckpointOf(note: string): SignedCheckpoint {
  const { origin, size, root, streamHeads, signedAt } = parseCheckpoint(parseNote(note).text);
  return {
    origin,
    size,
    root,
    streams: streamHeads.count,
    streamHeadsRoot: streamHeads.root,
    signedAt,
    note,
  };
}
