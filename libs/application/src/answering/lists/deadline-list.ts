import type { Instant } from '@penalty-ledger/ledger';
import { deadlinesOf, inOrderOfTime, type Deadline } from '../deadlines.js';
import type { QueryError } from '../queries.js';
import type { AskedAt, ReaderContext } from '../reader-context.js';

/** The deadlines to list: those that fall after E, as known at K. */
export interface DeadlineListQuery extends AskedAt {
  readonly agencyId?: string;
  /** Only those that fall before this instant. */
  readonly before?: Instant;
}

/**
 * Lists the deadlines of one agency, or of all, in the order of time.
 *
 * Of all agencies it folds every history that is not kept: for a ledger of 1,000 agencies seconds,
 * not milliseconds.
 */
export async function deadlineList(
  { agencyId, before, ...asked }: DeadlineListQuery,
  reader: ReaderContext,
): Promise<readonly Deadline[] | QueryError> {
  const found =
    agencyId === undefined
      ? await everyDeadline(asked, reader)
      : await reader.ofAgency({ agencyId, ...asked }, deadlinesOf);
  if ('error' in found || before === undefined) return found;
  return found.filter(({ at }) => at < before);
}

/** The deadlines of all agencies but the damaged ones, of which nothing can be said. */
async function everyDeadline(asked: AskedAt, reader: ReaderContext): Promise<readonly Deadline[]> {
  const at = reader.at(asked);
  const context = reader.answerContext(at.knownAt);
  const deadlines: Deadline[] = [];
  for await (const history of reader.everyHistory(at.knownAt, () => undefined))
    deadlines.push(...deadlinesOf(history, at, context));
  return deadlines.sort(inOrderOfTime);
}
