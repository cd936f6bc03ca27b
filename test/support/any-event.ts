import {
  canonicalJson,
  eventIdOf,
  leafHashOf,
  noPreviousEvent,
  type Causation,
  type Instant,
  type EventEnvelope,
} from '@penalty-ledger/ledger';
import {
  array,
  boolean,
  constant,
  constantFrom,
  date,
  dictionary,
  integer,
  letrec,
  maxSafeInteger,
  maxSafeNat,
  nat,
  oneof,
  option,
  record,
  string,
  tuple,
  uint8Array,
  uniqueArray,
  type Arbitrary,
} from 'fast-check';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
const idCharacters = `${letters}${letters.toLowerCase()}${digits}._:-`;
const of = (characters: string): Arbitrary<string> => constantFrom(...Array.from(characters));
const textOf = (characters: string, maxLength: number, minLength = 1): Arbitrary<string> =>
  string({ unit: of(characters), minLength, maxLength, size: 'max' });

const id = oneof(textOf(idCharacters, 6), constantFrom('agency:a1', `${'x.-_:'.repeat(12)}0000`));
const streamName = oneof(
  id.map((agency) => `agency-${agency}`),
  constant('s'.repeat(80)),
);
const hash = nat().map((seed) => leafHashOf(String(seed)));
const name = tuple(of(letters), textOf(`${letters}${digits}abc`, 6, 0)).map(
  ([first, rest]) => first + rest,
);
const instant = oneof(
  date({
    min: new Date('1992-01-01T00:00:00.000Z'),
    max: new Date('9000-12-31T00:00:00.000Z'),
    noInvalidDate: true,
  }).map((at) => at.toISOString() as Instant),
  constantFrom(
    '1992-01-01T00:00:00.000Z' as Instant,
    '2020-02-29T23:59:59.999Z' as Instant,
    '9000-12-31T00:00:00.000Z' as Instant,
  ),
);
const base64 = (minLength: number, maxLength: number): Arbitrary<string> =>
  uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('base64'));

const text = oneof(
  textOf(idCharacters, 8),
  string({ unit: 'grapheme', maxLength: 8 }),
  constantFrom('"', '\\', '\n', '达', '😀', ''),
);
const { value } = letrec<{ value: unknown; object: object }>((tie) => ({
  value: oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    maxSafeInteger(),
    integer({ min: -9, max: 200 }),
    constantFrom(true, false, null),
    array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: dictionary(
    text.filter((key) => !/^(?:0|[1-9]\d*)$/.test(key)),
    tie('value'),
    { maxKeys: 3 },
  ),
}));
const plainData = record({ agencyId: id, period: constant('2019'), points: nat({ max: 200 }) });
const data = oneof(plainData, dictionary(textOf(letters.toLowerCase(), 8), value, { maxKeys: 4 }));

const pointer = oneof(
  constantFrom('/name', '/noticeText', '/caseNo', '/titles/0', '/titles/10', '/statement/facts'),
  textOf(letters, 8).map((member) => `/${member}`),
);
const box = record({ box: base64(32, 80), subject: id, text: pointer });
const personal = oneof(
  tuple(box),
  uniqueArray(box, { selector: ({ text }) => text, minLength: 1, maxLength: 3 }),
).map((boxes) => boxes.toSorted((a, b) => (a.text < b.text ? -1 : 1)));

