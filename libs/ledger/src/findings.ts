import type { InBoth } from './in-both.js';
import { closed, enumOf, SentenceSchema, Type, type Shape } from './schema.js';

/**
 * The findings about an act that departs from the rulebook, with their severities (rules §2). A
 * `breach` is refused in operator mode; a `warning` never is.
 */
export const findingSeverities = {
  overlapping_sessions: 'warning',
  tariff_mismatch: 'breach',
  assessment_disagrees: 'warning',
  possible_duplicate: 'warning',
  retroactive_threshold: 'warning',
  appeal_late: 'warning',
  appeal_worsened: 'breach',
  same_actor: 'warning',
  no_last_chance: 'breach',
  below_threshold: 'breach',
  reentry_early: 'breach',
  balance_mismatch: 'warning',
  short_notice: 'warning',
} as const;

export type FindingCode = keyof typeof findingSeverities;
export const FindingCodeSchema = enumOf(Object.keys(findingSeverities) as FindingCode[]);

/** A departure from the rulebook, stored with the act it concerns. */
export type Finding = Shape<typeof FindingSchema>;
export const FindingSchema = closed({
  code: FindingCodeSchema,
  severity: enumOf(['breach', 'warning']),
  detail: closed(
    { en: Type.String(), zh: Type.String() },
    { description: 'what was found, with ids and numbers and without personal data' },
  ),
});

/** The members of a finding in an answer. */
export const foundFields = {
  ...FindingSchema.properties,
  detail: SentenceSchema('what was found, in English, with ids and numbers'),
};

/** The member `findings` of the data of an event. */
export interface WithFindings {
  readonly findings?: readonly Finding[];
}

export function finding(code: FindingCode, { en, zh }: InBoth): Finding {
  return { code, severity: findingSeverities[code], detail: { en, zh } };
}
