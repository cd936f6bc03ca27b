import type { InBoth } from '@penalty-ledger/ledger';
import { Worker } from 'node:worker_threads';
import { PackError, type BuiltPack } from '@penalty-ledger/evidence';
import type { GatheredPack } from './gathered-pack.js';
import type { PackWanted } from './pack-wanted.js';

/** The input of the thread. */
export interface PackThreadData {
  readonly gathered: GatheredPack;
  readonly wanted: PackWanted;
  /** Registered files to put in, by SHA-256. */
  readonly attachments?: ReadonlyMap<string, Uint8Array>;
}

/** The message of the thread when it is done. */
export type PackThreadAnswer =
  | { readonly pack: BuiltPack }
  | { readonly refused: { readonly problem: string; readonly text: InBoth } };

/**
 * Megabytes of objects that a thread may hold before it alone is ended; with a year of 10,000
 * deductions the whole process took 505.
 */
const maxMegabytes = 2_048;

const body = new URL('../../dist/packing/pack-worker.js', import.meta.url);

/**
 * Builds a pack in a thread of its own, as {@link buildGathered} does, with the installed printer.
 * A year of 10,000 deductions, 1,558 pages, takes a minute of processor time, and nothing else
 * waits for it.
 *
 * @param signal ends the thread
 * @throws PackError; the error that ended the thread
 */
export async function buildInItsOwnThread(
  data: PackThreadData,
  signal?: AbortSignal,
): Promise<BuiltPack> {
  signal?.throwIfAborted();
  const worker = new Worker(body, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
  });
  const stop = (): void => void worker.terminate();
  signal?.addEventListener('abort', stop);
  try {
    const answer = await new Promise<PackThreadAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => {
        const ended = new Error('the thread that builds a pack has ended');
        reject(signal?.aborted === true ? (signal.reason as Error) : ended);
      });
    });
    if ('pack' in answer) return answer.pack;
    throw new PackError(answer.refused.problem, answer.refused.text);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
