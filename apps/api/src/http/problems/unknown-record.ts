import { ApiProblem } from './api-problem.js';
import { nounTerms } from '@penalty-ledger/ledger';

/** The kinds of record that a request names by an id. */
export type RecordKind =
  | 'addition'
  | 'agency'
  | 'appeal'
  | 'complaint'
  | 'deduction'
  | 'measure'
  | 'pack'
  | 'review'
  | 'rulebook'
  | 'session';

/**
 * The refusal of an id that names no record. A record that the sender may not see is refused in the
 * same words, so that an answer never says that it exists.
 */
export function unknownRecord(kind: RecordKind, id: string): ApiProblem {
  return new ApiProblem(`unknown_${kind}`, {
    en: `there is no ${kind} "${id}"`,
    zh: `${nounTerms[kind].zh} "${id}" 不存在`,
  });
}

/** The refusal of an id whose record was not known at the instant that was asked about. */
export function unknownThen(kind: RecordKind, id: string): ApiProblem {
  return new ApiProblem(`unknown_${kind}`, {
    en: `no ${kind} "${id}" was recorded by then`,
    zh: `截至所查时间未记录${nounTerms[kind].zh} "${id}"`,
  });
}
