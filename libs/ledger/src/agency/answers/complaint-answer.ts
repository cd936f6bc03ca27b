import type { Instant } from '../../instant.js';
import type { LedgerZone } from '../../zone.js';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  nullable,
  Type,
  type Shape,
} from '../../schema.js';
import { complainantKinds } from '../events.js';
import { complaintOf, type AgencyHistory } from '../history.js';
import { pointsAt, valuesAt } from './balance.js';
import {
  complaintLinksAt,
  complaintStateAt,
  mergedIntoAt,
  ComplaintStateSchema,
  type ComplaintLinks,
} from './complaint-state.js';

/** The answer to `complaint`: its state, and the points that were deducted for it. */
export type ComplaintAnswer = Shape<typeof ComplaintAnswerSchema>;
export const ComplaintAnswerSchema = closed({
  complaintId: IdSchema,
  agencyId: described(IdSchema, 'the agency that answers for it'),
  knownAt: InstantSchema,
  creatorId: nullable(IdSchema, 'the creator complained of, for whom the agency answers jointly'),
  complainantKind: enumOf(complainantKinds),
  occurredAt: InstantSchema,
  filedAt: InstantSchema,
  state: ComplaintStateSchema,
  closedAt: nullable(
    InstantSchema,
    'when it was closed itself; null too when it ended with the complaint it is merged into',
  ),
  mergedInto: nullable(IdSchema),
  merged: Type.Array(IdSchema, { description: 'the complaints merged into this one' }),
  deductions: Type.Array(
    closed({
      deductionId: IdSchema,
      complaintId: described(IdSchema, 'the one the deduction names'),
      clause: Type.String({ description: 'the clause of the violation that was found' }),
      occurredAt: described(InstantSchema, 'when the violation occurred'),
      points: Type.Integer(),
      counts: Type.Integer(),
    }),
    { description: 'what rests on it, or on a complaint merged with it' },
  ),
});

/**
 * Answers `complaint`; `undefined` when it is not known at K.
 *
 * @param links of the same history at K; who asks for many complaints finds them once
 */
export function complaintAnswer(
  history: AgencyHistory,
  query: { readonly complaintId: string; readonly knownAt: Instant },
  { zone }: { readonly zone: LedgerZone },
  links: ComplaintLinks = complaintLinksAt(history, query.knownAt),
): ComplaintAnswer | undefined {
  const { knownAt } = query;
  const complaint = complaintOf(history, query.complaintId);
  if (complaint.recordedAt > knownAt) return undefined;
  const { complaintId, complainantKind, closed } = complaint;
  return {
    complaintId,
    agencyId: history.agencyId,
    knownAt: zone.format(knownAt),
    creatorId: complaint.creatorId ?? null,
    complainantKind,
    occurredAt: zone.format(complaint.occurredAt),
    filedAt: zone.format(complaint.recordedAt),
    state: complaintStateAt(history, complaint, knownAt),
    closedAt:
      closed !== undefined && closed.recordedAt <= knownAt ? zone.format(closed.recordedAt) : null,
    mergedInto: mergedIntoAt(complaint, knownAt) ?? null,
    merged: [...links.mergedInto(complaintId)],
    deductions: links.deductionsOf(complaint).map((deduction) => {
      const { clause, occurredAt, points } = valuesAt(deduction, knownAt);
      return {
        deductionId: deduction.deductionId,
        complaintId:
          deduction.basis?.kind === 'complaint' ? deduction.basis.complaintId : complaintId,
        clause,
        occurredAt: zone.format(occurredAt),
        points,
        counts: pointsAt(deduction, knownAt),
      };
    }),
  };
}
