import type { EventStore } from '@penalty-ledger/event-store';
import {
  erasure,
  type Decision,
  type DecisionContext,
  type ErasureEvent,
  type EraseSubject,
} from '@penalty-ledger/ledger';
import { lastSession } from '@penalty-ledger/projections';
import type { CommandContext } from './command-context.js';
import { holdsOn } from './holds.js';
import type { KeyStore } from '../keys/key-store.js';

/**
 * Decides on an erasure: what holds the subject's key refuses it ({@link holdsOn}).
 */
export async function decideErasure(
  request: EraseSubject,
  { now, rulebooks, zone }: DecisionContext,
  { keys, store }: { readonly keys: KeyStore; readonly store: EventStore },
  commandContext: CommandContext,
): Promise<Decision<ErasureEvent>> {
  const key = keys.stateOf(request.subject);
  if (key !== 'held') return erasure.eraseSubject(request, key, []);
  const { state: erasures } = await commandContext.erasures();
  const holds = await holdsOn(request.subject, now, {
    erasures,
    rulebooks,
    store,
    zone,
    registered: (id) => commandContext.registered(id),
    agency: async (agencyId) => (await commandContext.agency(agencyId)).state,
    creator: async (creatorId) => (await commandContext.creator(creatorId)).state,
    lastSession: async (of) => lastSession((await commandContext.current()).database)(of),
  });
  return erasure.eraseSubject(request, key, holds);
}
