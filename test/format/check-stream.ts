import {
  canonicalJson,
  clockActor,
  eventIdOf,
  leafHashOf,
  noPreviousEvent,
  parseInstant,
  type LedgerEvent,
  type SealedPersonalData,
} from '@penalty-ledger/ledger';

/** At which step of "Verification" in docs/spec/event.md a record fails. */
export type Problem =
  'leaf_hash' | 'bytes' | 'envelope' | 'stream' | 'revision' | 'previous' | 'recordedAt' | 'id';

export interface VectorRecord {
  readonly body: string;
  readonly leafHash: string;
}

/** The steps of "Verification" in docs/spec/event.md, with the library's functions; the first failure, or `undefined`. */
export function problemOfStream(
  ledgerId: string,
  stream: string,
  records: readonly VectorRecord[],
): { readonly at: number; readonly problem: Problem } | undefined {
  let before: (VectorRecord & { readonly event: LedgerEvent; readonly index: number }) | undefined;
  for (const [at, { body, leafHash }] of records.entries()) {
    if (leafHashOf(body) !== leafHash) return { at, problem: 'leaf_hash' };
    if (!isCanonical(body)) return { at, problem: 'bytes' };
    const value: unknown = JSON.parse(body);
    if (!isEnvelope(value)) return { at, problem: 'envelope' };
    const event = value;
    if (event.stream !== stream) return { at, problem: 'stream' };
    if (event.revision !== at) return { at, problem: 'revision' };
    if (event.previous !== (before?.leafHash ?? noPreviousEvent))
      return { at, problem: 'previous' };
    if (before !== undefined && event.recordedAt < before.event.recordedAt)
      return { at, problem: 'recordedAt' };
    const sibling =
      before !== undefined && commandOf(event) === commandOf(before.event) ? before : undefined;
    if (sibling !== undefined && !isSameRecording(event, sibling.event))
      return { at, problem: 'id' };
    const index = sibling === undefined ? 0 : sibling.index + 1;
    if (event.id !== eventIdOf(ledgerId, stream, event.causation, index))
      return { at, problem: 'id' };
    before = { body, leafHash, event, index };
  }
  return undefined;
}

export function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

/** An instant as an event holds it: the one spelling that reading it gives back. */
export function isStoredInstant(value: unknown): boolean {
  return typeof value === 'string' && parseInstant(value) === value;
}

const commandOf = ({ causation }: LedgerEvent) => `${causation.command}/${causation.commandId}`;

const isSameRecording = (a: LedgerEvent, b: LedgerEvent) =>
  a.actor === b.actor &&
  a.recordedAt === b.recordedAt &&
  a.causation.fingerprint === b.causation.fingerprint;

type Check = (value: unknown) => boolean;

const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

const hash = matching(/^[0-9a-f]{64}$/);
const id = matching(/^[A-Za-z0-9._:-]{1,64}$/);
const integerFrom =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least;

/** An object with these members, those marked `?` if present, and no other. */
const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (!isObject(value)) return false;
    const known = new Map(
      Object.entries(members).map(([name, check]) => [name.replace('?', ''), check]),
    );
    return (
      Object.keys(value).every((name) => known.get(name)?.(value[name]) === true) &&
      Object.keys(members).every((name) => name.endsWith('?') || Object.hasOwn(value, name))
    );
  };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Base64 in its one canonical spelling, of at least or exactly so many bytes. */
const base64 =
  (fits: (bytes: number) => boolean): Check =>
  (value) => {
    if (typeof value !== 'string') return false;
    const bytes = Buffer.from(value, 'base64');
    return bytes.toString('base64') === value && fits(bytes.length);
  };

const box = object({
  box: base64((bytes) => bytes >= 18),
  nonce: base64((bytes) => bytes === 12),
  subject: matching(/^[A-Za-z0-9._:-]{1,80}$/),
});

const isAfterTheOneBefore = (
  { subject }: SealedPersonalData,
  index: number,
  boxes: readonly SealedPersonalData[],
) => index === 0 || subject > boxes[index - 1]!.subject;

const envelope = object({
  actor: (value) => id(value) || value === clockActor,
  causation: object({
    command: matching(/^[A-Z][A-Za-z0-9]{0,63}$/),
    commandId: matching(/^[A-Za-z0-9._:@/-]{1,200}$/),
    fingerprint: hash,
  }),
  data: isObject,
  'decidedAt?': isStoredInstant,
  'effectiveAt?': isStoredInstant,
  format: (value) => value === 1,
  id: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  'notifiedAt?': isStoredInstant,
  'occurredAt?': isStoredInstant,
  'personal?': (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(box) &&
    value.every(isAfterTheOneBefore),
  previous: hash,
  recordedAt: isStoredInstant,
  revision: integerFrom(0),
  'rulebook?': object({ id, rulebookVersion: id, sha256: hash }),
  schemaVersion: integerFrom(1),
  stream: matching(/^[A-Za-z0-9._:-]{1,80}$/),
  type: matching(/^[A-Z][A-Za-z0-9]{0,63}$/),
});

const isEnvelope = (value: unknown): value is LedgerEvent => envelope(value);
