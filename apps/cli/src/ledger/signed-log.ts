import { openLog, type OpenedLog } from '@penalty-ledger/application/open-log';
import { startProgress } from '../terminal/progress.js';

/** Adds the new events to the tree, with progress, and signs. */
export function signAllEvents(opened: OpenedLog): Promise<string> {
  return withTreeProgress((onProgress) => opened.checkpoint(onProgress));
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

/** Shows how many events were added to the tree. */
export async function withTreeProgress<Result>(
  work: (onProgress: (events: number) => void) => Promise<Result>,
): Promise<Result> {
  const progress = startProgress({ label: 'tree', unit: 'events' });
  try {
    return await work((events) => progress.update(events));
  } finally {
    progress.stop();
  }
}
