import type { ErasureRefusal } from './erasure.js';
import type { FindingCode } from './findings.js';
import type { RejectionCode } from './rejection.js';

/** A section of a text in this repository, from its root: `docs/spec/rules.md#5-standing`. */
export type RuleLink = `docs/${string}.md#${string}`;

/** Codes that a command never gets, but a query or a request for evidence. */
type AnswerRefusal = 'unknown_evidence' | 'unknown_rulebook';

/** Every code that says no, or that something departs from the rulebook. */
export type RuledCode = RejectionCode | FindingCode | ErasureRefusal | AnswerRefusal;

const rules = 'docs/spec/rules.md';
const interchange = 'docs/spec/interchange.md';
const erasure = 'docs/decisions/erasure.md';

const anyCommand = `${interchange}#codes-of-every-command` as const;
const roster = `${interchange}#roster` as const;
const sessions = `${interchange}#sessions` as const;
const complaints = `${interchange}#complaints` as const;
const deductions = `${interchange}#deductions` as const;
const appeals = `${interchange}#appeals` as const;
const measures = `${interchange}#measures-and-human-review` as const;
const additions = `${interchange}#additions` as const;
const expulsion = `${interchange}#expulsion-and-return` as const;
const operations = `${interchange}#assessment-rulebooks-observation-evidence-traffic` as const;
const standing = `${rules}#5-standing` as const;
const assessment = `${rules}#6-assessment-of-a-month` as const;
const appealRules = `${rules}#7-appeals` as const;
const traffic = `${rules}#9-traffic-support` as const;
const rulebooks = `${rules}#10-rulebooks-are-data` as const;

/**
 * The section that each refusal and each finding rests on. A code without one does not compile, and
 * `test/tidy.spec.ts` finds each section in its text.
 */
export const ruleLinks: Readonly<Record<RuledCode, RuleLink>> = {
  invalid: anyCommand,
  conflict: `${interchange}#repetition`,
  unknown_agency: anyCommand,
  time_order: roster,
  already_bound: roster,
  not_bound: sessions,
  unknown_session: sessions,
  already_void: sessions,
  month_not_over: operations,
  not_admitted: standing,
  unknown_clause: deductions,
  duplicate_assessment: assessment,
  unknown_deduction: deductions,
  already_revoked: deductions,
  not_lower: deductions,
  not_higher: deductions,
  exceeds_original: deductions,
  no_pending_expulsion: standing,
  not_expelled: expulsion,
  already_expelled: expulsion,
  already_appealed: appealRules,
  unknown_appeal: appeals,
  appeal_closed: appeals,
  evidence_already_submitted: appealRules,
  evidence_window_closed: appealRules,
  unknown_complaint: complaints,
  complaint_closed: complaints,
  not_merged: complaints,
  unknown_measure: measures,
  already_lifted: measures,
  unknown_review: measures,
  review_closed: measures,
  unknown_addition: additions,
  blackout_date: traffic,
  already_allocated: operations,
  no_slot: operations,
  too_few_creators: traffic,
  not_qualified: traffic,
  registration_closed: traffic,
  unknown_proposal: operations,

  overlapping_sessions: assessment,
  tariff_mismatch: deductions,
  assessment_disagrees: assessment,
  possible_duplicate: deductions,
  retroactive_threshold: standing,
  appeal_late: appealRules,
  appeal_worsened: appealRules,
  same_actor: appeals,
  no_last_chance: standing,
  below_threshold: standing,
  reentry_early: standing,
  balance_mismatch: operations,
  short_notice: rulebooks,

  unknown_evidence: operations,
  unknown_rulebook: rulebooks,

  unknown_hold: `${erasure}#legal-hold`,
  unknown_subject: `${erasure}#what-is-erased`,
  already_erased: `${erasure}#what-is-erased`,
  legal_hold: `${erasure}#legal-hold`,
};

/** Returns the section a code rests on; `undefined` for a text that is none of the codes. */
export function ruleLinkOf(code: string): RuleLink | undefined {
  return Object.hasOwn(ruleLinks, code) ? ruleLinks[code as RuledCode] : undefined;
}
