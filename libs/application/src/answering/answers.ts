import {
  AgencyEntrySchema,
  AssessmentAnswerSchema,
  BalanceAnswerSchema,
  VerticalAnswerSchema,
  WhatIfAnswerSchema,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type, type TSchema } from '@sinclair/typebox';
import { DamagedAgencySchema } from './agency-answers.js';
import { AppealWithTextsSchema } from './appeal-with-texts.js';
import { ExplainAnswerSchema } from './explain.js';
import { ComplaintWithTextsSchema } from './explained-basis.js';
import { ThemesAtKSchema } from './operation-answers.js';
import { OutlookAnswerSchema } from './outlook.js';
import type { QueryError, QueryName } from './queries.js';
import { SessionWithChangesSchema } from './session-with-changes.js';
import { SlotsWithResultsSchema } from './slots-with-results.js';

/** The schema of each query's answer. */
export const answerSchemas = {
  balance: BalanceAnswerSchema,
  explain: ExplainAnswerSchema,
  appeal: AppealWithTextsSchema,
  assessment: AssessmentAnswerSchema,
  vertical: VerticalAnswerSchema,
  complaint: ComplaintWithTextsSchema,
  session: SessionWithChangesSchema,
  slots: SlotsWithResultsSchema,
  themes: ThemesAtKSchema,
  outlook: OutlookAnswerSchema,
  agencies: Type.Array(Type.Union([AgencyEntrySchema, DamagedAgencySchema])),
  whatif: WhatIfAnswerSchema,
} as const satisfies Readonly<Record<QueryName, TSchema>>;

/** The answer to a query, where there is one. */
export type AnswerOf<Name extends QueryName> = Shape<(typeof answerSchemas)[Name]>;

/** The answer to a query, or why there is none. */
export type Answer = AnswerOf<QueryName> | QueryError;
