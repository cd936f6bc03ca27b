import { createCipheriv, createDecipheriv, createHmac, hash } from 'node:crypto';
import { byCodeUnit, canonicalJson } from './canonical-json.js';
import { closed, Type, type Shape } from './schema.js';

/**
 * Free texts and names that an event carries about one subject, before sealing: texts, lists of
 * texts, or objects of texts.
 */
export type PersonalData = Readonly<Record<string, unknown>>;

/**
 * One text of one subject, sealed under a key of its own (`docs/spec/event.md`, "Personal data").
 */
export type SealedText = Shape<typeof SealedTextSchema>;
export const SealedTextSchema = closed({
  box: Type.String({ description: '32 bytes that commit to key and text, the ciphertext: base64' }),
  subject: Type.String({ description: 'whose key opens it: `agency:a1`, `evidence:e7`' }),
  text: Type.String({ description: 'which text: a JSON Pointer (RFC 6901), `/noticeText`' }),
});

/**
 * The 32 random bytes that open one subject's personal data. Destroying them erases the data. They
 * are never changed in place: the keys derived from them are cached as long as the object exists
 * ({@link derivedKeysOf}).
 */
export type SubjectKey = Uint8Array;

/**
 * The keys derived from a subject's key, one for each use. So uses cannot collide, and one key can
 * be handed out without the others.
 */
export interface DerivedKeys {
  /** Makes the key of each text ({@link textKeyOf}). */
  readonly texts: Uint8Array;
  /** Makes the fingerprint of a command. */
  readonly fingerprint: Uint8Array;
}

const derived = new WeakMap<SubjectKey, DerivedKeys>();

/**
 * HMAC-SHA-256 of a subject's key over a label for each use.
 *
 * @throws RangeError for a key that is not 32 bytes
 */
export function derivedKeysOf(key: SubjectKey): DerivedKeys {
  const known = derived.get(key);
  if (known !== undefined) return known;
  if (key.length !== 32)
    throw new RangeError(`a subject's key has 32 bytes, not ${String(key.length)}`);
  const keys = {
    texts: derivedKey(key, 'texts'),
    fingerprint: derivedKey(key, 'fingerprint'),
  };
  derived.set(key, keys);
  return keys;
}

/** The key for one use: HMAC-SHA-256 of a key over the label of the use. */
export function derivedKey(key: SubjectKey, use: string): Uint8Array {
  return createHmac('sha256', key).update(`penalty-ledger/v1/${use}`).digest();
}

/**
 * The key of one text of one event, in lower-case hexadecimal. It opens that text and no other, so
 * it can be handed out with an evidence pack.
 */
export function textKeyOf(text: string, eventId: string, key: SubjectKey): string {
  return createHmac('sha256', derivedKeysOf(key).texts).update(`${eventId}\0${text}`).digest('hex');
}

/**
 * Seals each text of an event's personal data, in order of their pointers. The same data give the
 * same bytes. Two texts never share a keystream, even when an append is abandoned and its event id
 * used again, because the counter starts at the commitment.
 *
 * @throws TypeError for what is neither a text nor made of texts
 */
export function sealPersonalData(
  data: PersonalData,
  subject: string,
  eventId: string,
  key: SubjectKey,
): readonly SealedText[] {
  return textsIn(data).map(([text, value]) => {
    const textKey = textKeyOf(text, eventId, key);
    const commitment = commitmentOf(value, textKey, { subject, eventId, text });
    const cipher = createCipheriv('aes-256-ctr', cipherKeyOf(textKey), counterOf(commitment));
    const box = Buffer.concat([commitment, cipher.update(value, 'utf8')]).toString('base64');
    return { box, subject, text };
  });
}

/**
 * Opens the sealed texts of an event that are of one subject.
 *
 * @throws Error when the key is not the one they were sealed with, or a box was altered or moved
 */
export function openPersonalData(
  sealed: readonly SealedText[],
  eventId: string,
  key: SubjectKey,
): PersonalData {
  return dataOf(
    sealed.map((text) => [text.text, openText(text, eventId, textKeyOf(text.text, eventId, key))]),
  );
}

