import {
  agency,
  agencyStream,
  assessment,
  canonicalJson,
  endOfTime,
  eventIn,
  LedgerZone,
  readEvent,
  rulebooks,
  rulebooksStream,
  type AgencyEventData,
  type UncheckedEvent,
} from '@penalty-ledger/ledger';
import { AssessmentBasis } from './assessed-months.js';
import type { LoggedEvent } from './pack-source.js';

type Counts = Pick<
  AgencyEventData['AssessmentComputed'],
  'active' | 'anyTime' | 'base' | 'exposed' | 'sessions'
>;

/**
 * Counts the assessments of a month again. When they all come to their counts, the events hold what
 * the month rests on; if not, a session is missing that was recorded for another agency, or one of
 * another month that overlaps.
 *
 * @param logged the ledger's first event, the rulebooks, the agency's events, and sessions and
 * bindings, as the ledger wrote them
 * @returns the creators that were bound to the agency in the month; `undefined` when the counts
 * differ
 */
export function boundIfCounted(
  logged: readonly LoggedEvent[],
  agencyId: string,
  month: string,
): ReadonlySet<string> | undefined {
  const basis = new AssessmentBasis();
  const bound = new Set<string>();
  let register = rulebooks.empty;
  let zone: LedgerZone | undefined;
  for (const { body } of logged.toSorted((a, b) => a.index - b.index)) {
    const event = readEvent({ body });
    if (event.type === 'LedgerOpened') zone = new LedgerZone(event.data.zone, '');
    if (event.stream === rulebooksStream)
      register = rulebooks.evolve(register, eventIn('rulebooks', event));
    basis.add(event as unknown as UncheckedEvent);
    const isOne =
      event.type === 'AssessmentComputed' &&
      event.stream === agencyStream(agencyId) &&
      event.data.month === month;
    if (!isOne || zone === undefined) continue;
    // Who is counted does not depend on the agency's own history.
    const history = { ...agency.emptyHistory(), agencyId };
    const known = rulebooks.rulebooksAt(register, endOfTime);
    const again = assessment.assess(month, history, basis.creators(), { zone, rulebooks: known });
    if (countsOf(again.computed) !== countsOf(event.data)) return undefined;
    for (const { creatorId } of again.bound) bound.add(creatorId);
  }
  return bound;
}

function countsOf({ active, anyTime, base, exposed, sessions }: Counts): string {
  return canonicalJson({ active, anyTime, base, exposed, sessions });
}
