import {
  boundIfCounted,
  jsonLimits,
  marksOf,
  type Assessed,
  type LoggedEvent,
} from '@penalty-ledger/evidence';
import {
  creatorStream,
  eventIn,
  readEvent,
  sessionsStream,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import type { PackWanted } from './pack-wanted.js';

/** Takes streams out of a log. */
export interface Taking {
  /** All events that were taken so far. */
  readonly taken: readonly LoggedEvent[];
  /** The events of a stream, with the proof that there are no others. */
  take(stream: string): Promise<readonly LoggedEvent[]>;
  /** The number of events of a stream that the checkpoint covers. */
  length(stream: string): Promise<number>;
}

/** The agency whose assessments are gathered. */
export interface AssessedAgency {
  readonly agency: readonly LoggedEvent[];
  /** Names the creators that were ever bound to an agency. */
  readonly creatorsOf: (agencyId: string) => Promise<readonly string[]>;
  /** Leaves out months whose creators were bound to other agencies, too. */
  readonly ownBindingsOnly?: boolean | undefined;
}

type Streams = ReadonlyMap<string, readonly LoggedEvent[]>;

/** Half of what a pack may have: the other half is the agency's own. */
const max = { events: jsonLimits.events / 2, marks: jsonLimits.marks / 2 };

/**
 * Takes the sessions and bindings that the assessments of a case rest on. A month is left out with
 * which the pack would be too large, and one that also rests on sessions recorded for another
 * agency: those are not the agency's to show.
 */
export async function gatherAssessed(
  taking: Taking,
  wanted: PackWanted,
  { agency, creatorsOf, ownBindingsOnly = false }: AssessedAgency,
): Promise<Assessed | undefined> {
  const { agencyId } = wanted.subject;
  const months = monthsRestedOn(
    agency.map(({ body }) => eventIn('agency', readEvent({ body }))),
    wanted,
  );
  const before = taking.taken;
  if (months.length === 0 || !isWithin([before])) return undefined;
  const bindings = new Map<string, readonly LoggedEvent[]>();
  for (const stream of (await creatorsOf(agencyId)).map(creatorStream))
    bindings.set(stream, await taking.take(stream));
  const isShown = (events: readonly LoggedEvent[]): boolean =>
    !ownBindingsOnly || events.every((each) => !namesOther(each, agencyId));
  let chosen: Streams = new Map();
  const counted: string[] = [];
  for (const month of months) {
    // The month alone is enough where no session runs into it or out of it.
    for (const nearby of [[0], [-1, 0, 1]]) {
      const names = nearby.map((by) => sessionsStream(agencyId, monthAfter(month, by)));
      const sessions = await takeSessions(taking, names, chosen);
      const all = new Map([...bindings, ...chosen, ...sessions]);
      const bound = boundIfCounted([before, ...all.values()].flat(), agencyId, month);
      if (bound === undefined) continue;
      const own = [...bound].map(creatorStream);
      const shown = new Map([
        ...chosen,
        ...sessions,
        ...own.map((stream) => [stream, bindings.get(stream) ?? []] as const),
      ]);
      if (isWithin([...shown.values()]) && own.every((name) => isShown(shown.get(name) ?? []))) {
        chosen = shown;
        counted.push(month);
      }
      break;
    }
  }
  return counted.length === 0 ? undefined : { months: counted, streams: [...chosen.keys()] };
}

/** Takes the streams of sessions that there are; none when one is larger than all may be. */
async function takeSessions(
  taking: Taking,
  names: readonly string[],
  known: Streams,
): Promise<Streams> {
  const found = new Map<string, readonly LoggedEvent[]>();
  for (const name of names) {
    const length = await taking.length(name);
    if (length > max.events) return new Map();
    if (length > 0) found.set(name, known.get(name) ?? (await taking.take(name)));
  }
  return found;
}

function isWithin(chains: readonly (readonly LoggedEvent[])[]): boolean {
  const events = chains.flat();
  if (events.length > max.events) return false;
  let left: number = max.marks;
  for (const { body } of events) {
    const marks = marksOf(body, left);
    if (marks === undefined) return false;
    left -= marks;
  }
  return true;
}

/**
 * The months that were assessed and that deductions of the case rest on, ascending: those that the
 * appeal names; else those of the period.
 */
function monthsRestedOn(
  events: readonly StreamEvent<'agency'>[],
  { subject, period }: PackWanted,
): readonly string[] {
  const assessed = new Set<string>();
  let named: readonly string[] | undefined;
  for (const event of events) {
    if (event.type === 'AssessmentComputed') assessed.add(event.data.month);
    if (event.type === 'AppealInitiated' && event.data.appealId === subject.appealId)
      named = event.data.deductionIds;
  }
  const months = events.flatMap((event) => {
    if (event.type !== 'DeductionImposed') return [];
    const { basis, deductionId, period: own } = event.data;
    const isOfCase = named?.includes(deductionId) ?? (period === undefined || own === period);
    return isOfCase && basis?.kind === 'assessment' && assessed.has(basis.month)
      ? [basis.month]
      : [];
  });
  return [...new Set(months)].sort();
}

function namesOther({ body }: LoggedEvent, agencyId: string): boolean {
  const { data } = readEvent({ body });
  return 'agencyId' in data && data.agencyId !== agencyId;
}

/** `2019-12` and 1 give `2020-01`. */
function monthAfter(month: string, by: number): string {
  const [year = '', of = ''] = month.split('-');
  const months = Number(year) * 12 + Number(of) - 1 + by;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}`;
}
