import { openLedger, systemClock } from '@penalty-ledger/application';
import { rotateSigningKey, type SigningKeyRotated } from '@penalty-ledger/application/rotate-key';
import { checkOf, IdSchema } from '@penalty-ledger/ledger';
import { settingsOf, withLedgerFile } from '../ledger/ledger-file.js';
import { noteAct } from '../ledger/noted-act.js';
import { UsageError } from '../terminal/exit-codes.js';
import { saidIn } from '../terminal/language.js';

/** A key that was rotated, and whether the ledger is a simulation. */
export interface KeyRotated extends SigningKeyRotated {
  readonly simulation: boolean;
}

const checkActor = checkOf(IdSchema, '--by');

/**
 * Gives the ledger of a store another signing key.
 *
 * @throws UsageError, StoreUnavailableError, StoreLockedError, IntegrityError, SigningKeyLostError
 */
export async function rotateKey(url: string, by: string | undefined): Promise<KeyRotated> {
  assertActor(by);
  const { simulation } = await withLedgerFile(url, 'read', ({ store }) => settingsOf(store));
  const opened = await openLedger({ url, simulation, openedAt: systemClock.now() });
  try {
    noteAct(url, ['keys', 'rotate'].join(' '));
    const { ledger, checkpoint } = opened;
    const now = simulation ? ledger.clock : systemClock.now();
    return { ...(await rotateSigningKey(ledger, checkpoint, { by, now })), simulation };
  } finally {
    await opened.close();
  }
}

/** @throws UsageError when the id that was given cannot be that of an actor */
export function assertActor(by: string | undefined): void {
  const [problem] = by === undefined ? [] : checkActor(by);
  if (problem !== undefined) throw new UsageError(saidIn(problem));
}
