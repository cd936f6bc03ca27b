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

/** Something that a ledger signed, and whether the ledger is a simulation. */
interface Signed<What> {
  readonly signed: What;
  readonly simulation: boolean;
}

/** Signs everything that a ledger holds. */
export async function signCheckpoint(
  url: string,
  rebuild: boolean,
): Promise<Signed<SignedCheckpoint>> {
  if (rebuild) await withTreeProgress(async (anew) => (await openLog(url, { anew })).close());
  return withLog(url, async (opened) => ({
    signed: signedCheckpointOf(await signAllEvents(opened)),
    simulation: opened.settings.simulation,
  }));
}

/** Every checkpoint a ledger signed, oldest first. */
export async function listCheckpoints(url: string): Promise<Signed<readonly SignedCheckpoint[]>> {
  return withLog(url, async ({ sequencer, settings: { simulation } }) => ({
    signed: sequencer.checkpoints.map(({ note }) => signedCheckpointOf(note)),
    simulation,
  }));
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
