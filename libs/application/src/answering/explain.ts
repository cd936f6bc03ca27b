import {
  agency,
  BalanceAnswerSchema,
  byCodeUnit,
  closed,
  foundFields,
  IdSchema,
  InstantSchema,
  sentence,
  Sentence,
  SentenceSchema,
  type AgencyHistory,
  type BalanceQuery,
  type FindingAt,
  type Instant,
  type LegalPerson,
  type RulebookInTime,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import {
  additionWithTexts,
  AdditionWithTextsSchema,
  measureWithTexts,
  MeasureWithTextsSchema,
  reviewWithTexts,
  ReviewWithTextsSchema,
} from './acts-with-texts.js';
import { sourcesOf, type Sealed } from './agency-sources.js';
import { appealWithTexts, AppealWithTextsSchema } from './appeal-with-texts.js';
import {
  explainedDeductions,
  ExplainedDeductionSchema,
  type DeductionContext,
} from './explained-deduction.js';
import {
  explainedRulebooks,
  ExplainedRulebookSchema,
  rulebookFindings,
  RulebookFindingSchema,
} from './explained-rulebooks.js';
import { shownText } from './shown-texts.js';
import { standingChanges, StandingChangeSchema } from './standing-changes.js';

/** The answer to `explain`: `balance`, and every point of it explained. */
export type ExplainAnswer = Shape<typeof ExplainAnswerSchema>;
export const ExplainAnswerSchema = closed(
  {
    ...BalanceAnswerSchema.properties,
    name: shownText(),
    explained: Type.Array(ExplainedDeductionSchema),
    appeals: Type.Array(AppealWithTextsSchema, {
      description: 'every appeal known at K, in the order of their initiation',
    }),
    imposedMeasures: Type.Array(MeasureWithTextsSchema, {
      description: 'every measure of the platform known at K, in order of effectiveAt',
    }),
    humanReviews: Type.Array(ReviewWithTextsSchema, {
      description: 'every request for human review known at K, with its clock',
    }),
    additions: Type.Array(AdditionWithTextsSchema, {
      description: 'every addition to the score known at K, where the account has a scale',
    }),
    findingDetails: Type.Array(
      closed({
        ...foundFields,
        about: SentenceSchema(
          'deduction d1, appeal p1, expulsion of 2019-05-20T10:00:00.000+08:00, …',
        ),
      }),
    ),
    rulebooks: Type.Array(ExplainedRulebookSchema, {
      description:
        'the rulebooks that acts known at K were judged by, and the one in force at E, each with ' +
        'when it was recorded',
    }),
    rulebookFindings: Type.Array(RulebookFindingSchema, {
      description:
        'derived, and so not among `findings`: rulebooks that were recorded after they claim to ' +
        'take effect, and acts known at K that were judged by a rulebook recorded after them',
    }),
    timeline: Type.Array(StandingChangeSchema, {
      description: 'what changed the standing, in the order in which it took effect',
    }),
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

export interface ExplainContext extends DeductionContext, Sealed {
  readonly rulebooksInTime: ReadonlyMap<string, RulebookInTime>;
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
  const acts = known(sources.judged);
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
    rulebooks: explainedRulebooks(acts, balance.rulebook, context.rulebooksInTime, zone),
    rulebookFindings: rulebookFindings(acts, balance.rulebook, context.rulebooksInTime, zone),
    timeline: standingChanges(history, knownAt, sources, zone),
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
          : agency.observationCauses(history, observation, knownAt, context),
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
