import type { EventStore } from '@penalty-ledger/event-store';
import { readEvent, type CommandLine, type LedgerEvent } from '@penalty-ledger/ledger';
import {
  registrationKey,
  registrationLookup,
  registrationsUnder,
  type ReadModels,
} from '@penalty-ledger/projections';
import type { AppendedEvent, Outcome } from '../recording/outcome.js';
import { idsOf, recordedIdOf } from '../recording/command-ids.js';

/** The answer to a command when it was accepted; a duplicate of it gets the same. */
export interface FirstAcceptance extends Pick<Outcome, 'events' | 'findings'> {
  readonly appended: readonly AppendedEvent[];
}

/**
 * Finds what a duplicate's first acceptance appended, in the streams that its ids are registered
 * with. Reads only those events; an import of many duplicates does not ask.
 */
export function firstAcceptances({
  store,
  readModels: { database },
}: {
  readonly store: EventStore;
  readonly readModels: ReadModels;
}): (line: CommandLine, actor: string) => Promise<FirstAcceptance> {
  const [lookUp, under] = [registrationLookup(database), registrationsUnder(database)];
  return async (line, actor) => {
    const commandId =
      line.commandId === undefined ? undefined : recordedIdOf(line.commandId, actor, lookUp);
    const first = idsOf(commandId === undefined ? line : { ...line, commandId })
      .map(({ kind, id }) => lookUp(registrationKey(kind, id)))
      .find((registration) => registration !== undefined);
    // A command for all agencies has appended to the stream of each.
    const each = commandId === undefined ? [] : under(registrationKey('computed', commandId));
    const appended: LedgerEvent[] = [];
    for (const { stream, revision } of each.length > 0 ? each : first === undefined ? [] : [first])
      appended.push(...(await togetherFrom(store, stream, revision)));
    return {
      events: appended.map(({ type }) => type),
      findings: appended.flatMap(({ data }) =>
        'findings' in data ? data.findings.map(({ code }) => code) : [],
      ),
      appended: appended.map(({ id, type, stream, revision }) => ({ id, type, stream, revision })),
    };
  };
}

/** The event of that revision, and what follows it from the same command. */
async function togetherFrom(
  store: EventStore,
  stream: string,
  from: number,
): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for await (const batch of store.readStream(stream, { from, batchSize: 16 })) {
    for (const record of batch) {
      const event = readEvent(record);
      if (events[0] !== undefined && event.causation.commandId !== events[0].causation.commandId)
        return events;
      events.push(event);
    }
  }
  return events;
}
