import { sentence } from './in-both.js';
import type { InBoth } from './in-both.js';
import { isOpenAt } from './agency/answers/appeal-state.js';
import type { AgencyHistory, Appeal } from './agency/history.js';
import type { Decision } from './decision.js';
import { byCodeUnit } from './canonical-json.js';
import type { DecidedEvent } from './event.js';
import type { Instant } from './instant.js';
import { IdSchema, Type, type Static, wanted } from './schema.js';

/**
 * A person's request to destroy the only key that opens a subject's personal data
 * (`docs/spec/event.md`, "Personal data").
 */
export const eraseSubjectSchema = Type.Object(
  {
    subject: Type.String({
      pattern: '^(?:agency|complaint|creator|evidence):[A-Za-z0-9._:-]{1,64}$',
      description: wanted(
        'agency:ID, complaint:ID, creator:ID or evidence:ID',
        'agency:ID、complaint:ID、creator:ID 或 evidence:ID',
      ),
    }),
    requestId: Type.Optional(IdSchema),
  },
  { additionalProperties: false },
);

/** `requestId` is the reference of the request; it stays, so it must not say who asked. */
export type EraseSubject = Static<typeof eraseSubjectSchema>;

export interface ErasureEventData {
  /**
   * The subject's key is destroyed when this is read: every reader that still finds the key
   * destroys it.
   */
  SubjectErased: EraseSubject;
  /** The erasure was refused, because open appeals need what it would destroy (a legal hold). */
  ErasureHeld: EraseSubject & { readonly appealIds: readonly string[] };
}

export type ErasureEvent = DecidedEvent<ErasureEventData>;

/** Every type of the stream and the schema version it is written in. */
export const eventVersions: Readonly<Record<keyof ErasureEventData, number>> = {
  SubjectErased: 1,
  ErasureHeld: 1,
};

/**
 * The reason why an erasure was refused. It is not a command of interchange §2 and has its own
 * codes.
 */
export type ErasureRefusal = 'unknown_subject' | 'already_erased' | 'legal_hold';

function refused(code: ErasureRefusal, message: InBoth): Decision<never> {
  return { rejected: { code, message: sentence(message) } };
}

/**
 * Judges an erasure.
 *
 * @param key whether the subject has a key
 * @param holds the open appeals that need the subject's data
 */
export function eraseSubject(
  { subject, requestId }: EraseSubject,
  key: 'held' | 'destroyed' | 'never',
  holds: readonly string[],
): Decision<ErasureEvent> {
  if (key === 'never')
    return refused('unknown_subject', {
      en: `nothing was ever sealed for "${subject}"; check the id`,
      zh: `从未为 "${subject}" 封存过任何内容；请核对编号`,
    });
  if (key === 'destroyed')
    return refused('already_erased', {
      en: `the key of "${subject}" was destroyed before`,
      zh: `"${subject}" 的密钥此前已销毁`,
    });
  const request = { ...(requestId !== undefined && { requestId }), subject };
  if (holds.length === 0)
    return { events: [{ type: 'SubjectErased', data: request }], findings: [] };
  const appealIds = [...holds].sort(byCodeUnit);
  return { events: [{ type: 'ErasureHeld', data: { appealIds, ...request } }], findings: [] };
}

/**
 * The appeals of an agency that are open at `now`: initiated or with evidence, and neither decided,
 * withdrawn, lapsed nor out of time.
 *
 * @param creatorId when given, only those that may turn on this creator: they name a deduction for
 * it, or the expulsion
 */
export function openAppeals(history: AgencyHistory, now: Instant, creatorId?: string): string[] {
  return [...history.appeals.values()]
    .filter((appeal) => isOpenAt(appeal, now))
    .filter((appeal) => creatorId === undefined || turnsOn(appeal, creatorId, history))
    .map(({ appealId }) => appealId);
}

function turnsOn(
  { deductionIds }: Appeal,
  creatorId: string,
  { deductions }: AgencyHistory,
): boolean {
  return (
    deductionIds.length === 0 ||
    deductionIds.some((id) => deductions.get(id)?.creatorId === creatorId)
  );
}
