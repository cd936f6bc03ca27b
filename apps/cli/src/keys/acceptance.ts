import { systemClock } from '@penalty-ledger/application';
import { acceptLostCheckpoints, acceptRows } from '@penalty-ledger/application/accept-damage';
import type { AcceptedDamage } from '@penalty-ledger/ledger';
import { settingsOf, withLedgerFile } from '../ledger/ledger-file.js';
import { noteAct } from '../ledger/noted-act.js';
import { assertActor } from './rotation.js';

/** The losses that a person can accept. */
export type Acceptance = 'accept-rows' | 'accept-lost-checkpoints';

/** A loss as it was accepted, and whether the ledger is a simulation. */
export interface LossAccepted extends AcceptedDamage {
  readonly simulation: boolean;
}

/**
 * Accepts a loss that nothing can make good, and records that.
 *
 * @throws UsageError, NothingAcceptedError, StoreUnavailableError, StoreLockedError, IntegrityError
 */
export async function acceptLoss(
  url: string,
  what: Acceptance,
  by: string | undefined,
): Promise<LossAccepted> {
  assertActor(by);
  const { simulation } = await withLedgerFile(url, 'read', ({ store }) => settingsOf(store));
  const accept = what === 'accept-rows' ? acceptRows : acceptLostCheckpoints;
  noteAct(url, ['keys', what].join(' '));
  const accepted = await accept({ url, simulation, by, clock: systemClock });
  return { ...accepted, simulation };
}
