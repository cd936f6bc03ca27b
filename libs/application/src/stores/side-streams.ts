import type { SideLook } from '@penalty-ledger/event-store/eventstoredb';

/** Every node of a ledger competes for the lease of this name. */
export const writerLeaseName = 'writer';

/** The checkpoints that nodes publish stand in the side stream of this name. */
export const publishedCheckpointsName = 'checkpoints';

/** What a ledger keeps beside its events on an engine that nodes share: the tripwires look at these too. */
export const sideStreams: readonly SideLook[] = [
  { name: publishedCheckpointsName, needs: 'all' },
  { name: writerLeaseName, needs: 'last' },
];
