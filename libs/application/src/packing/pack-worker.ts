import { parentPort, workerData } from 'node:worker_threads';
import { PackError } from '@penalty-ledger/evidence';
import { buildGathered } from './build-gathered.js';
import { installedPrinter } from './installed-printer.js';
import type { PackThreadAnswer, PackThreadData } from './pack-thread.js';

// The body of the thread that `buildInItsOwnThread` starts.
const { gathered, wanted, attachments = new Map() } = workerData as PackThreadData;
parentPort?.postMessage(await answer());

async function answer(): Promise<PackThreadAnswer> {
  const printer = await installedPrinter();
  try {
    return { pack: buildGathered(gathered, wanted, { printer, attachments }) };
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return { refused: { problem: error.problem, text: error.inBoth } };
  }
}