/**
 * Opens one sealed text with its own key. A box opens to one text at most: what it begins with is a
 * hash of key, place and text.
 *
 * @param textKey as {@link textKeyOf} gives it
 * @throws Error when the key is not the text's, or the box was altered or moved to another place
 */
export function openText(
  { box, subject, text }: SealedText,
  eventId: string,
  textKey: string,
): string {
  const bytes = Buffer.from(box, 'base64');
  const commitment = bytes.subarray(0, commitmentLength);
  const decipher = createDecipheriv('aes-256-ctr', cipherKeyOf(textKey), counterOf(commitment));
  const value = inUtf8(decipher.update(bytes.subarray(commitmentLength)));
  if (
    value === undefined ||
    !commitmentOf(value, textKey, { subject, eventId, text }).equals(commitment)
  )
    throw new Error(`the text ${text} of "${subject}" in event ${eventId} is not what was sealed`);
  return value;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function inUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes that a box begins with. */
const commitmentLength = 32;

interface TextPlace {
  readonly subject: string;
  readonly eventId: string;
  readonly text: string;
}

/** Commits to key, place and text: it hides the text, and no second one has the same. */
function commitmentOf(
  value: string,
  textKey: string,
  { subject, eventId, text }: TextPlace,
): Buffer {
  // As hexadecimal and then bytes: digests as buffers take twice the time (node 22).
  const digest = hash('sha256', `${textKey}\0${subject}\0${eventId}\0${text}\0${value}`, 'hex');
  return Buffer.from(digest, 'hex');
}

function cipherKeyOf(textKey: string): Buffer {
  return Buffer.from(hash('sha256', `${textKey}\0cipher`, 'hex'), 'hex');
}

/** The first counter block of AES-256-CTR. */
function counterOf(commitment: Uint8Array): Uint8Array {
  return commitment.subarray(0, 16);
}

type Text = readonly [pointer: string, value: string];

/** The texts in personal data by JSON Pointer, in order of these. */
function textsIn(data: PersonalData): readonly Text[] {
  const texts: [string, string][] = [];
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined) continue;
    if (typeof value === 'string') texts.push([`/${name}`, value]);
    else if (typeof value === 'object' && value !== null)
      for (const [member, text] of Object.entries(value as Readonly<Record<string, unknown>>)) {
        if (text === undefined) continue;
        if (typeof text !== 'string') throw new TypeError(`/${name}/${member} is not a text`);
        texts.push([`/${name}/${member}`, text]);
      }
    else throw new TypeError(`/${name} is not a text`);
  }
  return texts.sort(([one], [other]) => byCodeUnit(one, other));
}

/** Puts texts together again as the personal data they were in. */
function dataOf(texts: readonly Text[]): PersonalData {
  // A map has no members that it inherits: a text may be called `/constructor/0`.
  const data = new Map<string, string | Map<string, string>>();
  for (const [pointer, value] of texts) {
    const [name = '', member] = pointer.slice(1).split('/');
    const before = data.get(name);
    if (member === undefined) data.set(name, value);
    else if (before instanceof Map) before.set(member, value);
    else data.set(name, new Map([[member, value]]));
  }
  return Object.fromEntries(
    [...data].map(([name, value]) => [name, typeof value === 'string' ? value : membersOf(value)]),
  );
}

/** A list when the members are numbered, in their order; else an object. */
function membersOf(members: ReadonlyMap<string, string>): unknown {
  const names = [...members.keys()];
  if (!names.every((name) => /^\d+$/.test(name))) return Object.fromEntries(members);
  return names.sort((one, other) => Number(one) - Number(other)).map((name) => members.get(name));
}

/**
 * A digest that identifies a repeated command. With the subject's key it is an HMAC: once the key
 * is destroyed, a guess at the command's personal data cannot be confirmed. Without a key (no
 * personal data) it is a plain SHA-256.
 */
export function fingerprintOf(command: string, data: unknown, key?: SubjectKey): string {
  const text = canonicalJson({ command, data });
  return key === undefined
    ? hash('sha256', text, 'hex')
    : createHmac('sha256', derivedKeysOf(key).fingerprint).update(text).digest('hex');
}
