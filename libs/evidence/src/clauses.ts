import {
  byCodeUnit,
  clauseOf,
  type Clause,
  type RulebookReference,
  type RulebookRegister,
} from '@penalty-ledger/ledger';
import type { DeductionDetail } from './deduction-details.js';

/** The wording of a clause that a deduction names, as its rulebook has it. */
export interface ClauseText extends RulebookReference {
  readonly clause: string;
  readonly points: number | null;
  readonly text: Clause['text'];
  readonly title: Clause['title'];
}

/** The clauses these deductions name, each once; one that its rulebook has not is left out. */
export function clausesOf(
  deductions: readonly DeductionDetail[],
  register: RulebookRegister,
): ClauseText[] {
  const rulebooks = [...register.shipped, ...register.published.map(({ rulebook }) => rulebook)];
  const found = new Map<string, ClauseText>();
  for (const { clause: id, rulebook: reference } of deductions) {
    const document = rulebooks.find(
      (each) => each.reference.sha256 === reference?.sha256,
    )?.document;
    const clause = document === undefined ? undefined : clauseOf(document, id);
    if (reference === undefined || clause === undefined) continue;
    const { points, text, title } = clause;
    found.set(`${reference.sha256} ${id}`, { ...reference, clause: id, points, text, title });
  }
  return [...found].sort(([a], [b]) => byCodeUnit(a, b)).map(([, clause]) => clause);
}
