import type { SideLook } from '@penalty-ledger/event-store/eventstoredb';

/** Every node of a ledger competes for the lease of this name. */
export const writerLeaseName = 'writer';

/** The checkpoints that nodes publish stand in the side stream of this name. */
export const publishedCheckpointsName = 'checkpoints';

/**
 * The streams a ledger keeps beside its events on a shared engine: the tripwires look at these too.
 */
export const sideStreams: readonly SideLook[] = [
  { name: publishedCheckpointsName, needs: 'all' },
  { name: writerLeaseName, needs: 'last' },
  { name: 'terms', needs: 'all' },
];
