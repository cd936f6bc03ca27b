import { canonicalJson, parseInstant, type LedgerEvent } from '@penalty-ledger/ledger';

/** What of an event's envelope the checks of places, chains, times and ids need. */
export interface EventForm {
  readonly actor: string;
  readonly command: string;
  readonly commandId: string;
  readonly fingerprint: string;
  readonly id: string;
  readonly previous: string;
  readonly recordedAt: string;
  readonly revision: number;
  readonly rulebook: string | undefined;
  readonly stream: string;
  readonly type: string;
}

const id = '[A-Za-z0-9._:-]{1,64}';
const hash = '[0-9a-f]{64}';
const instant = String.raw`\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z`;
const count = '(?:0|[1-9][0-9]{0,15})';
// Padded, its unused bits zero: the one spelling of RFC 4648 §4.
const base64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?';
const box = `\\{"box":"([A-Za-z0-9+/]+)(={0,2})","nonce":"[A-Za-z0-9+/]{16}","subject":"[A-Za-z0-9._:-]{1,80}"\\}`;

const head = new RegExp(
  `^\\{"actor":"(${id}|ledger/clock)","causation":\\{"command":"([A-Z][A-Za-z0-9]{0,63})",` +
    `"commandId":"([A-Za-z0-9._:@/-]{1,200})","fingerprint":"(${hash})"\\},"data":`,
);

const tailStart = ',"format":1,"id":"';
const tail = new RegExp(
  `,"format":1,"id":"([0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"` +
    `(?:,"notifiedAt":"(${instant})")?(?:,"occurredAt":"(${instant})")?(?:,"personal":\\[${box}\\])?` +
    `,"previous":"(${hash})","recordedAt":"(${instant})","revision":(${count})` +
    `(?:,"rulebook":(\\{"id":"${id}","rulebookVersion":"${id}","sha256":"${hash}"\\}))?` +
    `,"schemaVersion":[1-9][0-9]{0,14},"stream":"([A-Za-z0-9._:-]{1,80})","type":"([A-Z][A-Za-z0-9]{0,63})"\\}$`,
  'y',
);
const decidedAndEffective = new RegExp(`(?:,"decidedAt":"(${instant})")?(?:,"effectiveAt":"(${instant})")?$`);

/**
 * Reads an event's body if it is an event in format 1, to the byte (`docs/spec/event.md`, "Bytes" and "Envelope"), or says what is wrong.
 *
 * Canonical JSON writes the envelope's members in one order, so that two anchored expressions are a whole reader of nearly every event; only its data are
 * parsed. What they do not match is parsed, written canonically and compared: several times the time.
 */
export function readForm(body: string): EventForm | { readonly problem: string } {
  return quickForm(body) ?? slowForm(body);
}

function quickForm(body: string): EventForm | undefined {
  const start = head.exec(body);
  if (start === null) return undefined;
  const end = body.indexOf(tailStart, start[0].length);
  tail.lastIndex = end;
  const rest = end < 0 ? null : tail.exec(body);
  if (rest === null) return undefined;
  const middle = body.slice(start[0].length, end);
  const times = middle.endsWith('}') ? undefined : decidedAndEffective.exec(middle);
  const data = times === undefined ? middle : middle.slice(0, times?.index);
  if (!data.startsWith('{') || !isCanonical(data)) return undefined;
  const [
    ,
    eventId = '',
    notifiedAt,
    occurredAt,
    digits,
    padding,
    previous = '',
    recordedAt = '',
    revision = '',
    rulebook,
  ] = rest;
  if (digits !== undefined && !isOneSpelling(digits, padding ?? '')) return undefined;
  if (!isOnADay(notifiedAt) || !isOnADay(occurredAt) || !isOnADay(recordedAt)) return undefined;
  if (!isOnADay(times?.[1]) || !isOnADay(times?.[2])) return undefined;
  if (!Number.isSafeInteger(Number(revision))) return undefined;
  return {
    actor: start[1] ?? '',
    command: start[2] ?? '',
    commandId: start[3] ?? '',
    fingerprint: start[4] ?? '',
    id: eventId,
    previous,
    recordedAt,
    revision: Number(revision),
    rulebook,
    stream: rest[10] ?? '',
    type: rest[11] ?? '',
  };
}

/** Base64 of at least 18 bytes, padded and with its unused bits zero. In the expression above this would take as long as all the rest. */
function isOneSpelling(digits: string, padding: string): boolean {
  const length = digits.length + padding.length;
  if (length < 24 || length % 4 !== 0) return false;
  const last = digits.slice(-1);
  return padding === '' || (padding === '=' ? 'AEIMQUYcgkosw048' : 'AQgw').includes(last);
}

function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

/** Days seen before: a ledger has few, and asking the calendar takes longer than the rest of the form. */
const days = new Set<string>();

