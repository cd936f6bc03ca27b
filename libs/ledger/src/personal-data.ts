import { createCipheriv, createDecipheriv, createHmac, hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { closed, Type, type Shape } from './schema.js';

/** Free text and names that an event carries about one subject, before sealing. */
export type PersonalData = Readonly<Record<string, unknown>>;

/**
 * Personal data of one subject, encrypted with AES-256-GCM under that subject's own key
 * (`docs/spec/event.md`, "Personal data").
 */
export type SealedPersonalData = Shape<typeof SealedPersonalDataSchema>;
export const SealedPersonalDataSchema = closed({
  box: Type.String({ description: 'ciphertext and its 16-byte tag, base64' }),
  nonce: Type.String({ description: '12 bytes, base64' }),
  subject: Type.String({ description: 'whose key opens it: `agency:a1`, `evidence:e7`' }),
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
  /** Encrypts the box. */
  readonly box: Uint8Array;
  /** Makes the nonce, and so binds the plaintext to event and key. */
  readonly nonce: Uint8Array;
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
    box: derivedKey(key, 'box'),
    nonce: derivedKey(key, 'nonce'),
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
 * Seals personal data for one event. The nonce is derived from key, event and plaintext, so sealing
 * the same data again gives the same bytes. Two plaintexts never share a nonce, even when an append
 * is abandoned and its event id used again.
 */
export function sealPersonalData(
  data: PersonalData,
  subject: string,
  eventId: string,
  key: SubjectKey,
): SealedPersonalData {
  const keys = derivedKeysOf(key);
  const plaintext = canonicalJson(data);
  const nonce = nonceOf(plaintext, eventId, keys);
  const cipher = createCipheriv('aes-256-gcm', keys.box, nonce);
  cipher.setAAD(Buffer.from(`${subject}\0${eventId}`));
  const sealed = Buffer.concat([
    cipher.update(plaintext, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return { box: sealed.toString('base64'), nonce: nonce.toString('base64'), subject };
}

/**
 * Opens sealed personal data. The nonce is recomputed, because AES-GCM alone would let a writer
 * make a box that opens to different texts under two keys.
 *
 * @throws Error when the key is not the one it was sealed with, or the box was altered or moved to
 * another event
 */
export function openPersonalData(
  sealed: SealedPersonalData,
  eventId: string,
  key: SubjectKey,
): PersonalData {
  const keys = derivedKeysOf(key);
  const bytes = Buffer.from(sealed.box, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keys.box, Buffer.from(sealed.nonce, 'base64'), {
    authTagLength: 16,
  });
  decipher.setAAD(Buffer.from(`${sealed.subject}\0${eventId}`));
  decipher.setAuthTag(bytes.subarray(-16));
  const plaintext = Buffer.concat([
    decipher.update(bytes.subarray(0, -16)),
    decipher.final(),
  ]).toString('utf8');
  if (nonceOf(plaintext, eventId, keys).toString('base64') !== sealed.nonce)
    throw new Error(
      `the personal data of "${sealed.subject}" ` +
        `in event ${eventId} do not have the nonce of their text`,
    );
  return JSON.parse(plaintext) as PersonalData;
}

function nonceOf(plaintext: string, eventId: string, keys: DerivedKeys): Buffer {
  return createHmac('sha256', keys.nonce)
    .update(`${eventId}\0${plaintext}`)
    .digest()
    .subarray(0, 12);
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
