import type {
  EventReference,
  ExplainAnswer,
  ExplainedBasis,
  ExplainedDeduction,
} from '@penalty-ledger/application';
import type {
  AgencyEntry,
  AppealAnswer,
  AppealDue,
  AppealState,
  AssessmentAnswer,
  BalanceAnswer,
  Basis,
  FindingCode,
  NotCountedReason,
  RulebookReference,
  Standing,
  WhatIfAnswer,
} from '@penalty-ledger/ledger';
import type { AppealEntry } from '@penalty-ledger/application';
import type { SchemaObject } from '../schemas.js';
import {
  closed,
  constant,
  digest,
  id,
  instant,
  listOf,
  month,
  orNull,
  page,
  ref,
  text,
  truth,
  whole,
  words,
} from './words.js';

export const standing = words<Standing>({
  not_admitted: true,
  active: true,
  pending_expulsion: true,
  expelled: true,
  exited: true,
});

export const findingCode = words<FindingCode>({
  tariff_mismatch: true,
  assessment_disagrees: true,
  possible_duplicate: true,
  retroactive_threshold: true,
  appeal_late: true,
  appeal_worsened: true,
  same_actor: true,
  no_last_chance: true,
  below_threshold: true,
  reentry_early: true,
  balance_mismatch: true,
  short_notice: true,
});

export const severity = words<'breach' | 'warning'>({ breach: true, warning: true });

const notCounted = {
  revoked: true,
  scheduled: true,
  other_episode: true,
  cleared_by_reset: true,
  other_account: true,
} as const satisfies Record<NotCountedReason, true>;

const appealState = words<AppealState>({
  initiated: true,
  evidence_submitted: true,
  lapsed: true,
  out_of_time: true,
  withdrawn: true,
  upheld: true,
  partly_upheld: true,
  rejected: true,
  inadmissible: true,
});

const balance: Readonly<Record<keyof BalanceAnswer, object>> = {
  agencyId: id,
  period: text,
  effectiveAt: instant,
  knownAt: instant,
  balance: whole,
  threshold: whole,
  standing,
  pending: orNull(
    closed<NonNullable<BalanceAnswer['pending']>>({
      openedAt: instant,
      period: text,
      closesAt: instant,
    }),
  ),
  expulsion: orNull(
    closed<NonNullable<BalanceAnswer['expulsion']>>({ effectiveAt: instant, supported: truth }),
  ),
  reentryFrom: orNull(instant),
  lines: listOf(
    closed<BalanceAnswer['lines'][number]>({
      deductionId: id,
      points: whole,
      counts: whole,
      effectiveAt: instant,
      running: whole,
    }),
  ),
  notCounted: listOf(
    closed<BalanceAnswer['notCounted'][number]>({ deductionId: id, reason: words(notCounted) }),
  ),
  findings: listOf(findingCode),
  assumptions: listOf(text),
  rulebook: ref('RulebookReference'),
  account: text,
  carriedOver: whole,
  nodesReached: listOf(whole),
  accounts: listOf(
    closed<NonNullable<BalanceAnswer['accounts']>[number]>({
      account: text,
      balance: whole,
      threshold: whole,
    }),
  ),
  episode: whole,
  timeZone: closed<BalanceAnswer['timeZone']>({ id: text, dataVersion: text }),
};

const appeal: Readonly<Record<keyof Omit<AppealAnswer, 'knownAt'>, object>> = {
  appealId: id,
  agencyId: id,
  kind: words<AppealAnswer['kind']>({ ordinary: true, last_chance: true }),
  state: appealState,
  deductionIds: listOf(id),
  expulsion: truth,
  initiatedAt: instant,
  initiateBy: instant,
  evidenceBy: instant,
  evidenceSubmittedAt: orNull(instant),
  decideBy: orNull(instant),
  overdue: orNull(truth),
  decidedAt: orNull(instant),
  findings: listOf(findingCode),
  assumptions: listOf(text),
};

type AssessmentBasis = Extract<ExplainedBasis, { kind: 'assessment' }>;
const assessmentReason = words<AssessmentAnswer['reasons'][number]>({
  activity: true,
  headcount: true,
  newcomer: true,
  not_active: true,
});
const verdict = { passed: true, failed: true, not_assessed: true } as const;
const anyVerdict = words<AssessmentAnswer['verdict']>({ ...verdict, not_computed: true });

/** What every answer about a month that was assessed has. */
const assessed = {
  month,
  verdict: anyVerdict,
  base: orNull(whole),
  active: orNull(whole),
  rate: orNull(whole),
  headcountMin: orNull(whole),
  reasons: listOf(assessmentReason),
  rulebookVersion: orNull(text),
  computedAt: orNull(instant),
};

const basis: SchemaObject = {
  oneOf: [
    closed<Extract<Basis, { kind: 'assessment' }>>({ kind: constant('assessment'), month }),
    closed<Extract<Basis, { kind: 'complaint' }>>({ kind: constant('complaint'), complaintId: id }),
    closed<Extract<Basis, { kind: 'session' }>>({ kind: constant('session'), sessionId: id }),
  ],
};

type Known<Fields> = Extract<ExplainedDeduction['clause'], Fields>;
const title = {
  id: text,
  en: text,
  zh: text,
  text: closed<{ en: string; zh: string }>({ en: text, zh: text }),
};
const eventReference = ref('EventReference');

