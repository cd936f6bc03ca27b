import type { LedgerEvent } from './events.js';
import { legalPersonsKey } from './legal-person.js';

/** The names of the keys an event needs: those of its sealed texts, and that of a legal person. */
export function keysNeededBy(event: LedgerEvent): readonly string[] {
  const subjects = [...new Set(event.personal?.map(({ subject }) => subject))];
  return event.type === 'AgencyAdmitted' && event.data.legalPerson !== undefined
    ? [...subjects, legalPersonsKey]
    : subjects;
}
