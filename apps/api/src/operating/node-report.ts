import type { LedgerNode } from '@penalty-ledger/application';
import { closed, described, enumOf, InstantSchema, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';

/** A node’s role and the lease’s holder, for the public: without names and addresses. */
export type NodeReport = Shape<typeof NodeReportSchema>;
export const NodeReportSchema = closed({
  role: enumOf<LedgerNode['role']>(['writer', 'reader']),
  lease: Type.Optional(
    closed(
      {
        holder: enumOf<NonNullable<LedgerNode['lease']>['holder']>([
          'this_node',
          'another_node',
          'nobody',
          'unknown',
        ]),
        until: Type.Optional(described(InstantSchema, 'when the term ends unless it is renewed')),
        failedRenewals: Type.Optional(
          Type.Integer({
            description: 'this node’s renewals that failed since the last that got through',
          }),
        ),
        lastFailure: Type.Optional(
          Type.String({ description: 'the code, or else the name, of the last of these failures' }),
        ),
      },
      { description: 'left out on a store that only one process writes' },
    ),
  ),
  writingEnded: Type.Optional(
    Type.String({
      description:
        'the code, or else the name, of the error for which it takes no commands ' +
        'until it is started again',
    }),
  ),
});

/** Sums up a node's role and lease. */
export function nodeReport({
  role,
  lease,
  leaseHealth,
  writingEnded,
}: Pick<LedgerNode, 'role' | 'lease' | 'leaseHealth' | 'writingEnded'>): NodeReport {
  const { failedRenewals = 0, lastFailure } = leaseHealth ?? {};
  return {
    role,
    ...(lease !== undefined && {
      lease: {
        holder: lease.holder,
        ...(lease.until !== undefined && { until: lease.until }),
        ...(failedRenewals > 0 && { failedRenewals }),
        ...(lastFailure !== undefined && { lastFailure: codeOf(lastFailure) }),
      },
    }),
    ...(writingEnded !== undefined && { writingEnded: codeOf(writingEnded) }),
  };
}

/** The stable code of an operating error, or its name: its message can quote an address. */
export function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
