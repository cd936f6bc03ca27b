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
import { isAssessed } from './assessed-streams.js';
import { jsonLimits, marksOf } from './json-limits.js';
import { PackError } from './pack-error.js';
import { textOf } from './pack-json.js';

/** An event of a pack, with the hash of its bytes. */
export interface PackEvent {
  readonly event: UncheckedEvent;
  readonly leafHash: string;
  /** Its place among the events of the pack, from 0. */
  readonly place: number;
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
    throw new PackError('events_form', {
      en: 'not lines of UTF-8, each ended',
      zh: '不是 UTF-8 文本行，或有一行没有换行符',
    });
  const bodies = text.slice(0, -1).split('\n', jsonLimits.events + 1);
  if (bodies.length > jsonLimits.events)
    throw new PackError('events_form', {
      en: `more than ${jsonLimits.events} events`,
      zh: `超过 ${jsonLimits.events} 个事件`,
    });
  let left: number = jsonLimits.marks;
  return bodies.map((body, at) => {
    const marks = marksOf(body, left);
    if (marks === undefined)
      throw new PackError('event_bytes', {
        en: `line ${at + 1}: the events have more values or levels than are allowed`,
        zh: `第 ${at + 1} 行：事件中的值或层数超过上限`,
      });
    left -= marks;
    const event = readEnvelope(body);
    if ('problem' in event)
      throw new PackError(`event_${event.problem}`, {
        en: `line ${at + 1}: ${event.message.en}`,
        zh: `第 ${at + 1} 行：${event.message.zh}`,
      });
    return { event, leafHash: leafHashOf(body), place: at };
  });
}

/** The events of a pack by stream, each stream checked as a chain. */
export type PackStreams = ReadonlyMap<string, readonly PackEvent[]>;

/**
 * Checks the chain of every stream, and that each has a place in the pack of this agency.
 *
 * @param months whose assessments are counted again: then bindings and sessions have a place
 *
 * @throws PackError `opening`, `stream`, and the steps of `docs/spec/event.md`: `revision`,
 * `previous`, `recordedAt`, `id`
 */
export function checkChains(
  events: readonly PackEvent[],
  ledgerId: string,
  agencyId: string,
  months: readonly string[] = [],
): PackStreams {
  const [opening] = events;
  if (
    opening?.event.type !== 'LedgerOpened' ||
    opening.event.stream !== ledgerStream ||
    opening.event.revision !== 0
  )
    throw new PackError('opening', {
      en: "the first event is not the ledger's own first event",
      zh: '首个事件不是账本自身的首个事件',
    });
  if (opening.event.data['ledgerId'] !== ledgerId)
    throw new PackError('opening', {
      en: 'the first event opens another ledger than the manifest names',
      zh: '首个事件所开立的账本与清单所载不同',
    });
  const streams = new Map<string, PackEvent[]>();
  for (const packed of events) {
    const { stream } = packed.event;
    if (!hasPlace(stream, agencyId, months))
      throw new PackError('stream', {
        en: `"${stream}" has no place in this pack`,
        zh: `此证据包不应有事件流 "${stream}"`,
      });
    const chain = streams.get(stream);
    if (chain === undefined) streams.set(stream, [packed]);
    else chain.push(packed);
  }
  if (streams.get(ledgerStream)?.length !== 1)
    throw new PackError('opening', {
      en: `more than one event of "${ledgerStream}"`,
      zh: `"${ledgerStream}" 有多个事件`,
    });
  for (const [stream, chain] of streams) {
    const broken = chainDefect(chain, stream, ledgerId);
    if (broken === undefined) continue;
    const { at, defect } = broken;
    throw new PackError(defect.problem, {
      en: `event ${at} of "${stream}": ${defect.message.en}`,
      zh: `"${stream}" 的事件 ${at}：${defect.message.zh}`,
    });
  }
  return streams;
}

function hasPlace(stream: string, agencyId: string, months: readonly string[]): boolean {
  return (
    stream === ledgerStream ||
    stream === rulebooksStream ||
    stream === agencyStream(agencyId) ||
    stream.startsWith(evidenceStream('')) ||
    (months.length > 0 && isAssessed(stream, agencyId))
  );
}
