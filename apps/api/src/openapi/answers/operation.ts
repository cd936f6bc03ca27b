import type {
  ComplaintEntry,
  ComplaintWithTexts,
  ExplainedBasis,
  SessionAnswer,
  SessionEntry,
  SlotsWithResults,
  ThemesAtK,
} from '@penalty-ledger/application';
import type { SupportTerms, VerticalAnswer } from '@penalty-ledger/ledger';
import type { SchemaObject } from '../schemas.js';
import {
  closed,
  constant,
  date,
  id,
  instant,
  listOf,
  month,
  orNull,
  page,
  ref,
  sum,
  text,
  truth,
  whole,
  words,
} from './words.js';

const filed: Readonly<Record<keyof ComplaintEntry, object>> = {
  complaintId: id,
  agencyId: id,
  creatorId: orNull(id),
  complainantKind: words<ComplaintEntry['complainantKind']>({
    merchant: true,
    creator: true,
    consumer: true,
    platform: true,
  }),
  occurredAt: instant,
  filedAt: instant,
  state: words<ComplaintEntry['state']>({
    open: true,
    upheld: true,
    dismissed: true,
    withdrawn: true,
  }),
  closedAt: orNull(instant),
  mergedInto: orNull(id),
};

const complaint: Readonly<Record<keyof ComplaintWithTexts, object>> = {
  ...filed,
  knownAt: instant,
  merged: listOf(id),
  deductions: listOf(
    closed<ComplaintWithTexts['deductions'][number]>({
      deductionId: id,
      complaintId: id,
      clause: text,
      occurredAt: instant,
      points: whole,
      counts: whole,
    }),
  ),
  caseNo: orNull(text),
  subject: orNull(text),
};

const entry: Readonly<Record<keyof SessionEntry, object>> = {
  sessionId: id,
  agencyId: id,
  creatorId: id,
  startedAt: instant,
  endedAt: instant,
  contentVertical: text,
  sales: listOf(
    closed<NonNullable<SessionEntry['sales']>[number]>({
      vertical: text,
      amountFen: { type: 'integer', minimum: 0 },
    }),
  ),
  newFollowers: whole,
  views: whole,
  corrections: whole,
  voided: truth,
  effective: truth,
  month,
  date,
};
const session: Readonly<Record<keyof SessionAnswer, object>> = { ...entry, knownAt: instant };
const measured = ['contentVertical', 'sales', 'newFollowers', 'views'] as const;

const refusals = {
  creators: true,
  sessions: true,
  share: true,
  complaints: true,
  standing: true,
} as const;

/** Answers about complaints, sessions and traffic support. */
export const operationAnswers: Readonly<Record<string, SchemaObject>> = {
  Complaint: closed<ComplaintWithTexts>(complaint),
  ComplaintBasis: closed<Extract<ExplainedBasis, { kind: 'complaint' }>>({
    kind: constant('complaint'),
    ...complaint,
  }),
  ComplaintEntry: closed<ComplaintEntry>(filed),
  ComplaintPage: page(ref('ComplaintEntry')),
  Session: closed<SessionAnswer>(session, ...measured),
  SessionBasis: closed<Extract<ExplainedBasis, { kind: 'session' }>>(
    { kind: constant('session'), ...session },
    ...measured,
  ),
  SessionEntry: closed<SessionEntry>(entry, ...measured),
  SessionPage: page(ref('SessionEntry')),
  SupportTerms: closed<SupportTerms>({
    source: text,
    minCreators: whole,
    minSessionsEach: whole,
    minSharePercent: whole,
    slotHours: listOf(whole),
    positionsPerSlot: whole,
    minAssignedCreators: whole,
    registrationDays: closed<SupportTerms['registrationDays']>({ first: whole, last: whole }),
    slotsPerTheme: whole,
  }),
  Vertical: closed<VerticalAnswer>({
    month,
    vertical: text,
    effectiveAt: instant,
    knownAt: instant,
    ranking: listOf(
      closed<VerticalAnswer['ranking'][number]>({
        agencyId: id,
        sales: sum,
        creators: whole,
        sessions: whole,
        newlyBound: whole,
        posts: whole,
      }),
    ),
    refused: listOf(
      closed<VerticalAnswer['refused'][number]>({
        agencyId: id,
        reasons: listOf(words<VerticalAnswer['refused'][number]['reasons'][number]>(refusals)),
      }),
    ),
    terms: ref('SupportTerms'),
  }),
  Slots: closed<SlotsWithResults>({
    date,
    effectiveAt: instant,
    knownAt: instant,
    blackout: orNull(text),
    vertical: orNull(text),
    month: orNull(month),
    slots: listOf(
      closed<SlotsWithResults['slots'][number]>({
        hour: whole,
        positions: whole,
        startsAt: instant,
        endsAt: instant,
        agencyId: orNull(id),
        status: words<SlotsWithResults['slots'][number]['status']>({
          vacant: true,
          allocated: true,
          assigned: true,
          waived: true,
          blackout: true,
        }),
        creatorIds: listOf(id),
      }),
    ),
    waived: listOf(
      closed<SlotsWithResults['waived'][number]>({
        hour: whole,
        agencyId: id,
        movedUp: orNull(id),
      }),
    ),
    results: listOf(
      closed<SlotsWithResults['results'][number]>({
        hour: whole,
        agencyId: id,
        sessions: whole,
        sales: sum,
        newFollowers: sum,
      }),
    ),
  }),
  Themes: closed<ThemesAtK>({
    month,
    knownAt: instant,
    opensAt: instant,
    closesAt: instant,
    proposals: listOf(
      closed<ThemesAtK['proposals'][number]>({
        proposalId: id,
        agencyId: id,
        title: text,
        proposedAt: instant,
        selectedAt: orNull(instant),
      }),
    ),
    slots: listOf(closed<ThemesAtK['slots'][number]>({ agencyId: id, slots: whole })),
  }),
};
