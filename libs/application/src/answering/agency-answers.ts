import {
  accountOf,
  agency,
  assessment,
  BalanceAnswerSchema,
  closed,
  IdSchema,
  knownRulebook,
  nullable,
  rulebookProblems,
  unknownAccountText,
  type AgencyEntry,
  type AgencyHistory,
  type AnswerContext,
  type AssessmentVerdict,
  type BalanceAnswer,
  type KnownRulebook,
  type Shape,
  type WhatIfAnswer,
  placed,
  joined,
  rulebooksInTime,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { agencyName } from './agency-sources.js';
import { creatorsAssessed } from './operation-answers.js';
import { explainAnswer, type ExplainAnswer } from './explain.js';
import type { LedgerQuery, QueryError } from './queries.js';
import type { At, ReaderContext } from './reader-context.js';
import { shownText } from './shown-texts.js';

type Query<Name extends LedgerQuery['query']> = Extract<LedgerQuery, { query: Name }>;

/** An agency as it stands, with its name and the revision of its last event. */
export type AgencySummary = Shape<typeof AgencySummarySchema>;
export const AgencySummarySchema = closed(
  {
    agencyId: IdSchema,
    name: shownText(),
    revision: nullable(Type.Integer()),
    ...Type.Pick(BalanceAnswerSchema, ['standing', 'period', 'balance', 'threshold']).properties,
  },
  { $id: 'Agency' },
);

/** Answers `balance`. */
export function balanceOf(
  query: Query<'balance'>,
  reader: ReaderContext,
): Promise<BalanceAnswer | QueryError> {
  return reader.ofAgency(
    query,
    (history, at, context) =>
      accountError(query, at, context) ??
      agency.balanceAnswer(history, { ...query, ...at }, context),
  );
}

/** The error of a query for an account that the rulebook in force at E lacks. */
function accountError(
  { account }: Query<'balance' | 'explain'>,
  { effectiveAt }: At,
  { rulebooks }: AnswerContext,
): QueryError | undefined {
  if (account === undefined) return undefined;
  const { document } = rulebooks.inForceAt(effectiveAt);
  return accountOf(document, account) === undefined
    ? { error: 'invalid', problem: placed('query.account', unknownAccountText(document, account)) }
    : undefined;
}

/** Answers `balance` in short. */
export async function agencySummary(
  query: Query<'balance'>,
  reader: ReaderContext,
): Promise<AgencySummary | QueryError> {
  const answer = await balanceOf(query, reader);
  if ('error' in answer) return answer;
  const { agencyId, standing, period, balance, threshold } = answer;
  const name = (await agencyName(agencyId, reader.parts)) ?? null;
  const revision = revisionOf(agencyId, reader) ?? null;
  return { agencyId, name, revision, standing, period, balance, threshold };
}

/** Returns the revision of an agency's last event; `undefined` when there is none. */
export function revisionOf(agencyId: string, reader: ReaderContext): number | undefined {
  const row = reader.agencyRow(agencyId);
  return row === undefined ? undefined : row.events - 1;
}

/** Answers `explain`. */
export function explanationOf(
  query: Query<'explain'>,
  reader: ReaderContext,
): Promise<ExplainAnswer | QueryError> {
  return reader.ofAgency<ExplainAnswer | QueryError>(
    query,
    (history, at, context) =>
      accountError(query, at, context) ??
      explainAnswer(
        history,
        { ...query, ...at },
        {
          ...context,
          ...reader.parts,
          session: reader.sessionAt,
          rulebooksInTime: rulebooksInTime(reader.states.register),
          relatives: (legalPerson) => reader.agenciesOfLegalPerson(legalPerson),
        },
      ),
  );
}

/** Answers `whatif`. */
export function whatIfOf(
  query: Query<'whatif'>,
  reader: ReaderContext,
): Promise<WhatIfAnswer | QueryError> {
  return reader.ofAgency<WhatIfAnswer | QueryError>(query, (history, at, context) =>
    whatIf(query, history, at, context, reader),
  );
}

async function whatIf(
  { agencyId, without, points, attribution, rulebook }: Query<'whatif'>,
  history: AgencyHistory,
  at: At,
  context: AnswerContext,
  reader: ReaderContext,
): Promise<WhatIfAnswer | QueryError> {
  const other = rulebook === undefined ? undefined : otherRulebook(rulebook, context);
  if (other !== undefined && 'error' in other) return other;
  const judgedAgain = new Map<string, AssessmentVerdict>();
  if (other !== undefined)
    for (const month of agency.assessedMonths(history, at, reader.zone)) {
      const creators = await creatorsAssessed(agencyId, month, at.knownAt, reader);
      const { knownAt } = at;
      const { zone } = reader;
      judgedAgain.set(
        month,
        assessment.verdictUnder(other, month, history, creators, { zone, knownAt }),
      );
    }
  return agency.whatIfAnswer(
    history,
    { agencyId, ...at },
    {
      ...(without !== undefined && { without }),
      ...(points !== undefined && { points }),
      ...(attribution !== undefined && { attribution }),
      ...(other !== undefined && { rulebook: other }),
    },
    context,
    judgedAgain,
  );
}

/** A rulebook that was sent along, or one by id and version, or by a version that names one. */
function otherRulebook(
  asked: NonNullable<Query<'whatif'>['rulebook']>,
  { rulebooks }: AnswerContext,
): KnownRulebook | QueryError {
  if (typeof asked !== 'string' && 'document' in asked) {
    const problems = rulebookProblems(asked.document);
    return problems.length === 0
      ? knownRulebook(asked.document)
      : { error: 'invalid', problem: placed('query.rulebook', joined(problems)) };
  }
  if (typeof asked !== 'string')
    return rulebooks.find(asked.id, asked.rulebookVersion) ?? { error: 'unknown_rulebook' };
  const named = rulebooks.all.filter(({ reference }) => reference.rulebookVersion === asked);
  const [only] = named;
  return only !== undefined && named.length === 1 ? only : { error: 'unknown_rulebook' };
}

/** An agency that has no balance and no standing, because its events are damaged. */
export type DamagedAgency = Shape<typeof DamagedAgencySchema>;
export const DamagedAgencySchema = closed(
  { agencyId: IdSchema, error: Type.Literal('integrity') },
  { $id: 'DamagedAgency' },
);

/**
 * Answers `agencies`: every agency known at K, in the order of their ids. Damaged ones are named
 * whatever standing is asked for.
 */
export async function agencyEntries(
  query: Query<'agencies'>,
  reader: ReaderContext,
): Promise<readonly (AgencyEntry | DamagedAgency)[]> {
  const at = reader.at(query);
  const context = reader.answerContext(at.knownAt);
  const entries: (AgencyEntry | DamagedAgency)[] = [];
  const onDamage = (agencyId: string): void => {
    entries.push({ agencyId, error: 'integrity' });
  };
  for await (const history of reader.everyHistory(at.knownAt, onDamage)) {
    const entry = agency.agencyEntry(history, at, context);
    if (query.standing === undefined || query.standing === entry.standing) entries.push(entry);
  }
  return entries;
}
