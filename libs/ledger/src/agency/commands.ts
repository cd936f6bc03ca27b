import {
  closed,
  enumOf,
  IdSchema,
  InstantSchema,
  MediaTypeSchema,
  PeriodSchema,
  Sha256Schema,
  TextSchema,
  Type,
  type Static,
  type TSchema,
  wanted,
} from '../schema.js';
import type { Read } from '../command-instants.js';
import type { Decision } from '../decision.js';
import {
  BasisSchema,
  complaintSubjectOf,
  measureKinds,
  reviewOutcomes,
  subjectOf,
  type AgencyEvent,
} from './events.js';

const measureNames = measureKinds.map((kind) => `"${kind}"`);

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

const Points = Type.Integer({
  minimum: 1,
  maximum: 1_000_000,
  description: wanted('an integer from 1 on', '不小于 1 的整数'),
});
const Name = Type.String({
  minLength: 1,
  maxLength: 400,
  description: wanted('a name of 1 to 400 characters', '1 至 400 个字符的名称'),
});

/** Any text: a clause that is not in the rulebook gives `unknown_clause`, not `invalid`. */
const ClauseName = Type.String({
  minLength: 1,
  maxLength: 200,
  description: wanted('the id of a clause', '条款编号'),
});

const CaseNo = Type.String({
  minLength: 1,
  maxLength: 200,
  description: wanted('a case number of 1 to 200 characters', '1 至 200 个字符的案号'),
});

/**
 * The platform's statement of reasons (处理理由与依据), with the way to object: what Order 117 of
 * 2026 asks a platform to tell (article 14).
 */
export const StatementSchema = closed(
  {
    facts: optional(TextSchema),
    reason: optional(TextSchema),
    basis: optional(TextSchema),
    remedy: optional(TextSchema),
  },
  {
    description: wanted(
      'the texts "facts", "reason", "basis" and "remedy", each if the platform gave it',
      '"facts"、"reason"、"basis" 和 "remedy" 文本，平台给出的才填写',
    ),
  },
);

/** Says that no person took part in the decision, as the platform said. */
export const Automated = Type.Boolean({ description: wanted('true or false', 'true 或 false') });

/**
 * The data of each command on an agency (interchange §2). Every field that is an instant is named
 * in {@link instantFields}.
 */
