import {
  AppealStateSchema,
  ComplaintStateSchema,
  enumOf,
  FindingCodeSchema,
  FindingSchema,
  plusHours,
  ProspectSchema,
  StandingSchema,
  type Instant,
} from '@penalty-ledger/ledger';
import type { TArray, TObject } from '@sinclair/typebox';
import type { InBoth } from '../../language.js';
import { DeadlineKindSchema } from '../deadlines.js';
import type { LedgerReader } from '../ledger-reader.js';
import type { QueryError } from '../queries.js';
import { AgencyPageSchema, readAgencyCursor, type AgencyPlace } from './agency-list.js';
import { AppealablePageSchema, AppealableStatusSchema } from './appealable-list.js';
import { AppealPageSchema } from './appeal-list.js';
import { ComplaintPageSchema } from './complaint-list.js';
import { CreatorPageSchema } from './creator-list.js';
import { readCursor } from './cursor.js';
import { DeadlinePageSchema } from './deadline-list.js';
import { DeductionPageSchema, DeductionStatusSchema } from './deduction-list.js';
import { ErasurePageSchema, WaitingStatusSchema } from './erasure-list.js';
import { EvidencePageSchema, EvidenceSubjectKindSchema } from './evidence-list.js';
import { FindingPageSchema } from './finding-list.js';
import {
  dateField,
  enumField,
  fieldReader,
  idField,
  instantField,
  integerField,
  monthField,
  periodField,
  sha256Field,
  type ListField,
  type ListFields,
  type ValuesOf,
} from './list-fields.js';
import { defaultPageSize, maxPageSize, type AgencyRowsPage } from './list-page.js';
import { listTexts, type ListName, type ListSort } from './list-texts.js';
import { OutlookPageSchema } from './outlook-list.js';
import { RulebookPageSchema } from './rulebook-list.js';
import { SessionPageSchema } from './session-list.js';

/** The furthest ahead that something due may be asked for: a year. */
const maxDueHours = 8_784;
/** The longest time whose sessions are listed without a creator, in days. */
const maxDays = 31;
const maxBalance = 1_000_000_000;

/** The schema of pages, whose items have one schema. */
type PageSchema = TObject & { readonly properties: { readonly items: TArray } };

/** A list: the fields of its question, its orders, and its pages. */
export interface List {
  readonly fields: ListFields;
  readonly sorts: readonly [string, ...string[]];
  readonly page: PageSchema;
  /** Reads the texts of a question's fields, and says what is wrong with them. */
  readonly read: (texts: Readonly<Record<string, unknown>>) => ReadList;
}

/** A page of any list. */
export type ListAnswer = AgencyRowsPage<object>;

/** A list that is asked for, or the problem of its question. */
export type ReadList =
  | { readonly problem: InBoth }
  | {
      readonly problem?: undefined;
      readonly ask: (reader: LedgerReader) => Promise<ListAnswer | QueryError>;
    };

type FieldTexts<Name extends ListName> = (typeof listTexts)[Name]['fields'];

/** The fields of a question: those that have a text, and no others. */
type FieldsOf<Name extends ListName> = Readonly<Record<keyof FieldTexts<Name>, ListField>>;

interface ListOf<Name extends ListName, Fields extends FieldsOf<Name>, Place> {
  readonly fields: (about: FieldTexts<Name>) => Fields;
  readonly page: PageSchema;
  readonly problemOf?: (values: ValuesOf<Fields>) => InBoth | undefined;
  readonly placeIn: (cursor: unknown, sort: string) => Place;
  readonly ask: (
    reader: LedgerReader,
    question: ValuesOf<Fields> & {
      readonly sort: ListSort<Name>;
      readonly limit: number;
      readonly after?: Place;
    },
  ) => Promise<ListAnswer | QueryError>;
}

function listOf<Name extends ListName, Fields extends FieldsOf<Name>, Place>(
  name: Name,
  { fields: fieldsOf, page, problemOf, placeIn, ask }: ListOf<Name, Fields, Place>,
): List {
  const { fields: about, sorts } = listTexts[name];
  const fields = fieldsOf(about);
  const readFields = fieldReader({
    ...fields,
    sort: enumField({ en: 'the order', zh: '排序方式' }, enumOf(sorts)),
    limit: integerField({ en: 'items at most', zh: '最多条数' }, 1, maxPageSize),
  });
  return {
    fields,
    sorts,
    page,
    read: ({ cursor, ...texts }) => {
      const { problem, values } = { values: {}, ...readFields(texts) };
      if (problem !== undefined) return { problem };
      const {
        sort = sorts[0],
        limit = defaultPageSize,
        ...asked
      } = values as ValuesOf<Fields> & {
        readonly sort?: ListSort<Name>;
        readonly limit?: number;
      };
      const given = asked as unknown as ValuesOf<Fields>;
      const wrong = problemOf?.(given);
      if (wrong !== undefined) return { problem: wrong };
      const after = cursor === undefined ? {} : { after: placeIn(cursor, sort) };
      return { ask: (reader) => ask(reader, { ...given, sort, limit, ...after }) };
    },
  };
}

/** The fields of most questions. */
const ofAgency = { agencyId: idField(listTexts.deductions.fields.agencyId) };
const known = { knownAt: instantField(listTexts.deductions.fields.knownAt) };
const at = { effectiveAt: instantField(listTexts.deductions.fields.effectiveAt), ...known };