/** The members of an event that neither its place nor its command gives it. */
const content = record(
  {
    data,
    decidedAt: instant,
    effectiveAt: instant,
    notifiedAt: instant,
    occurredAt: instant,
    personal,
    rulebook: record({ id, rulebookVersion: id, sha256: hash }),
    schemaVersion: oneof(constant(1), integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    type: name,
  },
  { requiredKeys: ['data', 'schemaVersion', 'type'] },
);

const command = record({
  actor: oneof(id, constant('ledger/clock')),
  causation: record({
    command: name,
    commandId: textOf(`${idCharacters}@/`, 12),
    fingerprint: hash,
  }),
  recordedAt: instant,
});

/** The bytes of an event, and the hash stored with them. */
export interface AnyRecord {
  readonly body: string;
  readonly leafHash: string;
}

/** A stream as a ledger could have recorded it. */
export interface AnyStream {
  readonly ledgerId: string;
  readonly stream: string;
  readonly events: readonly EventEnvelope[];
}

/** A stream of format 1: gapless, chained, its commands of one event or several. */
export const anyStream: Arbitrary<AnyStream> = record({
  ledgerId: id,
  stream: streamName,
  appends: uniqueArray(tuple(command, array(content, { minLength: 1, maxLength: 3 })), {
    selector: ([{ causation }]) => `${causation.command}/${causation.commandId}`,
    minLength: 1,
    maxLength: 3,
  }),
}).map(({ ledgerId, stream, appends }) => {
  const times = appends.map(([{ recordedAt }]) => recordedAt).sort();
  const decided = appends.flatMap(([{ actor, causation }, contents], at) =>
    contents.map((each, index) => ({
      ...each,
      actor,
      causation,
      format: 1 as const,
      id: eventIdOf(ledgerId, stream, causation, index),
      recordedAt: times[at]!,
      stream,
    })),
  );
  return { ledgerId, stream, events: chained(decided) };
});

/** An event of format 1. */
export const anyEvent: Arbitrary<EventEnvelope> = record({
  content,
  command,
  ledgerId: id,
  previous: hash,
  revision: maxSafeNat(),
  stream: streamName,
}).map(({ content: decided, command: { actor, causation, recordedAt }, ledgerId, ...placed }) => ({
  ...decided,
  ...{ actor, causation, recordedAt, ...placed },
  format: 1,
  id: eventIdOf(ledgerId, placed.stream, causation, 0),
}));

/** Numbers and chains events of any content. */
export function chained(
  events: readonly Omit<EventEnvelope, 'previous' | 'revision'>[],
): EventEnvelope[] {
  let previous = noPreviousEvent;
  return events.map((event, revision) => {
    const placed = { ...event, previous, revision };
    previous = leafHashOf(bodyOf(placed));
    return placed;
  });
}

/** The bytes of a value, canonical if it has a canonical form. */
export function bodyOf(event: unknown): string {
  try {
    return canonicalJson(event);
  } catch {
    return JSON.stringify(event);
  }
}

export function storedAs(body: string): AnyRecord {
  return { body, leafHash: leafHashOf(body) };
}

/** Values that a member of an envelope must not have, or may have only at another place. */
const wrong = constantFrom<unknown>(
  ...[null, true, -1, 0, 0.5, 1, 2, 2 ** 53, '', 'a/b', '达', [], {}, [{}]],
  ...['ledger/clock', 'ledger/import', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(81), 'lower'],
  ...['A'.repeat(64), 'a'.repeat(64), '00000000-0000-4000-8000-000000000000'],
  ...['2019-02-29T00:00:00.000Z', '2019-01-01T24:00:00.000Z', '2019-01-01T00:00:60.000Z'],
  ...['2019-01-01T00:00:00.000z', '2019-01-01T00:00:00Z', '2019-01-01T08:00:00.000+08:00'],
  ...['1991-12-31T23:59:59.999Z', '9000-12-31T00:00:00.001Z', '9000-12-31T00:00:00.000Z'],
  ...[22, 23, 24, 25].map((length) => 'A'.repeat(length)),
  ...['A'.repeat(22) + '==', 'A'.repeat(23) + '=', 'A'.repeat(22) + 'B=', 'A'.repeat(15) + '='],
);

type Change = (event: EventEnvelope) => string;

const memberNames = [
  ...['actor', 'causation', 'data', 'decidedAt', 'effectiveAt', 'format', 'id', 'notifiedAt'],
  ...['occurredAt', 'personal', 'previous', 'recordedAt', 'revision', 'rulebook'],
  ...['schemaVersion', 'stream', 'type'],
];
const innerNames = [
  ...['causation.command', 'causation.commandId', 'causation.fingerprint'],
  ...['rulebook.id', 'rulebook.rulebookVersion', 'rulebook.sha256'],
  ...['personal.0.box', 'personal.0.subject', 'personal.0.text', 'personal.1.text'],
];
const strayNames = ['position', 'Actor', '__proto__', 'valueOf', 'constructor', 'zone'];

/** Sets, or with `undefined` drops, a member by its path; what leads there is copied. */
function changed(target: unknown, [first = '', ...rest]: readonly string[], to: unknown): unknown {
  if (typeof target !== 'object' || target === null) return target;
  const inner = rest.length === 0 ? to : changed((target as never)[first], rest, to);
  if (Array.isArray(target)) return target.with(Math.min(Number(first), target.length - 1), inner);
  const entries = Object.entries(target).filter(([member]) => member !== first);
  return Object.fromEntries(inner === undefined ? entries : [...entries, [first, inner]]);
}

const change: Arbitrary<Change> = oneof(
  tuple(constantFrom(...memberNames, ...innerNames, ...strayNames), option(wrong)).map(
    ([path, to]): Change =>
      (event) =>
        bodyOf(changed(event, path.split('.'), to ?? undefined)),
  ),
  tuple(constantFrom(...memberNames, ...innerNames), constantFrom(...strayNames), wrong).map(
    ([path, stray, to]): Change =>
      (event) =>
        bodyOf(changed(event, [...path.split('.').slice(0, -1), stray], to)),
  ),
  constant<Change>((event) => bodyOf({ ...event, personal: event.personal?.toReversed() })),
  constant<Change>((event) =>
    bodyOf({ ...event, personal: [...(event.personal ?? []), ...(event.personal ?? [])] }),
  ),
  constant<Change>((event) => JSON.stringify(Object.fromEntries(Object.entries(event).reverse()))),
  constant<Change>((event) => JSON.stringify(event, undefined, 1)),
  constant<Change>((event) => bodyOf(event).replace('{', '{"actor":"x",')),
  constant<Change>((event) => bodyOf([event])),
  tuple(
    nat(),
    nat({ max: 1 }),
    constantFrom('', ...Array.from(' "0Az,{}[]:\\.-+=\u0001\ufeff\ud800达')),
  ).map(([at, cut, put]): Change => (event) => {
    const body = bodyOf(event);
    const place = at % body.length;
    return body.slice(0, place) + put + body.slice(place + cut);
  }),
);

/** An event's bytes, altered. Some are still an event of format 1. */
export const alteredBody: Arbitrary<string> = tuple(anyEvent, change).map(([event, alter]) =>
  alter(event),
);

const causationChange = (causation: Causation): Causation => ({
  ...causation,
  fingerprint: '0'.repeat(64),
});

type StreamChange = (stream: AnyStream, at: number) => readonly EventEnvelope[];

const withEvent = (
  { events }: AnyStream,
  at: number,
  edit: (event: EventEnvelope) => object,
): EventEnvelope[] => events.with(at, { ...events[at]!, ...edit(events[at]!) });

const streamChanges: readonly StreamChange[] = [
  (stream, at) => withEvent(stream, at, () => ({ stream: 'agency-other' })),
  (stream, at) => withEvent(stream, at, ({ revision }) => ({ revision: revision + 1 })),
  (stream, at) => withEvent(stream, at, () => ({ previous: 'a'.repeat(64) })),
  (stream, at) => withEvent(stream, at, () => ({ recordedAt: '1992-01-01T00:00:00.000Z' })),
  (stream, at) => withEvent(stream, at, () => ({ recordedAt: '9000-12-31T00:00:00.000Z' })),
  (stream, at) => withEvent(stream, at, () => ({ actor: 'another' })),
  (stream, at) => withEvent(stream, at, () => ({ type: 'Another' })),
  (stream, at) => withEvent(stream, at, () => ({ format: 2 })),
  (stream, at) =>
    withEvent(stream, at, ({ causation }) => ({ causation: causationChange(causation) })),
  (stream, at) =>
    withEvent(stream, at, ({ causation }) => ({
      id: eventIdOf(stream.ledgerId, stream.stream, causation, 7),
    })),
  ({ events }, at) => events.toSpliced(at, 1),
  ({ events }, at) => events.toSpliced(at, 0, events[at]!),
  ({ events }, at) => [...events.slice(0, at), ...events.slice(at).reverse()],
];

/** A stream's records with one event altered, and then chained anew or not. */
export const alteredStream: Arbitrary<AnyStream & { readonly records: readonly AnyRecord[] }> =
  tuple(
    anyStream,
    nat(),
    constantFrom<StreamChange>(({ events }) => events, ...streamChanges),
    boolean(),
    option(nat()),
  ).map(([stream, at, alter, isChainedAnew, spoiled]) => {
    const altered = alter(stream, at % stream.events.length);
    const events = isChainedAnew ? chained(altered) : altered;
    const records = events.map((event) => storedAs(bodyOf(event)));
    const place =
      spoiled === null || records.length === 0 ? undefined : spoiled % (8 * records.length);
    return {
      ...stream,
      records: records.map((each, index) =>
        index === place ? { ...each, leafHash: 'f'.repeat(64) } : each,
      ),
    };
  });
