import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyLedger, type CopyStep } from '../copying/copy-ledger.js';
import { locationOf } from '../stores/store-url.js';
import { openLedger, type OpenedLedger, type OpenLedger } from './open-ledger.js';

/**
 * Opens a copy of a ledger in a folder of its own, to try commands on: they meet every rule and
 * everything that is recorded, and nothing of them stays. The copy goes when it is closed. A ledger
 * that does not exist yet is tried as a new one.
 *
 * @throws what {@link copyLedger} and {@link openLedger} throw
 */
export async function openRehearsal(
  options: OpenLedger,
  onProgress?: (step: CopyStep, events: number) => void,
): Promise<OpenedLedger> {
  // For its owner alone, because the keys of subjects are in it.
  const folder = await mkdtemp(join(tmpdir(), 'ledger-dry-run-'));
  const url = `sqlite:${join(folder, 'ledger.db')}`;
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const source = locationOf(options.url);
    if (source.engine !== 'sqlite' || existsSync(source.events))
      await copyLedger({
        from: options.url,
        to: url,
        keys: true,
        ...(onProgress !== undefined && { onProgress }),
      });
    const opened = await openLedger({ ...options, url, elsewhere: {} });
    const close = async (): Promise<void> => {
      try {
        await opened.close();
      } finally {
        await remove();
      }
    };
    return { ...opened, close };
  } catch (error) {
    await remove();
    throw error;
  }
}
