import { assessedKindOf } from './assessments.js';
import { bytesOfHex, concat, hexOf, sha256, textOf, utf8, zeros } from './bytes.js';
import { marksOf, mostMarks, parseCanonical } from './canonical-json.js';
import {
  base64,
  integerFrom,
  isAscending,
  isCount,
  isHash,
  isId,
  isInstant,
  isName,
  isObject,
  isStream,
  listOf,
  matching,
  objectOf,
} from './forms.js';
import { must } from './problem.js';

/** Accepts sealed texts: one or more, in order, each once. */
const areSealedTexts = (value) =>
  listOf(
    objectOf({
      box: base64((length) => length >= 32),
      subject: isStream,
      text: matching(/^\/[A-Za-z]{1,32}(?:\/(?:0|[1-9][0-9]{0,2}|[A-Za-z]{1,32}))?$/),
    }),
  )(value) &&
  value.length > 0 &&
  isAscending(value.map(({ text }) => text));

/** Accepts an envelope of format 1 (event.md, "Envelope"). */
const isEvent = objectOf({
  actor: (value) => isId(value) || value === 'ledger/clock',
  causation: objectOf({
    command: isName,
    commandId: matching(/^[A-Za-z0-9._:@/-]{1,200}$/),
    fingerprint: isHash,
  }),
  data: isObject,
  'decidedAt?': isInstant,
  'effectiveAt?': isInstant,
  format: (value) => value === 1,
  id: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  'notifiedAt?': isInstant,
  'occurredAt?': isInstant,
  'personal?': areSealedTexts,
  previous: isHash,
  recordedAt: isInstant,
  revision: isCount,
  'rulebook?': objectOf({ id: isId, rulebookVersion: isId, sha256: isHash }),
  schemaVersion: integerFrom(1),
  stream: isStream,
  type: isName,
});

/** The most events of a pack (evidence-pack.md, "Limits"). */
const mostEvents = 20_000;

/** Returns an event from its text, which must be canonical JSON and an envelope of format 1. */
export const readEvent = (body, bytes, envelope) => {
  const event = parseCanonical(body, bytes);
  must(isEvent(event), envelope);
  return event;
};

/** Returns the events of the lines, each with the hash of its leaf. */
export const readEvents = async (bytes) => {
  const text = textOf(bytes);
  must(text?.endsWith('\n') === true, 'events_form');
  const bodies = text.slice(0, -1).split('\n', mostEvents + 1);
  must(bodies.length <= mostEvents, 'events_form', 'too many');
  const events = [];
  let left = mostMarks;
  for (const body of bodies) {
    const marks = marksOf(body, left);
    must(marks !== undefined, 'event_bytes', 'too many values or levels');
    left -= marks;
    const event = readEvent(body, 'event_bytes', 'event_envelope');
    const leafHash = await sha256([0], utf8.encode(body));
    events.push({ event, leafHash, place: events.length });
  }
  return events;
};

/** Returns the id of a command's event number `index` in a stream (event.md, "Ids"). */
const eventId = async (ledgerId, stream, { command, commandId }, index) => {
  const namespace = bytesOfHex('7b0d5f0c9a0e4c62a5f2d1b6e8c34f19');
  const name = utf8.encode(`${ledgerId}/${stream}/${command}/${commandId}#${index}`);
  const digest = await crypto.subtle.digest('SHA-1', concat([namespace, name]));
  const bytes = new Uint8Array(digest).slice(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hexOf(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** Checks that a stream's events follow one another (event.md, "Verification", steps 5 to 8). */
export const checkChain = async (chain, stream, ledgerId) => {
  let index = 0;
  for (const [at, { event }] of chain.entries()) {
    const before = chain[at - 1];
    const { actor, causation, id, previous, recordedAt, revision } = event;
    must(revision === at, 'revision', stream);
    must(previous === (before?.leafHash ?? zeros), 'previous', stream);
    must(before === undefined || recordedAt >= before.event.recordedAt, 'recordedAt', stream);
    const last = before?.event.causation;
    const isSameCommand =
      last?.command === causation.command && last.commandId === causation.commandId;
    const isSameAppend =
      actor === before?.event.actor &&
      recordedAt === before.event.recordedAt &&
      last?.fingerprint === causation.fingerprint;
    must(!isSameCommand || isSameAppend, 'id', stream);
    index = isSameCommand ? index + 1 : 0;
    must(id === (await eventId(ledgerId, stream, causation, index)), 'id', stream);
  }
};

/** Returns the events by stream, if each stream has a place in the pack and is a chain. */
export const checkChains = async (events, manifest) => {
  const { assessments, ledgerId, simulation = false, subject } = manifest;
  const { data, revision, stream, type } = events[0].event;
  const isOpening = type === 'LedgerOpened' && stream === 'ledger' && revision === 0;
  must(isOpening && data.ledgerId === ledgerId, 'opening');
  const named = ['ledger', 'rulebooks', `agency-${subject.agencyId}`];
  const streams = new Map();
  for (const packed of events) {
    const { stream: name } = packed.event;
    const isNamed = named.includes(name) || name.startsWith('evidence-');
    const isAssessed =
      assessments !== undefined && assessedKindOf(name, subject.agencyId) !== undefined;
    must(isNamed || isAssessed, 'stream', name);
    if (streams.has(name)) streams.get(name).push(packed);
    else streams.set(name, [packed]);
  }
  must(streams.get('ledger').length === 1, 'opening');
  for (const [name, chain] of streams) await checkChain(chain, name, ledgerId);
  must((data.simulation === true) === simulation, 'opening');
  return streams;
};
