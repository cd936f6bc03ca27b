import {
  agency,
  AppealStateSchema,
  BalanceAnswerSchema,
  BasisSchema,
  byCodeUnit,
  clauseOf,
  closed,
  described,
  enumOf,
  foundFields,
  sentence,
  Sentence,
  SentenceSchema,
  IdSchema,
  InstantSchema,
  notCountedReasons,
  nullable,
  PeriodSchema,
  RulebookReferenceSchema,
  type AgencyHistory,
  type AnswerContext,
  type AppealContext,
  type Attribution,
  type BalanceAnswer,
  type BalanceQuery,
  type Deduction,
  type FindingAt,
  type Instant,
  type LedgerZone,
  type Shape,
  type LegalPerson,
  type InBoth,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import {
  EventReferenceSchema,
  sourcesOf,
  isWithheld,
  textDescription,
  textOf,
  WithheldSchema,
  type ActSource,
  type AgencySources,
  type EndedSource,
  type Personal,
  type Sealed,
} from './agency-sources.js';
import { appealWithTexts, AppealWithTextsSchema } from './appeal-with-texts.js';
import { changedValues, ChangedValueSchema } from './changed-values.js';
import { explainedBasis, ExplainedBasisSchema, type SessionLookUp } from './explained-basis.js';

const StatementTextSchema = nullable(
  Type.Union([agency.StatementSchema, WithheldSchema]),
  `the platform’s statement of reasons; ${textDescription}`,
);

/** One deduction with everything that made it count what it counts. */
export type ExplainedDeduction = Shape<typeof ExplainedDeductionSchema>;
export const ExplainedDeductionSchema = closed(
  {
    deductionId: IdSchema,
    counts: Type.Integer(),
    notCounted: nullable(
      enumOf([...notCountedReasons, 'not_yet_known']),
      'why it does not count; null when it does; not_yet_known: recorded after K',
    ),
    points: Type.Integer(),
    period: PeriodSchema,
    clause: Type.Union(
      [
        closed({
          id: Type.String(),
          en: Type.String(),
          zh: Type.String(),
          text: closed({ en: Type.String(), zh: Type.String() }),
        }),
        closed({ id: Type.String() }),
      ],
      {
        description:
          'the clause’s title and wording; only its id when no published rulebook has it',
      },
    ),
    rulebook: nullable(RulebookReferenceSchema),
    occurredAt: InstantSchema,
    effectiveAt: InstantSchema,
    decidedAt: nullable(InstantSchema),
    notifiedAt: nullable(InstantSchema),
    recordedAt: InstantSchema,
    recordedBy: Type.String(),
    basis: nullable(BasisSchema),
    restsOn: nullable(
      ExplainedBasisSchema,
      'what the basis names, as known at K; null without a basis, and when nothing of that name ' +
        'was recorded by then',
    ),
    creatorId: nullable(IdSchema),
    caseNo: nullable(Type.String(), `of the notice; ${textDescription}`),
    noticeText: nullable(Type.String(), `of the notice; ${textDescription}`),
    statement: StatementTextSchema,
    automated: nullable(
      Type.Boolean(),
      'whether the platform said that no person took part; null when it said nothing',
    ),
    source: EventReferenceSchema,
    corrections: Type.Array(
      closed({
        recordedAt: InstantSchema,
        by: Type.String(),
        reason: nullable(Type.String(), textDescription),
        changed: Type.Array(ChangedValueSchema),
        points: Type.Integer(),
        effectiveAt: InstantSchema,
        source: EventReferenceSchema,
      }),
    ),
    decisions: Type.Array(
      closed({
        recordedAt: InstantSchema,
        decidedAt: nullable(InstantSchema, 'as stated; null when nothing was'),
        kind: enumOf(['revoked', 'adjusted', 'reinstated']),
        was: Type.Integer({ description: 'what it counted before' }),
        points: Type.Integer({ description: 'what it counts after' }),
        by: Type.String(),
        reason: nullable(Type.String(), `of an appeal’s decision too; ${textDescription}`),
        appealId: nullable(IdSchema),
      }),
    ),
    appealBy: described(
      InstantSchema,
      'until when (exclusive) an ordinary appeal against it could, or can, be initiated',
    ),
    contested: Type.Integer({ description: 'what it adds to the balance’s contested' }),
    appealable: Type.Integer({ description: 'what it adds to the balance’s appealable' }),
    appeals: Type.Array(closed({ appealId: IdSchema, state: AppealStateSchema })),
  },
  { $id: 'ExplainedDeduction' },
);

/** The answer to `explain`: `balance`, and every point of it explained. */
export type ExplainAnswer = Shape<typeof ExplainAnswerSchema>;
export const ExplainAnswerSchema = closed(
  {
    ...BalanceAnswerSchema.properties,
    name: nullable(Type.String(), '`erased` when its key was destroyed'),
    explained: Type.Array(ExplainedDeductionSchema),
    appeals: Type.Array(AppealWithTextsSchema, {
      description: 'every appeal known at K, in the order of their initiation',
    }),
    imposedMeasures: Type.Array(
      closed({
        ...agency.ImposedMeasureSchema.properties,
        recordedBy: Type.String(),
        statement: StatementTextSchema,
        lifting: nullable(
          closed({
            recordedAt: InstantSchema,
            by: Type.String(),
            reason: nullable(Type.String(), textDescription),
          }),
          'null until it is lifted; liftedAt has the instant from which it is',
        ),
      }),
      { description: 'every measure of the platform known at K, in order of effectiveAt' },
    ),
    humanReviews: Type.Array(
      closed({
        ...agency.HumanReviewSchema.properties,
        requestedBy: Type.String(),
        reason: nullable(Type.String(), `of the request; ${textDescription}`),
        answer: nullable(
          closed({ by: Type.String(), reason: nullable(Type.String(), textDescription) }),
          'null until a person answered',
        ),
      }),
      { description: 'every request for human review known at K, with its clock' },
    ),
    additions: Type.Array(
      closed({
        ...agency.AdditionAtSchema.properties,
        recordedAt: InstantSchema,
        recordedBy: Type.String(),
        reason: nullable(Type.String(), `of the addition; ${textDescription}`),
        revocation: nullable(
          closed({
            recordedAt: InstantSchema,
            by: Type.String(),
            reason: nullable(Type.String(), textDescription),
          }),
          'null unless it was revoked by K',
        ),
      }),
      { description: 'every addition to the score known at K, where the account has a scale' },
    ),
    findingDetails: Type.Array(
      closed({
        ...foundFields,
        about: SentenceSchema(
          'deduction d1, appeal p1, expulsion of 2019-05-20T10:00:00.000+08:00, …',
        ),
      }),
    ),
    timeline: Type.Array(
      closed({
        at: InstantSchema,
        recordedAt: InstantSchema,
        what: SentenceSchema(),
        by: nullable(Type.String(), 'who recorded it; null for what the ledger derives'),
        reason: nullable(Type.String(), textDescription),
      }),
      { description: 'what changed the standing, in the order in which it took effect' },
    ),
    reentryApplications: Type.Array(
      closed({
        recordedAt: InstantSchema,
        admissible: Type.Boolean(),
        wronglyRefused: Type.Boolean(),
      }),
    ),
    remedies: Type.Array(SentenceSchema(), {
      description: 'what an expulsion that was revoked leaves to be put right by people',
    }),
    observations: Type.Array(
      closed({
        observedAt: InstantSchema,
        observed: Type.Integer(),
        computed: Type.Integer(),
        candidates: Type.Array(SentenceSchema(), {
          description: 'what could explain a difference',
        }),
      }),
    ),
    bannedRelatives: Type.Array(IdSchema, {
      description:
        'agencies of the same legal person that are banned at (E, K): ' +
        'a new account may evade a ban (E-66)',
    }),
  },
  { $id: 'Explain' },
);

export interface ExplainContext extends AppealContext, Sealed {
  readonly session: SessionLookUp;
  readonly relatives: (legalPerson: LegalPerson) => Promise<readonly AgencyHistory[]>;
}

/**
 * Answers `explain`. Reads the agency's stream again, because the history keeps neither texts nor
 * hashes.
 */
export async function explainAnswer(
  history: AgencyHistory,
  query: BalanceQuery,
  context: ExplainContext,
): Promise<ExplainAnswer> {
  const { zone } = context;
  const { knownAt, effectiveAt } = query;
  const balance = agency.balanceAnswer(history, query, context);
  const sources = await sourcesOf(query.agencyId, context);
  const known = <T extends { readonly recordedAt: Instant }>(facts: readonly T[]): T[] =>
    facts.filter((fact) => fact.recordedAt <= knownAt);
  const revoked = history.expulsions.filter((each) => agency.isRevoked(each, knownAt));
  return {
    ...balance,
    name: sources.name,
    explained: explainedDeductions(history, query, balance, sources, context),
    appeals: [...history.appeals.values()]
      .sort((a, b) => byCodeUnit(a.initiatedAt, b.initiatedAt))
      .flatMap(({ appealId }) => {
        const source = sources.appeals.get(appealId);
        return appealWithTexts(history, { appealId, knownAt }, source, context) ?? [];
      }),
    imposedMeasures: agency
      .measuresAt(history, { effectiveAt, knownAt }, zone)
      .map((measure) => measureWithTexts(measure, history, sources, zone)),
    humanReviews: agency
      .reviewsAt(history, knownAt, context)
      .map((review) => reviewWithTexts(review, sources)),
    additions: (balance.scale?.additions ?? []).map((addition) =>
      additionWithTexts(addition, knownAt, history, sources, zone),
    ),
    findingDetails: agency
      .findingsAt(history, { effectiveAt, knownAt, period: balance.period })
      .map(({ code, severity, about, detail, expelledAt }: FindingAt) => ({
        code,
        severity,
        about: new Sentence(
          expelledAt === undefined
            ? about
            : {
                en: `${about.en} of ${zone.format(expelledAt)}`,
                zh: `${zone.format(expelledAt)} 的${about.zh}`,
              },
        ),
        detail: sentence(detail),
      })),
    timeline: timelineOf(history, knownAt, sources, zone),
    reentryApplications: known(history.reentryApplications).map(
      ({ recordedAt, admissible, reentryFrom }) => ({
        recordedAt: zone.format(recordedAt),
        admissible,
        wronglyRefused:
          !admissible && revoked.some((expulsion) => expulsion.reentryFrom === reentryFrom),
      }),
    ),
    remedies: revoked.length === 0 ? [] : remedies.map(sentence),
    observations: known(history.observations).map((observation) => ({
      observedAt: zone.format(observation.observedAt),
      observed: observation.balance,
      computed: observation.computed,
      candidates:
        observation.balance === observation.computed
          ? []
          : candidatesOf(history, observation, knownAt, context),
    })),
    bannedRelatives:
      history.legalPerson === undefined
        ? []
        : (await context.relatives(history.legalPerson))
            .filter((relative) => relative.agencyId !== query.agencyId)
            .filter(
              (relative) =>
                agency.standingAt(relative, effectiveAt, knownAt).standing === 'expelled',
            )
            .map((relative) => relative.agencyId)
            .sort(byCodeUnit),
  };
}

const remedies = [
  { en: 'rebind creators', zh: '重新绑定达人' },
  { en: 'restore exposure rights', zh: '恢复浮现权' },
  { en: 'release the deposit', zh: '退还保证金' },
  { en: 'withdraw the publicity', zh: '撤回公示' },
  { en: 'restore traffic slots', zh: '恢复流量位' },
];

/** The statement of reasons in an event's personal part. */
function statementOf(personal: Personal): ExplainedDeduction['statement'] {
  if (isWithheld(personal)) return personal;
  return (personal?.['statement'] as ExplainedDeduction['statement'] | undefined) ?? null;
}

type Explained<List extends 'additions' | 'humanReviews' | 'imposedMeasures'> =
  ExplainAnswer[List][number];

function measureWithTexts(
  measure: agency.ImposedMeasure,
  history: AgencyHistory,
  { measures }: AgencySources,
  zone: LedgerZone,
): Explained<'imposedMeasures'> {
  const source = measures.get(measure.measureId);
  const lifted = history.measures.get(measure.measureId)?.lifted;
  const isLifted = measure.liftedAt !== null && lifted !== undefined;
  return {
    ...measure,
    recordedBy: source?.begun.by ?? '',
    statement: statementOf(source?.begun.personal),
    lifting:
      isLifted && source?.ended !== undefined
        ? { recordedAt: zone.format(lifted.recordedAt), ...reasonedAct(source.ended) }
        : null,
  };
}

function additionWithTexts(
  addition: agency.AdditionAt,
  knownAt: Instant,
  history: AgencyHistory,
  { additions }: AgencySources,
  zone: LedgerZone,
): Explained<'additions'> {
  const { additionId } = addition;
  const source = additions.get(additionId);
  const { recordedAt, revoked } = agency.additionOf(history, additionId);
  return {
    ...addition,
    recordedAt: zone.format(recordedAt),
    recordedBy: source?.begun.by ?? '',
    reason: textOf(source?.begun.personal, 'reason'),
    revocation:
      revoked !== undefined && revoked.recordedAt <= knownAt && source?.ended !== undefined
        ? { recordedAt: zone.format(revoked.recordedAt), ...reasonedAct(source.ended) }
        : null,
  };
}

function reviewWithTexts(
  review: agency.HumanReview,
  { reviews }: AgencySources,
): Explained<'humanReviews'> {
  const source = reviews.get(review.reviewId);
  const answered = review.answeredAt === null ? undefined : source?.ended;
  return {
    ...review,
    requestedBy: source?.begun.by ?? '',
    reason: textOf(source?.begun.personal, 'reason'),
    answer: answered === undefined ? null : reasonedAct(answered),
  };
}

/** The recorder of an act, and the reason that was given with it. */
function reasonedAct({ by, personal }: ActSource): {
  readonly by: string;
  readonly reason: string | null;
} {
  return { by, reason: textOf(personal, 'reason') };
}

function explainedDeductions(
  history: AgencyHistory,
  at: BalanceQuery,
  balance: BalanceAnswer,
  sources: AgencySources,
  context: ExplainContext,
): ExplainedDeduction[] {
  const { knownAt } = at;
  const reasons = new Map(
    balance.notCounted.map(({ deductionId, reason }) => [deductionId, reason]),
  );
  return [...history.deductions.values()]
    .map((deduction): { deduction: Deduction; notCounted: ExplainedDeduction['notCounted'] } => {
      const notCounted =
        deduction.recordedAt > knownAt
          ? 'not_yet_known'
          : (reasons.get(deduction.deductionId) ?? null);
      return { deduction, notCounted };
    })
    .sort((a, b) =>
      byCodeUnit(
        agency.valuesAt(a.deduction, knownAt).effectiveAt,
        agency.valuesAt(b.deduction, knownAt).effectiveAt,
      ),
    )
    .map(({ deduction, notCounted }) =>
      explainedDeduction(history, deduction, notCounted, at, sources, context),
    );
}

function explainedDeduction(
  history: AgencyHistory,
  deduction: Deduction,
  notCounted: ExplainedDeduction['notCounted'],
  at: BalanceQuery,
  sources: AgencySources,
  context: ExplainContext,
): ExplainedDeduction {
  const { zone, rulebooks } = context;
  const { knownAt } = at;
  const { deductionId } = deduction;
  const values = agency.valuesAt(deduction, knownAt);
  const source = sources.imposed.get(deductionId);
  if (source === undefined)
    throw new Error(`the stream of "${history.agencyId}" does not impose "${deductionId}"`);
  const { rulebook } = values;
  const document =
    rulebook === undefined
      ? undefined
      : rulebooks.find(rulebook.id, rulebook.rulebookVersion)?.document;
  const clause = document === undefined ? undefined : clauseOf(document, values.clause);
  const formatted = (instant: Instant | undefined): string | null =>
    instant === undefined ? null : zone.format(instant);
  const counts = notCounted === null ? agency.pointsAt(deduction, knownAt) : 0;
  const corrections = sources.corrections.get(deductionId) ?? [];
  const decisions = sources.decisions.get(deductionId) ?? [];
  return {
    deductionId,
    counts,
    notCounted,
    points: values.points,
    period: values.period,
    clause:
      clause === undefined
        ? { id: values.clause }
        : { id: clause.id, ...clause.title, text: clause.text },
    rulebook: rulebook ?? null,
    occurredAt: zone.format(values.occurredAt),
    effectiveAt: zone.format(values.effectiveAt),
    decidedAt: formatted(source.event.decidedAt),
    notifiedAt: formatted(values.notifiedAt),
    recordedAt: zone.format(deduction.recordedAt),
    recordedBy: deduction.actor,
    basis: deduction.basis ?? null,
    restsOn:
      deduction.basis === undefined
        ? null
        : explainedBasis(deduction.basis, history, {
            ...context,
            knownAt,
            complaints: sources.complaints,
          }),
    creatorId: deduction.creatorId ?? null,
    caseNo: textOf(source.personal, 'caseNo'),
    noticeText: textOf(source.personal, 'noticeText'),
    statement: statementOf(source.personal),
    automated: source.event.data.automated ?? null,
    source: source.reference,
    corrections: deduction.corrections
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map(({ recordedAt, values: corrected }, index) => {
        const correction = corrections[index];
        const before = deduction.corrections[index - 1]?.values ?? deduction.imposed;
        return {
          recordedAt: zone.format(recordedAt),
          by: correction?.by ?? '',
          reason: textOf(correction?.personal, 'reason'),
          changed: changedValues(correction?.corrected ?? [], before, corrected, zone),
          points: corrected.points,
          effectiveAt: zone.format(corrected.effectiveAt),
          source: correction?.reference ?? source.reference,
        };
      }),
    decisions: deduction.decisions
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map(({ recordedAt, kind, points, actor, appealId }, index) => ({
        recordedAt: zone.format(recordedAt),
        decidedAt: formatted(decisions[index]?.decidedAt),
        kind,
        was: decisions[index]?.was ?? 0,
        points,
        by: actor,
        reason: textOf(decisions[index]?.personal, 'reason'),
        appealId: appealId ?? null,
      })),
    appealBy: zone.format(
      agency.initiateByOf(
        deduction,
        knownAt,
        rulebooks.inForceAt(values.occurredAt).document,
        zone,
      ),
    ),
    contested: agency.isContestedAt(deduction, history, knownAt) ? counts : 0,
    appealable: agency.isAppealableAt(deduction, history, at, context) ? counts : 0,
    appeals: deduction.appealIds
      .flatMap((appealId) => history.appeals.get(appealId) ?? [])
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map((appeal) => ({
        appealId: appeal.appealId,
        state: agency.appealStateAt(appeal, knownAt),
      })),
  };
}

interface TimelineFact {
  readonly at: Instant;
  readonly recordedAt: Instant;
  readonly what: InBoth;
  /** Missing for what the ledger derives. */
  readonly act?: ActSource | undefined;
}

function timelineOf(
  history: AgencyHistory,
  knownAt: Instant,
  sources: AgencySources,
  zone: LedgerZone,
): ExplainAnswer['timeline'] {
  const facts: TimelineFact[] = [
    ...history.admissions.map(({ effectiveAt, recordedAt }, index) => ({
      at: effectiveAt,
      recordedAt,
      what: index === 0 ? { en: 'admitted', zh: '入驻' } : { en: 'readmitted', zh: '再入驻' },
      act: sources.admissions[index],
    })),
    ...history.exits.map(({ effectiveAt, recordedAt }, index) => ({
      at: effectiveAt,
      recordedAt,
      what: { en: 'exited', zh: '退出' },
      act: sources.exits[index],
    })),
    ...history.pendings.map(({ openedAt, recordedAt, period }) => ({
      at: openedAt,
      recordedAt,
      what: {
        en: `pending expulsion opened for ${period}`,
        zh: `${period} 年度进入待清退`,
      },
    })),
    ...history.pendings.flatMap(({ ended }) =>
      ended === undefined
        ? []
        : [
            {
              at: ended.endedAt,
              recordedAt: ended.recordedAt,
              what: { en: 'pending expulsion ended', zh: '待清退结束' },
            },
          ],
    ),
    ...history.expulsions.flatMap((expulsion, number) =>
      expulsionFacts(expulsion, sources.expulsions[number], zone),
    ),
  ];
  return facts
    .filter(({ recordedAt }) => recordedAt <= knownAt)
    .sort((a, b) => byCodeUnit(a.at, b.at) || byCodeUnit(a.recordedAt, b.recordedAt))
    .map(({ at, recordedAt, what, act }) => ({
      at: zone.format(at),
      recordedAt: zone.format(recordedAt),
      what: sentence(what),
      by: act?.by ?? null,
      reason: textOf(act?.personal, 'reason'),
    }));
}

function expulsionFacts(
  { effectiveAt, recordedAt, unsupportedAt, revoked }: AgencyHistory['expulsions'][number],
  source: EndedSource | undefined,
  zone: LedgerZone,
): TimelineFact[] {
  const facts: TimelineFact[] = [
    { at: effectiveAt, recordedAt, what: { en: 'expelled', zh: '清退' }, act: source?.begun },
  ];
  if (unsupportedAt !== undefined) {
    const what = { en: 'expulsion no longer supported', zh: '清退的依据不再成立' };
    facts.push({ at: unsupportedAt, recordedAt: unsupportedAt, what });
  }
  if (revoked !== undefined) {
    const what = {
      en: `expulsion of ${zone.format(effectiveAt)} revoked: void from the start`,
      zh: `${zone.format(effectiveAt)} 的清退被撤销：自始无效`,
    };
    const { recordedAt: at } = revoked;
    facts.push({ at, recordedAt: at, what, act: source?.ended });
  }
  return facts;
}

/**
 * Possible causes of a difference between the platform's number and ours (E-76): a late entry,
 * another attribution, a revocation not seen here.
 */
function candidatesOf(
  history: AgencyHistory,
  { observedAt, balance, period }: AgencyHistory['observations'][number],
  knownAt: Instant,
  { rulebooks, zone }: AnswerContext,
): Sentence[] {
  const candidates: Sentence[] = [];
  const deductions = [...history.deductions.values()].filter(
    ({ recordedAt }) => recordedAt <= knownAt,
  );
  const late = deductions.filter(
    (deduction) =>
      deduction.recordedAt > observedAt &&
      agency.valuesAt(deduction, knownAt).effectiveAt <= observedAt,
  );
  if (late.length > 0)
    candidates.push(
      new Sentence({
        en:
          `late entry: ${late.map(({ deductionId }) => deductionId).join(', ')} ` +
          'recorded after the observation',
        zh: `补录：${late.map(({ deductionId }) => deductionId).join('、')} 在查看之后才记录`,
      }),
    );
  const { document } = rulebooks.inForceAt(observedAt);
  const account = document.accounts[0];
  if (account === undefined) return candidates;
  const question = { effectiveAt: observedAt, knownAt, period, account };
  const computed = agency.shownAt(history, account, question, zone);
  const own = agency.sumAt(history, question);
  // A falling score is higher by the points that were not deducted.
  const missing = account.scale === undefined ? computed - balance : balance - computed;
  for (const attribution of [
    'effectiveAt',
    'occurredAt',
    'assessmentMonthEnd',
  ] as const satisfies readonly Attribution[]) {
    if (attribution === document.parameters.attribution.value) continue;
    const sum = deductions
      .map((deduction) => ({ deduction, values: agency.valuesAt(deduction, knownAt) }))
      .filter(({ values }) => values.effectiveAt <= observedAt)
      .filter(
        ({ deduction, values }) =>
          agency.periodOf(
            {
              ...values,
              stated: values.periodStated ? values.period : undefined,
              basis: deduction.basis,
            },
            attribution,
            zone,
          ) === period,
      )
      .reduce((total, { deduction }) => total + agency.pointsAt(deduction, knownAt), 0);
    if (missing !== 0 && own - sum === missing)
      candidates.push(
        new Sentence({
          en: `attribution: under ${attribution} the balance is ${String(balance)}`,
          zh: `归属：按 ${attribution} 归属则为 ${String(balance)} 分`,
        }),
      );
  }
  const unseen = deductions.filter(
    (deduction) => missing > 0 && agency.pointsAt(deduction, knownAt) === missing,
  );
  for (const { deductionId } of unseen)
    candidates.push(
      new Sentence({
        en: `unseen revocation: without ${deductionId} the balance is ${String(balance)}`,
        zh: `未见的撤销：不计 ${deductionId} 则为 ${String(balance)} 分`,
      }),
    );
  return candidates;
}