export const commandSchemas = {
  AdmitAgency: closed({
    agencyId: IdSchema,
    name: Name,
    legalPersonId: optional(IdSchema),
    effectiveAt: optional(InstantSchema),
  }),
  RecordExit: closed({
    agencyId: IdSchema,
    effectiveAt: optional(InstantSchema),
    reason: optional(TextSchema),
  }),
  RecordDeduction: closed({
    deductionId: IdSchema,
    agencyId: IdSchema,
    points: Points,
    clause: ClauseName,
    occurredAt: InstantSchema,
    effectiveAt: optional(InstantSchema),
    decidedAt: optional(InstantSchema),
    notifiedAt: optional(InstantSchema),
    appealDeadline: optional(InstantSchema),
    period: optional(PeriodSchema),
    creatorId: optional(IdSchema),
    basis: optional(BasisSchema),
    notice: optional(
      closed({
        caseNo: optional(CaseNo),
        text: optional(TextSchema),
        sha256: optional(Sha256Schema),
      }),
    ),
    statement: optional(StatementSchema),
    automated: optional(Automated),
  }),
  RecordRevocation: closed({
    deductionId: IdSchema,
    reason: TextSchema,
    decidedAt: optional(InstantSchema),
  }),
  RecordPartialRevocation: closed({
    deductionId: IdSchema,
    points: Points,
    reason: TextSchema,
    decidedAt: optional(InstantSchema),
  }),
  RecordReinstatement: closed({
    deductionId: IdSchema,
    points: optional(Points),
    reason: TextSchema,
    decidedAt: optional(InstantSchema),
  }),
  CorrectDeduction: closed({
    deductionId: IdSchema,
    reason: TextSchema,
    points: optional(Points),
    clause: optional(ClauseName),
    occurredAt: optional(InstantSchema),
    effectiveAt: optional(InstantSchema),
    period: optional(PeriodSchema),
    notifiedAt: optional(InstantSchema),
    appealDeadline: optional(InstantSchema),
  }),
  InitiateAppeal: closed({
    appealId: IdSchema,
    agencyId: IdSchema,
    kind: optional(
      Type.Union([Type.Literal('ordinary'), Type.Literal('last_chance')], {
        description: wanted('"ordinary" or "last_chance"', '"ordinary" 或 "last_chance"'),
      }),
    ),
    deductionIds: optional(
      Type.Array(IdSchema, {
        minItems: 1,
        maxItems: 500,
        uniqueItems: true,
        description: wanted('one or more deduction ids, each once', '一个或多个扣分编号，不得重复'),
      }),
    ),
    expulsion: optional(
      Type.Literal(true, { description: wanted('true, or left out', 'true，或不填') }),
    ),
    grounds: TextSchema,
    initiatedAt: optional(InstantSchema),
  }),
  SubmitEvidence: closed({
    appealId: IdSchema,
    items: Type.Array(
      closed({
        evidenceId: IdSchema,
        title: Name,
        mediaType: MediaTypeSchema,
        sha256: Sha256Schema,
        bytes: optional(Type.Integer({ minimum: 0 })),
      }),
      {
        minItems: 1,
        maxItems: 100,
        description: wanted('one to 100 evidence items', '1 至 100 项证据'),
      },
    ),
    submittedAt: optional(InstantSchema),
  }),
  WithdrawAppeal: closed({
    appealId: IdSchema,
    reason: optional(TextSchema),
    withdrawnAt: optional(InstantSchema),
  }),
  DecideAppeal: closed({
    appealId: IdSchema,
    outcome: Type.Union(
      [
        Type.Literal('upheld'),
        Type.Literal('partly_upheld'),
        Type.Literal('rejected'),
        Type.Literal('inadmissible'),
      ],
      {
        description: wanted(
          '"upheld", "partly_upheld", "rejected" or "inadmissible"',
          '"upheld"、"partly_upheld"、"rejected" 或 "inadmissible"',
        ),
      },
    ),
    adjustments: optional(
      Type.Array(
        closed({
          deductionId: IdSchema,
          points: Type.Integer({
            minimum: 0,
            maximum: 1_000_000,
            description: wanted('an integer from 0 on', '不小于 0 的整数'),
          }),
        }),
        {
          minItems: 1,
          maxItems: 500,
          description: wanted(
            'one or more {"deductionId","points"}',
            '一个或多个 {"deductionId","points"}',
          ),
        },
      ),
    ),
    reason: TextSchema,
    decidedAt: optional(InstantSchema),
  }),
  RecordExpulsion: closed({
    agencyId: IdSchema,
    reason: TextSchema,
    effectiveAt: optional(InstantSchema),
  }),
  RevokeExpulsion: closed({ agencyId: IdSchema, reason: TextSchema }),
  ApplyForReentry: closed({ agencyId: IdSchema }),
  RecordReadmission: closed({ agencyId: IdSchema }),
  ObservePlatformBalance: closed({
    agencyId: IdSchema,
    balance: Type.Integer({
      minimum: -1_000_000,
      maximum: 1_000_000,
      description: wanted('an integer', '整数'),
    }),
    observedAt: InstantSchema,
    sha256: optional(Sha256Schema),
  }),
  FileComplaint: closed({
    complaintId: IdSchema,
    agencyId: optional(IdSchema),
    creatorId: optional(IdSchema),
    complainant: closed({
      kind: Type.Union(
        [
          Type.Literal('merchant'),
          Type.Literal('creator'),
          Type.Literal('consumer'),
          Type.Literal('platform'),
        ],
        {
          description: wanted(
            '"merchant", "creator", "consumer" or "platform"',
            '"merchant"、"creator"、"consumer" 或 "platform"',
          ),
        },
      ),
      id: optional(IdSchema),
    }),
    occurredAt: InstantSchema,
    subject: TextSchema,
    caseNo: optional(CaseNo),
  }),
  CloseComplaint: closed({
    complaintId: IdSchema,
    outcome: Type.Union(
      [Type.Literal('upheld'), Type.Literal('dismissed'), Type.Literal('withdrawn')],
      {
        description: wanted(
          '"upheld", "dismissed" or "withdrawn"',
          '"upheld"、"dismissed" 或 "withdrawn"',
        ),
      },
    ),
    reason: optional(TextSchema),
  }),
  MergeComplaints: closed({
    into: IdSchema,
    from: Type.Array(IdSchema, {
      minItems: 1,
      maxItems: 500,
      uniqueItems: true,
      description: wanted('one or more complaint ids, each once', '一个或多个投诉编号，不得重复'),
    }),
  }),
  UnmergeComplaint: closed({ complaintId: IdSchema }),
  RecordMeasure: closed({
    measureId: IdSchema,
    agencyId: IdSchema,
    kind: enumOf(measureKinds, wanted(measureNames.join(', '), measureNames.join('、'))),
    deductionId: optional(IdSchema),
    effectiveAt: optional(InstantSchema),
    until: optional(InstantSchema),
    statement: optional(StatementSchema),
    automated: optional(Automated),
  }),
  LiftMeasure: closed({
    measureId: IdSchema,
    reason: TextSchema,
    effectiveAt: optional(InstantSchema),
  }),
  RequestHumanReview: closed({
    reviewId: IdSchema,
    agencyId: IdSchema,
    deductionId: optional(IdSchema),
    measureId: optional(IdSchema),
    reason: optional(TextSchema),
  }),
  AnswerHumanReview: closed({
    reviewId: IdSchema,
    outcome: enumOf(reviewOutcomes, wanted('"confirmed" or "changed"', '"confirmed" 或 "changed"')),
    reason: TextSchema,
  }),
  RecordAddition: closed({
    additionId: IdSchema,
    agencyId: IdSchema,
    points: Points,
    account: optional(IdSchema),
    effectiveAt: optional(InstantSchema),
    reason: optional(TextSchema),
  }),
  RevokeAddition: closed({ additionId: IdSchema, reason: TextSchema }),
  RecordGrowthPost: closed({ agencyId: IdSchema, postId: IdSchema, occurredAt: InstantSchema }),
} as const;

export type AgencyCommandName = keyof typeof commandSchemas;

export type AgencyCommandData = {
  [Name in AgencyCommandName]: Read<Static<(typeof commandSchemas)[Name]>>;
};

/** A checked command on one agency. */
export type AgencyCommand = {
  [Name in AgencyCommandName]: { readonly command: Name; readonly data: AgencyCommandData[Name] };
}[AgencyCommandName];

/** A decision on one agency. */
export type AgencyDecision = Decision<AgencyEvent>;

/** The subject whose key seals a command's texts, and makes its fingerprint. */
export function subjectOfCommand({ command, data }: AgencyCommand, agencyId: string): string {
  return command === 'FileComplaint' || command === 'CloseComplaint'
    ? complaintSubjectOf(data.complaintId)
    : subjectOf(agencyId);
}
