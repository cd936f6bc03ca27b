import type { EventStore } from '@penalty-ledger/event-store';
import {
  erasuresStream,
  eventIn,
  handleEvent,
  ignoreEvent,
  readEvent,
  type EventHandlers,
  type EventTypeIn,
} from '@penalty-ledger/ledger';
import type { KeyStore } from './key-store.js';

/**
 * Destroys every key that an event says is destroyed. The event comes first, and a ledger may have
 * been killed between the two; or an older key file was put back. Whoever opens keys beside events
 * does this before anything is shown or copied.
 *
 * @returns the number of keys that were still there
 */
export async function finishErasures(
  store: Pick<EventStore, 'readStream'>,
  keys: KeyStore,
): Promise<number> {
  let destroyed = 0;
  const handlers: EventHandlers<EventTypeIn<'erasures'>> = {
    SubjectErased: ({ data: { subject } }) => {
      if (keys.stateOf(subject) !== 'held') return;
      keys.destroy(subject);
      destroyed += 1;
    },
    ErasureHeld: ignoreEvent,
    LegalHoldPlaced: ignoreEvent,
    LegalHoldLifted: ignoreEvent,
  };
  for await (const batch of store.readStream(erasuresStream))
    for (const record of batch) handleEvent(handlers, eventIn('erasures', readEvent(record)));
  return destroyed;
}
