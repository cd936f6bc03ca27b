import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  agency,
  AgencyOutlookSchema,
  closed,
  described,
  InstantSchema,
  NamedParameterSchema,
  outlook,
  OutlookRuleSchema,
  type AgencyHistory,
  type AppealContext,
  type Instant,
  type NamedParameter,
  type Rulebook,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { assessedCreators } from '../streams/month-facts.js';
import { DeadlineKindSchema, DeadlineSchema, deadlinesOf, type Deadline } from './deadlines.js';
import type { QueryError } from './queries.js';
import type { ReaderContext } from './reader-context.js';

const { ImposedMeasureSchema } = agency;

/** A window or a ban that runs now. */
const WindowSchema = closed({
  rule: OutlookRuleSchema,
  kind: DeadlineKindSchema,
  subjectId: Type.String({ description: 'as of a deadline' }),
  at: described(InstantSchema, 'the first instant at which it is over'),
  overdue: DeadlineSchema.properties.overdue,
  parameters: Type.Array(NamedParameterSchema, {
    description: 'its length in the rulebook; none where the notice states its end',
  }),
});

/** An agency's prospects before points are lost, as of now (docs/decisions/outlook.md). */
export type OutlookAnswer = Shape<typeof OutlookAnswerSchema>;
export const OutlookAnswerSchema = closed(
  {
    ...AgencyOutlookSchema.properties,
    windows: Type.Array(WindowSchema, {
      description: 'windows and bans that run, and what the platform owes, in time order',
    }),
    measures: Type.Array(ImposedMeasureSchema, { description: 'imposed measures in force' }),
  },
  { $id: 'Outlook' },
);

/** An outlook, and the instants of it by which agencies are sorted and notified. */
export interface Outlook {
  readonly answer: OutlookAnswer;
  readonly now: Instant;
  readonly month: Pick<outlook.MonthOutlook, 'actBefore' | 'end'>;
}

/** Answers `outlook`. */
export async function outlookAnswer(
  query: { readonly agencyId: string },
  reader: ReaderContext,
): Promise<OutlookAnswer | QueryError> {
  const outlook = await outlookOf(query, reader);
  return 'error' in outlook ? outlook : outlook.answer;
}

/** The outlook of one agency. */
export function outlookOf(
  { agencyId }: { readonly agencyId: string },
  reader: ReaderContext,
): Promise<Outlook | QueryError> {
  return reader.ofAgency({ agencyId }, (history, { knownAt: now }, context) =>
    outlookIn(history, now, context, reader),
  );
}

/**
 * The outlooks of all agencies in the order of their ids. For many it takes seconds, so others are
 * served between any two.
 *
 * @param onDamage is told of each agency whose history cannot be read, and which is left out
 * @param after the id after which to begin
 */
export async function* everyOutlook(
  reader: ReaderContext,
  onDamage: (agencyId: string) => void,
  after?: string,
): AsyncGenerator<Outlook> {
  const { now } = reader;
  const context = reader.answerContext(now);
  for await (const history of reader.everyHistory(now, onDamage, after)) {
    yield await outlookIn(history, now, context, reader);
    await nextTurn();
  }
}

/** The outlook of an agency whose history is at hand. */
async function outlookIn(
  history: AgencyHistory,
  now: Instant,
  context: AppealContext,
  reader: ReaderContext,
): Promise<Outlook> {
  const { zone } = context;
  const creators = await assessedCreators(
    history.agencyId,
    zone.monthOf(now),
    now,
    zone,
    reader.parts.readModels.database,
    (creatorId) => reader.states.creator(creatorId),
  );
  const at = { effectiveAt: now, knownAt: now };
  const month = outlook.monthOutlook(history, creators, now, context);
  const answer = {
    ...outlook.agencyOutlook(history, month, now, context),
    windows: deadlinesOf(history, at, context).map((deadline) => ({
      ...windowRuleOf(deadline, history, now, context),
      kind: deadline.kind,
      subjectId: deadline.subjectId,
      at: zone.format(deadline.at),
      ...(deadline.overdue !== undefined && { overdue: deadline.overdue }),
    })),
    measures: agency.measuresAt(history, at, zone).filter(({ inForce }) => inForce),
  };
  return { answer, now, month };
}

type WindowRule = Pick<Shape<typeof WindowSchema>, 'rule' | 'parameters'>;

/** The rule a window rests on, and its parameters under the rulebook that determined it. */
function windowRuleOf(
  { kind, subjectId }: Deadline,
  history: AgencyHistory,
  now: Instant,
  { rulebooks }: AppealContext,
): WindowRule {
  const parametersAt = (
    instant: Instant | undefined,
    ...names: readonly (keyof Rulebook['parameters'])[]
  ): readonly NamedParameter[] =>
    instant === undefined
      ? []
      : names.map((name) => outlook.namedParameter(rulebooks.inForceAt(instant).document, name));
  switch (kind) {
    case 'appeal_deduction': {
      const deduction = history.deductions.get(subjectId);
      const values = deduction && agency.valuesAt(deduction, now);
      const from = values?.appealDeadline === undefined ? values?.occurredAt : undefined;
      return { rule: 'rules §7', parameters: [...parametersAt(from, 'appealInitiateDays')] };
    }
    case 'appeal_expulsion': {
      const from = history.expulsions[Number(subjectId)]?.effectiveAt;
      return { rule: 'rules §7', parameters: [...parametersAt(from, 'appealInitiateDays')] };
    }
    case 'submit_evidence': {
      const from = history.appeals.get(subjectId)?.initiatedAt;
      return { rule: 'rules §7', parameters: [...parametersAt(from, 'appealEvidenceHours')] };
    }
    case 'decide_appeal': {
      const from = history.appeals.get(subjectId)?.initiatedAt;
      return { rule: 'rules §7', parameters: [...parametersAt(from, 'appealDecideWorkingDays')] };
    }
    case 'answer_review': {
      const from = history.reviews.get(subjectId)?.recordedAt;
      return { rule: 'rules §7', parameters: [...parametersAt(from, 'appealDecideWorkingDays')] };
    }
    case 'last_chance': {
      const from = history.pendings[Number(subjectId)]?.openedAt;
      return { rule: 'rules §5', parameters: [...parametersAt(from, 'lastChanceDays')] };
    }
    case 'reentry': {
      const from = history.expulsions[Number(subjectId)]?.effectiveAt;
      return { rule: 'rules §5', parameters: [...parametersAt(from, 'banDays', 'banCount')] };
    }
  }
}
