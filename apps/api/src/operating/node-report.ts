import type { LedgerNode } from '@penalty-ledger/application';

/** A node's role and the lease's holder, as anybody may see them: no name of a node, no address. */
export interface NodeReport {
  readonly role: LedgerNode['role'];
  /** Left out on a store that only one process writes. */
  readonly lease?: {
    readonly holder: NonNullable<LedgerNode['lease']>['holder'];
    /** The end of the term unless it is renewed. */
    readonly until?: string;
    /** This node's renewals that failed since the last that got through. */
    readonly failedRenewals?: number;
    /** The code, or else the name, of the last of these failures. */
    readonly lastFailure?: string;
  };
  /**
   * The code, or else the name, of the error that ended writing until the node is started again.
   */
  readonly writingEnded?: string;
}

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
