import { sentence } from './in-both.js';
import type { InBoth } from './in-both.js';
import type { Finding, FindingCode } from './findings.js';
import type { Instant } from './instant.js';
import type { LegalPerson } from './legal-person.js';
import type { PersonalData } from './personal-data.js';
import { reject, type Rejection, type RejectionCode } from './rejection.js';
import type { Rulebooks } from './rulebook.js';
import type { LedgerZone } from './zone.js';

/**
 * `observer`: acts are stored with their findings. `operator`: an act with a breach is refused
 * (rules §2).
 */
export type Mode = 'observer' | 'operator';

/** The inputs of a decision besides the history. It depends on nothing else. */
export interface DecisionContext {
  readonly now: Instant;
  readonly actor: string;
  readonly mode: Mode;
  readonly zone: LedgerZone;
  readonly rulebooks: Rulebooks;
  /** Names a legal person as events do, from the id that a command gives. */
  readonly legalPersonOf: (legalPersonId: string) => LegalPerson;
}

export interface Refused {
  readonly rejected: Rejection;
}

export interface Accepted<Event> {
  readonly rejected?: undefined;
  readonly events: readonly Event[];
  readonly findings: readonly FindingCode[];
}

export type Decision<Event> = Refused | Accepted<Event>;

export function refused(code: RejectionCode, message: InBoth): Refused {
  return { rejected: reject(code, message) };
}

export function accepted<Event>(...events: readonly Event[]): Accepted<Event> {
  return { events, findings: [] };
}

/**
 * The act with its findings; in operator mode a breach refuses it, with the first breach's code as
 * the reason (rules §2).
 */
export function acceptedWith<Event>(
  findings: readonly Finding[],
  events: readonly Event[],
  { mode }: Pick<DecisionContext, 'mode'>,
): Decision<Event> {
  const breach =
    mode === 'operator' ? findings.find(({ severity }) => severity === 'breach') : undefined;
  if (breach !== undefined)
    return { rejected: { code: breach.code, message: sentence(breach.detail) } };
  return { events, findings: findings.map(({ code }) => code) };
}

/** The member `findings` of an event's data: left out when there are none. */
export function withFindings(findings: readonly Finding[]): {
  readonly findings?: readonly Finding[];
} {
  return findings.length === 0 ? {} : { findings };
}

/** The member `decidedAt` of an event: left out when the command did not state it. */
export function decidedAtOf(data: { readonly decidedAt?: Instant }): {
  readonly decidedAt?: Instant;
} {
  return data.decidedAt === undefined ? {} : { decidedAt: data.decidedAt };
}

/** The member `personal` of an event: left out when the command gave none of it. */
export function withPersonal(data: PersonalData): { readonly personal?: PersonalData } {
  const given = Object.entries(data).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { personal: Object.fromEntries(given) };
}

/**
 * Refuses a command for a creator that was not bound to an agency at an instant, so that no agency
 * answers for it.
 */
export function notBound(creatorId: string, at: Instant, zone: LedgerZone): Refused {
  return refused('not_bound', {
    en: `creator "${creatorId}" was bound to no agency at ${zone.format(at)}`,
    zh: `达人 "${creatorId}" 在 ${zone.format(at)} 未绑定任何机构`,
  });
}
