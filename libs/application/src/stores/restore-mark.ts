import { SpokenError } from '@penalty-ledger/ledger/in-both';
import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeLastingFolder, syncFolder } from '@penalty-ledger/event-store';
import type { LedgerLocation } from './store-url.js';

/** The ledger is being restored, or its restore was interrupted: it may lack its last events. */
export class RestoreUnfinishedError extends SpokenError {
  readonly code = 'restore_unfinished';
}

type Marked = Pick<LedgerLocation, 'restoring' | 'url'>;

/** Says whether a restore into this place has begun and not finished. */
export function isRestoring({ restoring }: Pick<Marked, 'restoring'>): boolean {
  return existsSync(restoring);
}

/** @throws RestoreUnfinishedError before a restore has finished */
export function assertRestored(location: Marked): void {
  if (isRestoring(location))
    throw new RestoreUnfinishedError({
      en: `the restore of ${location.url} is not finished`,
      zh: `${location.url} 的恢复尚未完成`,
    });
}

/** Marks a place, durably, before the first file of a restore lies in it. */
export function markRestoring({ restoring }: Marked): void {
  makeLastingFolder(dirname(restoring));
  const file = openSync(restoring, 'w', 0o600);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(dirname(restoring));
}

/** Takes the mark away, as the last step of a restore. */
export function unmarkRestoring({ restoring }: Marked): void {
  rmSync(restoring);
  syncFolder(dirname(restoring));
}
