import {
  agency,
  creator,
  session,
  vertical,
  epochMsOf,
  instantOf,
  type AgencyHistory,
  type AgencyMonth,
  type AnswerContext,
  type AssessedCreator,
  type CreatorHistory,
  type Instant,
  type LedgerZone,
} from '@penalty-ledger/ledger';
import {
  agencyPages,
  assessedSessionsOfCreator,
  creatorsOfAgency,
  sessionsOfCreator,
  type ReadModels,
} from '@penalty-ledger/projections';

type Database = ReadModels['database'];

/** The source of the histories that a month's facts rest on. */
export interface MonthSources extends AnswerContext {
  readonly agency: (agencyId: string) => Promise<AgencyHistory>;
  readonly creator: (creatorId: string) => Promise<CreatorHistory>;
}

/** A creator with its sessions. */
interface CreatorWith<S> {
  readonly creator: CreatorHistory;
  readonly sessions: readonly S[];
}

interface At {
  readonly effectiveAt: Instant;
  readonly knownAt: Instant;
}

/**
 * Every creator that was ever bound to the agency, each with its sessions that start in the month
 * and are not void, as known at K.
 *
 * @param sessions `sessionsOfCreator`, or as much of each session as is needed
 */
async function creatorsWithSessions<S>(
  agencyId: string,
  month: string,
  knownAt: Instant,
  zone: LedgerZone,
  database: Database,
  sessions: (creatorId: string, from: Instant, to: Instant, knownAt: Instant) => readonly S[],
  readCreator: (creatorId: string) => Promise<CreatorHistory>,
): Promise<CreatorWith<S>[]> {
  const [from, to] = [zone.startOfMonth(month), zone.endOfMonth(month)];
  const found: CreatorWith<S>[] = [];
  for (const creatorId of creatorsOfAgency(database)(agencyId, knownAt))
    found.push({
      creator: await readCreator(creatorId),
      sessions: sessions(creatorId, from, to, knownAt),
    });
  return found;
}

/**
 * The basis of an assessment of the month: every creator that was ever bound to the agency, each
 * with its sessions of the month, as known at K.
 */
export function assessedCreators(
  agencyId: string,
  month: string,
  knownAt: Instant,
  zone: LedgerZone,
  database: Database,
  readCreator: (creatorId: string) => Promise<CreatorHistory>,
): Promise<readonly AssessedCreator[]> {
  return creatorsWithSessions(
    agencyId,
    month,
    knownAt,
    zone,
    database,
    assessedSessionsOfCreator(database),
    readCreator,
  );
}

/**
 * One agency's part in a vertical's ranking, as known at K: its creators' sales and sessions of the
 * month with it, and the obstacles.
 */
export async function agencyMonth(
  agencyId: string,
  month: string,
  at: At,
  { zone, rulebooks, agency: readAgency, creator: readCreator }: MonthSources,
  { database }: ReadModels,
): Promise<AgencyMonth> {
  const [from, to] = [zone.startOfMonth(month), zone.endOfMonth(month)];
  const lastInstant = instantOf(epochMsOf(to) - 1);
  const minutes = rulebooks.inForceAt(from).document.parameters.effectiveSessionMinutes.value;
  const sessionsOf = sessionsOfCreator(database);
  const assessed = await creatorsWithSessions(
    agencyId,
    month,
    at.knownAt,
    zone,
    database,
    sessionsOf,
    readCreator,
  );
  const bound = assessed.filter(
    (each) => creator.agencyOfCreatorAt(each.creator, lastInstant, at.knownAt) === agencyId,
  );
  const newlyBound = assessed.filter((each) =>
    creator
      .bindingsOf(each.creator, at.knownAt)
      .some(
        (binding) => binding.agencyId === agencyId && binding.from >= from && binding.from < to,
      ),
  );
  const sessions = assessed.flatMap((each) =>
    each.sessions.map(({ creatorId, startedAt, endedAt, contentVertical, sales }) => ({
      creatorId,
      effective: session.isEffective(startedAt, endedAt, minutes),
      elsewhere: creator.agencyOfCreatorAt(each.creator, startedAt, at.knownAt) !== agencyId,
      ...(contentVertical !== undefined && { contentVertical }),
      ...(sales !== undefined && { sales }),
    })),
  );
  return {
    ...agency.supportFactsOf(await readAgency(agencyId), month, at, zone),
    agencyId,
    creators: vertical.creatorMonthsOf(
      sessions,
      bound.map((each) => each.creator.creatorId),
    ),
    newlyBound: newlyBound.length,
  };
}

/** {@link agencyMonth} of every agency known at K, in order of their ids. */
export async function* agencyMonths(
  month: string,
  at: At,
  sources: MonthSources,
  readModels: ReadModels,
): AsyncGenerator<AgencyMonth> {
  const pages = agencyPages(readModels.database);
  for (
    let page = pages(at.knownAt, '', 500);
    page.length > 0;
    page = pages(at.knownAt, page.at(-1)?.agencyId ?? '', 500)
  ) {
    for (const { agencyId } of page) yield agencyMonth(agencyId, month, at, sources, readModels);
  }
}
