import type { EventStore } from '@penalty-ledger/event-store';
import {
  creator,
  erasure,
  agencyOfStream,
  agencyStream,
  erasuresStream,
  endOfTime,
  evidenceStream,
  eventIn,
  handleEvent,
  ignoreEvent,
  readEvent,
  type Decision,
  type ErasureEvent,
  type EraseSubject,
  type EventHandlers,
  type EventTypeIn,
  type Instant,
} from '@penalty-ledger/ledger';
import { registrationKey } from '@penalty-ledger/projections';
import type { CommandContext } from './command-context.js';
import type { KeyStore } from '../keys/key-store.js';

/** The part of a command context that an erasure needs. */
type WriterStates = Pick<CommandContext, 'agency' | 'creator' | 'registered'>;

/**
 * Decides on an erasure: an open appeal that needs the subject's data holds it.
 *
 * Each appeal of an agency needs the agency's own texts. Those appeals of a creator's agencies that
 * name a deduction for the creator, or the expulsion, need the creator's name. Every appeal of an
 * agency needs the evidence about that agency, and what complaints with it tell.
 */
export async function decideErasure(
  request: EraseSubject,
  now: Instant,
  parts: { readonly keys: KeyStore; readonly store: EventStore },
  commandContext: WriterStates,
): Promise<Decision<ErasureEvent>> {
  const key = parts.keys.stateOf(request.subject);
  const holds =
    key === 'held' ? await appealsNeeding(request.subject, now, parts.store, commandContext) : [];
  return erasure.eraseSubject(request, key, holds);
}

async function appealsNeeding(
  subject: string,
  now: Instant,
  store: EventStore,
  commandContext: WriterStates,
): Promise<readonly string[]> {
  const colon = subject.indexOf(':');
  const id = subject.slice(colon + 1);
  const openOf = async (agencyId: string, creatorId?: string): Promise<readonly string[]> =>
    erasure.openAppeals((await commandContext.agency(agencyId)).state, now, creatorId);
  switch (subject.slice(0, colon)) {
    case 'agency':
      return openOf(id);
    case 'complaint': {
      const stream = commandContext.registered(registrationKey('complaint', id))?.stream;
      const agencyId = stream === undefined ? undefined : agencyOfStream(stream);
      return agencyId === undefined ? [] : openOf(agencyId);
    }
    case 'creator': {
      const agencies = await agenciesOf(id, commandContext);
      return (await Promise.all(agencies.map((agencyId) => openOf(agencyId, id)))).flat();
    }
    default: {
      const agencies = await agenciesOfEvidence(id, store, commandContext);
      return (await Promise.all(agencies.map((agencyId) => openOf(agencyId)))).flat();
    }
  }
}

/** Every agency a creator was ever bound to. */
async function agenciesOf(
  creatorId: string,
  commandContext: WriterStates,
): Promise<readonly string[]> {
  const { state } = await commandContext.creator(creatorId);
  return [...new Set(creator.bindingsOf(state, endOfTime).map(({ agencyId }) => agencyId))];
}

/** The agencies a piece of evidence may be about: through what it was registered for. */
async function agenciesOfEvidence(
  evidenceId: string,
  store: EventStore,
  commandContext: WriterStates,
): Promise<readonly string[]> {
  for await (const [first] of store.readStream(evidenceStream(evidenceId), { batchSize: 1 })) {
    if (first === undefined) continue;
    const { kind, id } = eventIn('evidence', readEvent(first)).data.subject;
    if (kind === 'creator') return agenciesOf(id, commandContext);
    const stream = commandContext.registered(registrationKey(kind, id))?.stream ?? '';
    if (stream.startsWith(agencyStream(''))) return [stream.slice(agencyStream('').length)];
  }
  return [];
}

/**
 * Destroys every key that an event says is destroyed: the event comes first, and a ledger may have
 * been killed between the two.
 */
export async function finishErasures(store: EventStore, keys: KeyStore): Promise<void> {
  const handlers: EventHandlers<EventTypeIn<'erasures'>> = {
    SubjectErased: ({ data: { subject } }) => {
      if (keys.stateOf(subject) === 'held') keys.destroy(subject);
    },
    ErasureHeld: ignoreEvent,
  };
  for await (const batch of store.readStream(erasuresStream))
    for (const record of batch) handleEvent(handlers, eventIn('erasures', readEvent(record)));
}
