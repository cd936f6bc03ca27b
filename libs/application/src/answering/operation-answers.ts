import {
  assessment,
  closed,
  eventIn,
  InstantSchema,
  slots,
  slotsStream,
  themes,
  ThemesAnswerSchema,
  themesStream,
  vertical,
  type AgencyMonth,
  type AssessedCreator,
  type AssessmentAnswer,
  type Instant,
  type Shape,
  type VerticalAnswer,
} from '@penalty-ledger/ledger';
import { agencyMonths, assessedCreators } from '../streams/month-facts.js';
import type { LedgerQuery, QueryError } from './queries.js';
import type { ReaderContext } from './reader-context.js';
import { sessionWithChanges, type SessionWithChanges } from './session-with-changes.js';
import { slotsWithResults, type SlotsWithResults } from './slots-with-results.js';

type Query<Name extends LedgerQuery['query']> = Extract<LedgerQuery, { query: Name }>;

/** A month's themes as known at K. */
export type ThemesAtK = Shape<typeof ThemesAtKSchema>;
export const ThemesAtKSchema = closed(
  { ...ThemesAnswerSchema.properties, knownAt: InstantSchema },
  { $id: 'Themes' },
);

/** Answers `assessment`. */
export function assessmentOf(
  { agencyId, month, knownAt: asked }: Query<'assessment'>,
  reader: ReaderContext,
): Promise<AssessmentAnswer | QueryError> {
  return reader.ofAgency({ agencyId, knownAt: asked }, async (history, { knownAt }, context) => {
    const creators = await creatorsAssessed(agencyId, month, knownAt, reader);
    return assessment.assessmentAnswer(history, { agencyId, month, knownAt }, context, creators);
  });
}

/** The creators whose sessions a month's assessment rests on, as known at K. */
export function creatorsAssessed(
  agencyId: string,
  month: string,
  knownAt: Instant,
  { parts, states, zone }: ReaderContext,
): Promise<readonly AssessedCreator[]> {
  return assessedCreators(agencyId, month, knownAt, zone, parts.readModels.database, (creatorId) =>
    states.creator(creatorId),
  );
}

/** Answers `vertical`. */
export async function verticalOf(
  query: Query<'vertical'>,
  reader: ReaderContext,
): Promise<VerticalAnswer> {
  const at = reader.at(query);
  const { states, zone } = reader;
  const sources = {
    ...reader.answerContext(at.knownAt),
    agency: (agencyId: string) => states.agency(agencyId),
    creator: (creatorId: string) => states.creator(creatorId),
  };
  const months: AgencyMonth[] = [];
  for await (const each of agencyMonths(query.month, at, sources, reader.parts.readModels))
    months.push(each);
  const wanted = { month: query.month, vertical: query.vertical, ...at };
  return vertical.verticalAnswer(wanted, months, { zone });
}

/** Answers `session`. */
export async function sessionOf(
  query: Query<'session'>,
  reader: ReaderContext,
): Promise<SessionWithChanges | QueryError> {
  const { knownAt } = reader.at(query);
  const session = reader.sessionAt(query.sessionId, knownAt);
  const events = reader.sessionEvents(query.sessionId, knownAt);
  if (session === undefined || events === undefined) return { error: 'unknown_session' };
  const context = reader.answerContext(knownAt);
  return sessionWithChanges(session, events, knownAt, reader.parts, context);
}

/** Answers `slots`. */
export async function slotsOf(
  query: Query<'slots'>,
  reader: ReaderContext,
): Promise<SlotsWithResults> {
  const at = { date: query.date, ...reader.at(query) };
  const slotsOfDate = await reader.foldStream(
    slotsStream(query.date),
    at.knownAt,
    slots.empty,
    (state, event) => slots.evolve(state, eventIn('slots', event)),
  );
  return slotsWithResults(at, slotsOfDate, reader.zone, reader.parts.readModels, (creatorId) =>
    reader.states.creator(creatorId),
  );
}

/** Answers `themes`. */
export async function themesOf(query: Query<'themes'>, reader: ReaderContext): Promise<ThemesAtK> {
  const { knownAt } = reader.at(query);
  const themesOfMonth = await reader.foldStream(
    themesStream(query.month),
    knownAt,
    themes.empty,
    (state, event) => themes.evolve(state, eventIn('themes', event)),
  );
  return {
    ...themes.themesAnswer(query.month, themesOfMonth, reader.zone),
    knownAt: reader.zone.format(knownAt),
  };
}
