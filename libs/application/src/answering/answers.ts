import {
  AgencyEntrySchema,
  AppealAnswerSchema,
  AssessmentAnswerSchema,
  BalanceAnswerSchema,
  VerticalAnswerSchema,
  WhatIfAnswerSchema,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type, type TSchema } from '@sinclair/typebox';
import { DamagedAgencySchema } from './agency-answers.js';
import { ExplainAnswerSchema } from './explain.js';
import { ComplaintWithTextsSchema } from './explained-basis.js';
import { ThemesAtKSchema } from './operation-answers.js';
import type { QueryError, QueryName } from './queries.js';
import { SessionAnswerSchema } from './session-answer.js';
import { SlotsWithResultsSchema } from './slots-with-results.js';

/** The schema of each query's answer. */
export const answerSchemas = {
  balance: BalanceAnswerSchema,
  explain: ExplainAnswerSchema,
  appeal: AppealAnswerSchema,
  assessment: AssessmentAnswerSchema,
  vertical: VerticalAnswerSchema,
  complaint: ComplaintWithTextsSchema,
  session: SessionAnswerSchema,
  slots: SlotsWithResultsSchema,
  themes: ThemesAtKSchema,
  agencies: Type.Array(Type.Union([AgencyEntrySchema, DamagedAgencySchema])),
  whatif: WhatIfAnswerSchema,
} as const satisfies Readonly<Record<QueryName, TSchema>>;

/** The answer to a query, where there is one. */
export type AnswerOf<Name extends QueryName> = Shape<(typeof answerSchemas)[Name]>;

/** The answer to a query, or why there is none. */
export type Answer = AnswerOf<QueryName> | QueryError;
