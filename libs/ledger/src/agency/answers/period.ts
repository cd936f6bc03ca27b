import type { Instant } from '../../instant.js';
import type { Attribution } from '../../rulebook.js';
import type { LedgerZone } from '../../zone.js';
import type { Basis } from '../events.js';

/**
 * The period a deduction falls in: the one its notice states, else the year of its attribution
 * instant (rules §4).
 */
export function periodOf(
  deduction: {
    readonly stated?: string | undefined;
    readonly occurredAt: Instant;
    readonly effectiveAt: Instant;
    readonly basis?: Basis | undefined;
  },
  attribution: Attribution,
  zone: LedgerZone,
): string {
  if (deduction.stated !== undefined) return deduction.stated;
  switch (attribution) {
    case 'effectiveAt':
      return zone.yearOf(deduction.effectiveAt);
    case 'occurredAt':
      return zone.yearOf(deduction.occurredAt);
    case 'assessmentMonthEnd':
      // The end of a month is the last instant in it, so December belongs to its own year (V-8).
      return deduction.basis?.kind === 'assessment'
        ? deduction.basis.month.slice(0, 4)
        : zone.yearOf(deduction.effectiveAt);
  }
}
