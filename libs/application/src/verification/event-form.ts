import { canonicalJson, parseInstant, type LedgerEvent } from '@penalty-ledger/ledger';
import { canonicalEnd } from './canonical-scan.js';

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
const base64 =
  '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?';
// What is in quotes is looked at by `isOneSpelling`, and a rulebook by `isReference`: in the expression they would take as long as all the rest.
const box = `\\{"box":"([^"]+)","nonce":"[A-Za-z0-9+/]{16}","subject":"[A-Za-z0-9._:-]{1,80}"\\}`;

const head = new RegExp(
  `^\\{"actor":"(${id}|ledger/clock)","causation":\\{"command":"([A-Z][A-Za-z0-9]{0,63})",` +
    `"commandId":"([A-Za-z0-9._:@/-]{1,200})","fingerprint":"(${hash})"\\},"data":`,
);

const tail = new RegExp(
  `(?:,"decidedAt":"(${instant})")?(?:,"effectiveAt":"(${instant})")?,"format":1,"id":"([0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"` +
    `(?:,"notifiedAt":"(${instant})")?(?:,"occurredAt":"(${instant})")?(?:,"personal":\\[${box}\\])?` +
    `,"previous":"(${hash})","recordedAt":"(${instant})","revision":(${count})` +
    `(?:,"rulebook":(\\{[^}]*\\}))?` +
    `,"schemaVersion":[1-9][0-9]{0,14},"stream":"([A-Za-z0-9._:-]{1,80})","type":"([A-Z][A-Za-z0-9]{0,63})"\\}$`,
  'y',
);

/**
 * Reads an event's body if it is an event in format 1, to the byte (`docs/spec/event.md`, "Bytes" and "Envelope"), or says what is wrong.
 *
 * Canonical JSON writes the envelope's members in one order, so that two anchored expressions, and between them one look at the data's characters, are a
 * whole reader of nearly every event. What they do not match is parsed, written canonically and compared: several times the time.
 */
export function readForm(body: string): EventForm | { readonly problem: string } {
  return quickForm(body) ?? parsedForm(body);
}

function quickForm(body: string): EventForm | undefined {
  const start = head.exec(body);
  if (start === null) return undefined;
  const data = start[0].length;
  const end = body.startsWith('{', data) ? canonicalEnd(body, data) : -1;
  if (end < 0) return undefined;
  tail.lastIndex = end;
  const rest = tail.exec(body);
  if (rest === null) return undefined;
  const [
    ,
    decidedAt,
    effectiveAt,
    eventId = '',
    notifiedAt,
    occurredAt,
    boxed,
    previous = '',
    recordedAt = '',
    revision = '',
    rulebook,
  ] = rest;
  if (boxed !== undefined && !isOneSpelling(boxed)) return undefined;
  if (rulebook !== undefined && !isReference(rulebook)) return undefined;
  if (!isOnADay(notifiedAt) || !isOnADay(occurredAt) || !isOnADay(recordedAt)) return undefined;
  if (!isOnADay(decidedAt) || !isOnADay(effectiveAt)) return undefined;
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
    stream: rest[11] ?? '',
    type: rest[12] ?? '',
  };
}

/** Base64 of at least 18 bytes, padded and with its unused bits zero. */
function isOneSpelling(boxed: string): boolean {
  const { length } = boxed;
  if (length < 24 || length % 4 !== 0) return false;
  const padding = boxed.endsWith('==') ? 2 : boxed.endsWith('=') ? 1 : 0;
  for (let at = 0; at < length - padding; at += 1) {
    if (digits[boxed.charCodeAt(at)] !== 1) return false;
  }
  const last = boxed.charAt(length - padding - 1);
  return padding === 0 || (padding === 1 ? 'AEIMQUYcgkosw048' : 'AQgw').includes(last);
}

/** By character code: 1 for the digits of base64. */
const digits = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(code)) ? 1 : 0,
);

const reference = new RegExp(`^\\{"id":"${id}","rulebookVersion":"${id}","sha256":"${hash}"\\}$`);

/** Rulebooks named before: a ledger has few. */
const references = new Set<string>();

function isReference(text: string): boolean {
  if (references.has(text)) return true;
  if (!reference.test(text)) return false;
  if (references.size < 1000) references.add(text);
  return true;
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

/** The same by parsing: whatever is quicker must agree with it. */
export function parsedForm(body: string): EventForm | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { problem: 'its bytes are not JSON' };
  }
  if (!isCanonicalValue(value, body))
    return {
      problem: 'its bytes are not canonical JSON (RFC 8785): the same value is written otherwise',
    };
  if (!isObject(value)) return { problem: 'it is no object' };
  const stray = Object.keys(value).find((name) => !members.has(name));
  if (stray !== undefined) return { problem: `it has a member "${stray}", which format 1 has not` };
  const missing = always.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return { problem: `it has no member "${missing}"` };
  const event = value as unknown as LedgerEvent;
  const wrong = wrongMember(event);
  if (wrong !== undefined)
    return { problem: `its member "${wrong}" is not of the form format 1 has` };
  const { actor, causation, previous, recordedAt, revision, rulebook, stream, type } = event;
  const named = rulebook === undefined ? undefined : canonicalJson(rulebook);
  return {
    actor,
    ...causation,
    id: event.id,
    previous,
    recordedAt,
    revision,
    rulebook: named,
    stream,
    type,
  };
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
const isInstant = (value: unknown): boolean =>
  typeof value === 'string' && parseInstant(value) === value;
const isCount = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && Number(value) >= least;

/** The first member that is not of its type and pattern. */
function wrongMember(event: LedgerEvent): string | undefined {
  const { causation, personal, rulebook } = event as {
    readonly [Member in keyof LedgerEvent]: unknown;
  };
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
    [
      'rulebook',
      rulebook === undefined ||
        hasExactly(rulebook, { id: isId, rulebookVersion: isId, sha256: isHash }),
    ],
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
      (at === 0 ||
        (each as { subject: string }).subject > (boxes[at - 1] as { subject: string }).subject),
  );
}

function hasExactly(
  value: unknown,
  checks: Readonly<Record<string, (member: unknown) => boolean>>,
): boolean {
  if (!isObject(value) || Object.keys(value).length !== Object.keys(checks).length) return false;
  return Object.entries(checks).every(([name, check]) => check(value[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