/** Every list, by name. A new one is its file and an entry here (docs/decisions/lists.md). */
export const lists = {
  agencies: listOf('agencies', {
    fields: ({ standing, minBalance }) => ({
      ...at,
      standing: enumField(standing, StandingSchema),
      minBalance: integerField(minBalance, 0, maxBalance),
    }),
    page: AgencyPageSchema,
    placeIn: (cursor): AgencyPlace => readAgencyCursor(cursor),
    ask: (reader, question) => reader.agencies(question),
  }),
  appealable: listOf('appealable', {
    fields: ({ status, before }) => ({
      ...ofAgency,
      ...at,
      status: enumField(status, AppealableStatusSchema),
      before: instantField(before),
    }),
    page: AppealablePageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.appealable(question),
  }),
  appeals: listOf('appeals', {
    fields: ({ status, dueBefore, dueWithinHours }) => ({
      ...ofAgency,
      ...known,
      status: enumField(status, AppealStateSchema),
      dueBefore: instantField(dueBefore),
      dueWithinHours: integerField(dueWithinHours, 0, maxDueHours),
    }),
    page: AppealPageSchema,
    placeIn: readCursor,
    problemOf: ({ dueBefore, dueWithinHours }) =>
      dueBefore === undefined || dueWithinHours === undefined
        ? undefined
        : {
            en: 'dueBefore, dueWithinHours: give one of them',
            zh: 'dueBefore、dueWithinHours：只能给出一个',
          },
    ask: (reader, { status, ...question }) =>
      reader.appeals({ ...question, ...(status !== undefined && { state: status }) }),
  }),
  complaints: listOf('complaints', {
    fields: ({ creatorId, status, month }) => ({
      ...ofAgency,
      ...known,
      creatorId: idField(creatorId),
      status: enumField(status, ComplaintStateSchema),
      month: monthField(month),
    }),
    page: ComplaintPageSchema,
    placeIn: readCursor,
    ask: (reader, { status, ...question }) =>
      reader.complaints({ ...question, ...(status !== undefined && { state: status }) }),
  }),
  creators: listOf('creators', {
    fields: () => ({ ...ofAgency, ...at }),
    page: CreatorPageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.creators(question),
  }),
  deadlines: listOf('deadlines', {
    fields: ({ kind, before }) => ({
      ...ofAgency,
      ...at,
      kind: enumField(kind, DeadlineKindSchema),
      before: instantField(before),
    }),
    page: DeadlinePageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.deadlinePage(question),
  }),
  deductions: listOf('deductions', {
    fields: ({ status, clause, period, from, to }) => ({
      ...ofAgency,
      ...at,
      status: enumField(status, DeductionStatusSchema),
      clause: idField(clause),
      period: periodField(period),
      from: instantField(from),
      to: instantField(to),
    }),
    page: DeductionPageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.deductions(question),
  }),
  erasures: listOf('erasures', {
    fields: ({ status }) => ({ status: enumField(status, WaitingStatusSchema) }),
    page: ErasurePageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.erasures(question),
  }),
  evidence: listOf('evidence', {
    fields: ({ kind, sha256 }) => ({
      ...ofAgency,
      ...known,
      kind: enumField(kind, EvidenceSubjectKindSchema),
      sha256: sha256Field(sha256),
    }),
    page: EvidencePageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.evidence(question),
  }),
  findings: listOf('findings', {
    fields: ({ code, severity, from, to }) => ({
      ...ofAgency,
      ...known,
      code: enumField(code, FindingCodeSchema),
      severity: enumField(severity, FindingSchema.properties.severity),
      from: instantField(from),
      to: instantField(to),
    }),
    page: FindingPageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.findings(question),
  }),
  outlooks: listOf('outlooks', {
    fields: ({ prospect }) => ({ prospect: enumField(prospect, ProspectSchema) }),
    page: OutlookPageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.outlooks(question),
  }),
  rulebooks: listOf('rulebooks', {
    fields: ({ id }) => ({ ...at, id: idField(id) }),
    page: RulebookPageSchema,
    placeIn: readCursor,
    ask: (reader, question) => reader.rulebooks(question),
  }),
  sessions: listOf('sessions', {
    fields: ({ creatorId, date, from, to }) => ({
      ...ofAgency,
      ...known,
      creatorId: idField(creatorId),
      date: dateField(date),
      from: instantField(from),
      to: instantField(to),
    }),
    page: SessionPageSchema,
    placeIn: readCursor,
    problemOf: (times) => sessionsProblem(times),
    ask: (reader, question) => reader.sessions(question),
  }),
} as const satisfies Readonly<Record<ListName, List>>;

/**
 * Reads the question of a list: the texts of its fields, `sort`, `limit`, and `cursor` with `next`
 * of the page before.
 *
 * @throws CursorError when the cursor is none of this list in this order
 */
export function readList(name: ListName, texts: Readonly<Record<string, unknown>>): ReadList {
  return lists[name].read(texts);
}

interface SessionTimes {
  readonly creatorId?: string;
  readonly date?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Sessions are many: without a creator, only those of a bounded time are listed. */
function sessionsProblem({ creatorId, date, from, to }: SessionTimes): InBoth | undefined {
  if (date !== undefined && (from !== undefined || to !== undefined))
    return {
      en: 'date, from, to: give a date, or from and to, and not both',
      zh: 'date、from、to：须给出 date，或 from 和 to，不得同时给出',
    };
  if (creatorId !== undefined || date !== undefined) return undefined;
  // An hour more: a month in which clocks are set back has it.
  const isShort = from !== undefined && to !== undefined && to <= plusHours(from, maxDays * 24 + 1);
  return isShort
    ? undefined
    : {
        en:
          'date, from, to: give a date, or from and to no more than ' +
          `${maxDays} days apart; or name a creatorId`,
        zh:
          `date、from、to：须给出 date，或相距不超过 ${maxDays} 天的 from 和 to；` +
          '或给出 creatorId',
      };
}