const explained = closed<ExplainedDeduction>({
  deductionId: id,
  counts: whole,
  notCounted: orNull(
    words<NotCountedReason | 'not_yet_known'>({ ...notCounted, not_yet_known: true }),
  ),
  points: whole,
  period: text,
  clause: {
    oneOf: [closed<Known<{ en: string }>>(title), closed<{ readonly id: string }>({ id: text })],
  },
  rulebook: orNull(ref('RulebookReference')),
  occurredAt: instant,
  effectiveAt: instant,
  decidedAt: orNull(instant),
  notifiedAt: orNull(instant),
  recordedAt: instant,
  recordedBy: text,
  basis: orNull(basis),
  restsOn: orNull({ oneOf: [ref('AssessmentBasis'), ref('ComplaintBasis'), ref('SessionBasis')] }),
  creatorId: orNull(id),
  caseNo: orNull(text),
  noticeText: orNull(text),
  source: eventReference,
  corrections: listOf(
    closed<ExplainedDeduction['corrections'][number]>({
      recordedAt: instant,
      points: whole,
      effectiveAt: instant,
      source: eventReference,
    }),
  ),
  decisions: listOf(
    closed<ExplainedDeduction['decisions'][number]>({
      recordedAt: instant,
      kind: words<'revoked' | 'adjusted' | 'reinstated'>({
        revoked: true,
        adjusted: true,
        reinstated: true,
      }),
      points: whole,
      by: text,
      appealId: orNull(id),
    }),
  ),
  appealBy: instant,
  appeals: listOf(
    closed<ExplainedDeduction['appeals'][number]>({ appealId: id, state: appealState }),
  ),
});

const outcome = closed<WhatIfAnswer['recorded']>({
  balance: whole,
  thresholdReachedAt: orNull(instant),
});

/** Answers about an agency's points, standing, appeals and months. */
export const standingAnswers: Readonly<Record<string, SchemaObject>> = {
  RulebookReference: closed<RulebookReference>({ id: text, rulebookVersion: text, sha256: digest }),
  EventReference: closed<EventReference>({
    stream: text,
    revision: whole,
    eventId: text,
    leafHash: digest,
  }),
  Balance: closed<BalanceAnswer>(balance, 'accounts'),
  Explain: closed<ExplainAnswer>(
    {
      ...balance,
      name: orNull(text),
      explained: listOf(ref('ExplainedDeduction')),
      appeals: listOf(ref('Appeal')),
      findingDetails: listOf(
        closed<ExplainAnswer['findingDetails'][number]>({
          code: findingCode,
          severity,
          about: text,
          detail: text,
        }),
      ),
      timeline: listOf(
        closed<ExplainAnswer['timeline'][number]>({ at: instant, recordedAt: instant, what: text }),
      ),
      reentryApplications: listOf(
        closed<ExplainAnswer['reentryApplications'][number]>({
          recordedAt: instant,
          admissible: truth,
          wronglyRefused: truth,
        }),
      ),
      remedies: listOf(text),
      observations: listOf(
        closed<ExplainAnswer['observations'][number]>({
          observedAt: instant,
          observed: whole,
          computed: whole,
          candidates: listOf(text),
        }),
      ),
      bannedRelatives: listOf(id),
    },
    'accounts',
  ),
  ExplainedDeduction: explained,
  AssessmentBasis: closed<AssessmentBasis>({ kind: constant('assessment'), ...assessed }),
  Assessment: closed<AssessmentAnswer>({
    ...assessed,
    agencyId: id,
    knownAt: instant,
    anyTime: orNull(
      closed<NonNullable<AssessmentAnswer['anyTime']>>({ base: whole, active: whole }),
    ),
    alternative: orNull(words<keyof typeof verdict>(verdict)),
    alternativeVersion: orNull(text),
    minSessions: orNull(whole),
    exposed: orNull(whole),
    sessions: orNull(
      closed<NonNullable<AssessmentAnswer['sessions']>>({
        count: whole,
        effective: whole,
        sha256: digest,
      }),
    ),
    inactive: listOf(
      closed<AssessmentAnswer['inactive'][number]>({
        creatorId: id,
        sessions: whole,
        effectiveSessions: whole,
        exposed: truth,
      }),
    ),
    current: orNull(truth),
    computations: listOf(
      closed<AssessmentAnswer['computations'][number]>({
        computedAt: instant,
        verdict: words<keyof typeof verdict>(verdict),
        changed: listOf(text),
      }),
    ),
    assumptions: listOf(text),
    rulebook: orNull(ref('RulebookReference')),
  }),
  Appeal: closed<AppealAnswer>({ ...appeal, knownAt: instant }),
  AppealEntry: closed<AppealEntry>({
    ...appeal,
    due: orNull(
      closed<NonNullable<AppealEntry['due']>>({
        what: words<AppealDue['what']>({ evidence: true, decision: true }),
        at: orNull(instant),
      }),
    ),
  }),
  AppealPage: page(ref('AppealEntry')),
  WhatIf: closed<WhatIfAnswer>({
    whatIf: constant(true),
    agencyId: id,
    effectiveAt: instant,
    knownAt: instant,
    period: text,
    recorded: outcome,
    whatif: outcome,
    partsAt: orNull(instant),
    differences: listOf(
      closed<WhatIfAnswer['differences'][number]>({
        deductionId: id,
        recorded: whole,
        whatif: whole,
      }),
    ),
    unknown: listOf(id),
  }),
  AgencyEntry: closed<AgencyEntry>({ agencyId: id, balance: whole, standing }),
  AgencyPage: page(ref('AgencyEntry')),
};
