import { createHmac } from 'node:crypto';
import { derivedKey, type SubjectKey } from './personal-data.js';

/**
 * A legal person as events name it: the HMAC-SHA-256 of its id under the ledger's own key
 * (`docs/spec/event.md`, "Legal persons"). Equal ids give equal texts within one ledger; without
 * the key nobody can test a guess at an id.
 */
export type LegalPerson = `hmac-sha256:${string}`;

/** The name under which the ledger's key for legal persons lies among the keys of subjects. */
export const legalPersonsKey = 'legal-persons';

/** Names a legal person in an event. @param key the ledger's, under {@link legalPersonsKey} */
export function legalPersonOf(legalPersonId: string, key: SubjectKey): LegalPerson {
  const digest = createHmac('sha256', derivedKey(key, 'legal-person')).update(legalPersonId);
  return `hmac-sha256:${digest.digest('base64url')}`;
}