/** Of a text that matched as an instant, whether it is on a day of the calendar, from 1992 to 9000. */
function isOnADay(text: string | undefined): boolean {
  if (text === undefined) return true;
  const day = text.slice(0, 10);
  if (days.has(day)) return true;
  if (parseInstant(text) !== text) return false;
  // The last day ends before it has begun.
  if (days.size < 10_000 && day < '9000-12-31') days.add(day);
  return true;
}

const always = [
  'actor',
  'causation',
  'data',
  'format',
  'id',
  'previous',
  'recordedAt',
  'revision',
  'schemaVersion',
  'stream',
  'type',
];
const sometimes = ['decidedAt', 'effectiveAt', 'notifiedAt', 'occurredAt', 'personal', 'rulebook'];
const members = new Set([...always, ...sometimes]);

function slowForm(body: string): EventForm | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { problem: 'its bytes are not JSON' };
  }
  if (!isCanonicalValue(value, body))
    return { problem: 'its bytes are not canonical JSON (RFC 8785): the same value is written otherwise' };
  if (!isObject(value)) return { problem: 'it is no object' };
  const stray = Object.keys(value).find((name) => !members.has(name));
  if (stray !== undefined) return { problem: `it has a member "${stray}", which format 1 has not` };
  const missing = always.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return { problem: `it has no member "${missing}"` };
  const event = value as unknown as LedgerEvent;
  const wrong = wrongMember(event);
  if (wrong !== undefined) return { problem: `its member "${wrong}" is not of the form format 1 has` };
  const { actor, causation, previous, recordedAt, revision, rulebook, stream, type } = event;
  const reference = rulebook === undefined ? undefined : canonicalJson(rulebook);
  return { actor, ...causation, id: event.id, previous, recordedAt, revision, rulebook: reference, stream, type };
}

function isCanonicalValue(value: unknown, body: string): boolean {
  try {
    return canonicalJson(value) === body;
  } catch {
    return false;
  }
}

const whole = (pattern: string): ((value: unknown) => boolean) => {
  const expression = new RegExp(`^(?:${pattern})$`);
  return (value) => typeof value === 'string' && expression.test(value);
};
const isHash = whole(hash);
const isId = whole(id);
const isInstant = (value: unknown): boolean => typeof value === 'string' && parseInstant(value) === value;
const isCount = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && Number(value) >= least;

/** The first member that is not of its type and pattern. */
function wrongMember(event: LedgerEvent): string | undefined {
  const { causation, personal, rulebook } = event as { readonly [Member in keyof LedgerEvent]: unknown };
  const checks: readonly (readonly [string, boolean])[] = [
    ['actor', whole(`${id}|ledger/clock`)(event.actor)],
    [
      'causation',
      hasExactly(causation, {
        command: whole('[A-Z][A-Za-z0-9]{0,63}'),
        commandId: whole('[A-Za-z0-9._:@/-]{1,200}'),
        fingerprint: isHash,
      }),
    ],
    ['data', isObject(event.data)],
    ...(['decidedAt', 'effectiveAt', 'notifiedAt', 'occurredAt'] as const).map(
      (name) => [name, event[name] === undefined || isInstant(event[name])] as const,
    ),
    ['format', (event.format as unknown) === 1],
    ['id', whole('[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')(event.id)],
    ['personal', personal === undefined || areBoxes(personal)],
    ['previous', isHash(event.previous)],
    ['recordedAt', isInstant(event.recordedAt)],
    ['revision', isCount(event.revision, 0)],
    ['rulebook', rulebook === undefined || hasExactly(rulebook, { id: isId, rulebookVersion: isId, sha256: isHash })],
    ['schemaVersion', isCount(event.schemaVersion, 1)],
    ['stream', whole('[A-Za-z0-9._:-]{1,80}')(event.stream)],
    ['type', whole('[A-Z][A-Za-z0-9]{0,63}')(event.type)],
  ];
  return checks.find(([, holds]) => !holds)?.[0];
}

/** One box or more, in the order of their subjects, each subject once. */
function areBoxes(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  const isBox = {
    box: whole(`(?=.{24})${base64}`),
    nonce: whole('[A-Za-z0-9+/]{16}'),
    subject: whole('[A-Za-z0-9._:-]{1,80}'),
  };
  const boxes: readonly unknown[] = value;
  return boxes.every(
    (each, at) =>
      hasExactly(each, isBox) &&
      (at === 0 || (each as { subject: string }).subject > (boxes[at - 1] as { subject: string }).subject),
  );
}

function hasExactly(value: unknown, checks: Readonly<Record<string, (member: unknown) => boolean>>): boolean {
  if (!isObject(value) || Object.keys(value).length !== Object.keys(checks).length) return false;
  return Object.entries(checks).every(([name, check]) => check(value[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
