import {
  agencyStream,
  chainDefect,
  evidenceStream,
  leafHashOf,
  ledgerStream,
  readEnvelope,
  rulebooksStream,
  type UncheckedEvent,
} from '@penalty-ledger/ledger';
import { PackError } from './pack-error.js';
import { textOf } from './pack-json.js';

/** An event of a pack, with the hash of its bytes. */
export interface PackEvent {
  readonly event: UncheckedEvent;
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
      const event = readEnvelope(body);
      if ('problem' in event)
        throw new PackError(`event_${event.problem}`, `line ${at + 1}: ${event.message}`);
      return { event, leafHash: leafHashOf(body) };
    });
}

/** The events of a pack by stream, each stream checked as a chain. */
export type PackStreams = ReadonlyMap<string, readonly PackEvent[]>;

/**
 * Checks the chain of every stream, and that each has a place in the pack of this agency.
 *
 * @throws PackError `opening`, `stream`, and the steps of `docs/spec/event.md`: `revision`,
 * `previous`, `recordedAt`, `id`
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
  if (opening.event.data['ledgerId'] !== ledgerId)
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
  for (const [stream, chain] of streams) {
    const broken = chainDefect(chain, stream, ledgerId);
    if (broken === undefined) continue;
    const { at, defect } = broken;
    throw new PackError(defect.problem, `event ${at} of "${stream}": ${defect.message}`);
  }
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
