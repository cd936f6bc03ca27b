import { createCipheriv, createDecipheriv, createHmac, hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** Free text and names that an event carries about one subject, before sealing. */
export type PersonalData = Readonly<Record<string, unknown>>;

/** Personal data of one subject, encrypted with AES-256-GCM under that subject's own key (`docs/spec/event.md`, "Personal data"). */
export interface SealedPersonalData {
  /** Ciphertext and its 16-byte tag, base64. */
  readonly box: string;
  /** 12 bytes, base64. */
  readonly nonce: string;
  /** Whose key opens it: `agency:a1`, `evidence:e7`. */
  readonly subject: string;
}

/** The 32 random bytes that open one subject's personal data. Destroying them is erasing it. */
export type SubjectKey = Uint8Array;

/**
 * Seals personal data for one event. The nonce is derived from key, event and plaintext, so that sealing the same again gives the same
 * bytes, and two plaintexts never share a nonce, even when an append is abandoned and its event id used again.
 */
export function sealPersonalData(
  data: PersonalData,
  subject: string,
  eventId: string,
  key: SubjectKey,
): SealedPersonalData {
  const plaintext = canonicalJson(data);
  const nonce = createHmac('sha256', key).update(`nonce\0${eventId}\0${plaintext}`).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(`${subject}\0${eventId}`));
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { box: sealed.toString('base64'), nonce: nonce.toString('base64'), subject };
}

/**
 * Opens sealed personal data.
 *
 * @throws Error when the key is not the one it was sealed with, or the box was altered or moved to another event
 */
export function openPersonalData(sealed: SealedPersonalData, eventId: string, key: SubjectKey): PersonalData {
  const bytes = Buffer.from(sealed.box, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'base64'));
  decipher.setAAD(Buffer.from(`${sealed.subject}\0${eventId}`));
  decipher.setAuthTag(bytes.subarray(-16));
  const plaintext = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
  return JSON.parse(plaintext) as PersonalData;
}

/**
 * A digest by which a repeated command is recognised. With the subject's key it is an HMAC, so that after the key is destroyed nobody can
 * confirm a guess at the personal data the command held; without one (no personal data) it is a plain SHA-256.
 */
export function fingerprintOf(command: string, data: unknown, key?: SubjectKey): string {
  const text = canonicalJson({ command, data });
  return key === undefined ? hash('sha256', text, 'hex') : createHmac('sha256', key).update(text).digest('hex');
}
