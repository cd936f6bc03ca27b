import {
  agencyStream,
  eventIdOf,
  evidenceStream,
  leafHashOf,
  ledgerStream,
  noPreviousEvent,
  rulebooksStream,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import { isEvent } from './event-form.js';
import { PackError } from './pack-error.js';
import { parseCanonical, textOf } from './pack-json.js';

/** An event of a pack, with the hash of its bytes. */
export interface PackEvent {
  readonly event: LedgerEvent;
  readonly leafHash: string;
}

/** `events.ndjson`: the bodies, each ended by a line feed. */
export function eventsFile(bodies: readonly string[]): Uint8Array {
  return Buffer.from(bodies.map((body) => `${body}\n`).join(''));
}

/**
 * Reads `events.ndjson`. Of each event the bytes are checked, and what they parse to.
 *
 * @throws PackError `events_form`, `event_bytes`, `event_envelope`
 */
export function readEvents(bytes: Uint8Array): PackEvent[] {
  const text = textOf(bytes);
  if (text?.endsWith('\n') !== true)
    throw new PackError('events_form', 'not lines of UTF-8, each ended');
  return text
    .slice(0, -1)
    .split('\n')
    .map((body, at) => {
      const parsed = parseCanonical(body);
      if (parsed === undefined)
        throw new PackError('event_bytes', `line ${at + 1}: not canonical JSON`);
      if (!isEvent(parsed.value))
        throw new PackError('event_envelope', `line ${at + 1}: not an event of format 1`);
      return { event: parsed.value, leafHash: leafHashOf(body) };
    });
}

/** The events of a pack by stream, each stream checked as a chain. */
export type PackStreams = ReadonlyMap<string, readonly PackEvent[]>;

/**
 * Checks the chain of every stream, and that each has a place in the pack of this agency.
 *
 * @throws PackError `opening`, `stream`, and the steps of `docs/spec/event.md`: `revision`, `previous`, `recordedAt`, `id`
 */
export function checkChains(
  events: readonly PackEvent[],
  ledgerId: string,
  agencyId: string,
): PackStreams {
  const [opening] = events;
  if (
    opening?.event.type !== 'LedgerOpened' ||
    opening.event.stream !== ledgerStream ||
    opening.event.revision !== 0
  )
    throw new PackError('opening', "the first event is not the ledger's own first event");
  if ((opening.event.data as { readonly ledgerId?: unknown }).ledgerId !== ledgerId)
    throw new PackError('opening', 'the first event opens another ledger than the manifest names');
  const streams = new Map<string, PackEvent[]>();
  for (const packed of events) {
    const { stream } = packed.event;
    if (!hasPlace(stream, agencyId))
      throw new PackError('stream', `"${stream}" has no place in this pack`);
    streams.set(stream, [...(streams.get(stream) ?? []), packed]);
  }
  if (streams.get(ledgerStream)?.length !== 1)
    throw new PackError('opening', `more than one event of "${ledgerStream}"`);
  for (const [stream, chain] of streams) checkChain(ledgerId, stream, chain);
  return streams;
}

function hasPlace(stream: string, agencyId: string): boolean {
  return (
    stream === ledgerStream ||
    stream === rulebooksStream ||
    stream === agencyStream(agencyId) ||
    stream.startsWith(evidenceStream(''))
  );
}

/** Steps 5 to 8 of "Verification" in `docs/spec/event.md`. */
function checkChain(ledgerId: string, stream: string, chain: readonly PackEvent[]): void {
  let index = 0;
  for (const [at, { event }] of chain.entries()) {
    const before = chain[at - 1];
    const where = `event ${at} of "${stream}"`;
    if (event.revision !== at)
      throw new PackError('revision', `${where} says it is ${event.revision}`);
    if (event.previous !== (before?.leafHash ?? noPreviousEvent))
      throw new PackError('previous', `${where} does not follow the one before it`);
    if (before !== undefined && event.recordedAt < before.event.recordedAt)
      throw new PackError('recordedAt', `${where} was recorded before the one before it`);
    const sibling = before !== undefined && isOfOneCommand(event, before.event);
    if (sibling && !isOfOneAppend(event, before.event))
      throw new PackError(
        'id',
        `${where} is of the same command as the one before it, and recorded otherwise`,
      );
    index = sibling ? index + 1 : 0;
    if (event.id !== eventIdOf(ledgerId, stream, event.causation, index))
      throw new PackError('id', `${where} has an id that is not its own`);
  }
}

function isOfOneCommand({ causation: a }: LedgerEvent, { causation: b }: LedgerEvent): boolean {
  return a.command === b.command && a.commandId === b.commandId;
}

function isOfOneAppend(a: LedgerEvent, b: LedgerEvent): boolean {
  return (
    a.actor === b.actor &&
    a.recordedAt === b.recordedAt &&
    a.causation.fingerprint === b.causation.fingerprint
  );
}
