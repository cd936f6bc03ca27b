import type { AgencyHistory, AppealContext } from '@penalty-ledger/ledger';
import type { QueryError } from '../queries.js';
import type { AskedAt, At, ReaderContext } from '../reader-context.js';

/** Rows that follow from agencies' histories. */
export interface AgencyRows<Row> {
  readonly rows: readonly Row[];
  /** The agencies whose rows are not there, because their events are damaged. */
  readonly damaged: readonly string[];
}

/**
 * Gathers rows from the history of one agency, or of all, at (E, K).
 *
 * Of all agencies it folds every history that is not kept: for a ledger of 1,000 agencies seconds,
 * not milliseconds.
 */
export async function agencyRows<Row>(
  { agencyId, ...asked }: AskedAt & { readonly agencyId?: string | undefined },
  reader: ReaderContext,
  rowsOf: (history: AgencyHistory, at: At, context: AppealContext) => Iterable<Row>,
): Promise<AgencyRows<Row> | QueryError> {
  if (agencyId !== undefined)
    return reader.ofAgency({ agencyId, ...asked }, (history, at, context) => ({
      rows: [...rowsOf(history, at, context)],
      damaged: [],
    }));
  const at = reader.at(asked);
  const context = reader.answerContext(at.knownAt);
  const [rows, damaged]: [Row[], string[]] = [[], []];
  const histories = reader.everyHistory(at.knownAt, (damagedId) => damaged.push(damagedId));
  for await (const history of histories)
    for (const row of rowsOf(history, at, context)) rows.push(row);
  return { rows, damaged };
}

/** Names the damaged agencies beside a page, where there are any. */
export function withDamaged<Page extends object>(
  page: Page,
  damaged: readonly string[],
): Page & { readonly damaged?: readonly string[] } {
  return damaged.length === 0 ? page : { ...page, damaged };
}
