import { openLog, type OpenedLog } from '@penalty-ledger/application/open-log';
import { parseCheckpoint, parseNote } from '@penalty-ledger/merkle-log';
import { startProgress } from '../terminal/progress.js';

/** A signed checkpoint, and what it says. */
export interface SignedFor {
  readonly origin: string;
  /** Events. */
  readonly size: number;
  /** 64 hexadecimal digits, as are all hashes here. */
  readonly root: string;
  readonly streams: number;
  readonly streamHeadsRoot: string;
  readonly signedAt: string;
  readonly note: string;
}

/** Signs for everything a ledger holds. */
export async function signCheckpoint(url: string, rebuild: boolean): Promise<SignedFor> {
  if (rebuild) await withProgress(async (anew) => (await openLog(url, { anew })).close());
  return withLog(url, async (opened) => signedFor(await signEverything(opened)));
}

/** Every checkpoint a ledger signed, oldest first. */
export async function listCheckpoints(url: string): Promise<readonly SignedFor[]> {
  return withLog(url, async ({ sequencer }) =>
    sequencer.checkpoints.map(({ note }) => signedFor(note)),
  );
}

/** Takes in what was recorded since, with progress, and signs. */
export function signEverything(opened: OpenedLog): Promise<string> {
  return withProgress((onProgress) => opened.checkpoint(onProgress));
}

/** Opens a ledger's Merkle log for as long as `work` takes. */
export async function withLog<Result>(
  url: string,
  work: (opened: OpenedLog) => Promise<Result>,
): Promise<Result> {
  const opened = await openLog(url);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

async function withProgress<Result>(
  work: (onProgress: (events: number) => void) => Promise<Result>,
): Promise<Result> {
  const progress = startProgress({ label: 'tree', unit: 'events' });
  try {
    return await work((events) => progress.update(events));
  } finally {
    progress.stop();
  }
}

function signedFor(note: string): SignedFor {
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
