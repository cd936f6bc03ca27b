import type { LedgerCommand } from '@penalty-ledger/ledger';
import { aliMcn20190307 } from '@penalty-ledger/ledger';
import type { Role } from '@penalty-ledger/application/api-keys';
import { filers, submitters } from '../guard/rule.js';
import * as additions from '../agencies/addition-bodies.js';
import * as appeals from '../appeals/appeal-bodies.js';
import * as assessments from '../assessments/assessment-bodies.js';
import * as complaints from '../complaints/complaint-bodies.js';
import * as deductions from '../deductions/deduction-bodies.js';
import * as evidence from '../evidence/evidence-bodies.js';
import * as holds from '../holds/hold-bodies.js';
import * as measures from '../agencies/measure-bodies.js';
import * as observations from '../agencies/observation-bodies.js';
import * as roster from '../agencies/roster-bodies.js';
import * as rulebooks from '../rulebooks/rulebook-bodies.js';
import * as sessions from '../sessions/session-bodies.js';
import * as standing from '../agencies/standing-bodies.js';
import * as traffic from '../traffic/traffic-bodies.js';

/** The route of a command. */
export interface CommandRoute {
  /** A verb and its object, for `/docs`. */
  readonly summary: string;
  readonly body: new () => object;
  /** Roles that may send it. */
  readonly roles: readonly Role[];
  /** Data that are accepted, after those of the examples above it. */
  readonly example: object;
}

/** Systems report facts; what an officer sees, an officer may enter too. */
const facts: readonly Role[] = ['ingest', 'officer'];
const decisions: readonly Role[] = ['officer'];
/** Reviews undo or decide what officers recorded (rules §7: another person does it). */
const reviews: readonly Role[] = ['reviewer'];

const zone = '+08:00';
const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** Every command with its route, in the order of interchange §2; a missing one does not compile. */
export const commandRoutes: Readonly<Record<LedgerCommand['command'], CommandRoute>> = {
  AdmitAgency: {
    summary: 'admits an agency',
    body: roster.AdmitAgencyBody,
    roles: facts,
    example: { agencyId: 'mcn-007', name: '星河文化', effectiveAt: `2026-01-01T00:00:00${zone}` },
  },
  RecordExit: {
    summary: 'records that an agency left',
    body: roster.RecordExitBody,
    roles: decisions,
    example: { agencyId: 'mcn-008', reason: '合同到期' },
  },
  BindCreator: {
    summary: 'binds a creator to an agency',
    body: roster.BindCreatorBody,
    roles: facts,
    example: {
      agencyId: 'mcn-007',
      creatorId: 'c-101',
      name: '小鱼',
      effectiveAt: `2026-01-02T00:00:00${zone}`,
    },
  },
  UnbindCreator: {
    summary: 'ends a binding',
    body: roster.UnbindCreatorBody,
    roles: facts,
    example: { agencyId: 'mcn-007', creatorId: 'c-102' },
  },
  GrantExposureRight: {
    summary: 'gives a creator the exposure right',
    body: roster.ExposureRightBody,
    roles: facts,
    example: { creatorId: 'c-101', effectiveAt: `2026-01-03T00:00:00${zone}` },
  },
  WithdrawExposureRight: {
    summary: 'takes the exposure right back',
    body: roster.ExposureRightBody,
    roles: facts,
    example: { creatorId: 'c-101' },
  },
  RecordSession: {
    summary: 'records a live session',
    body: sessions.RecordSessionBody,
    roles: facts,
    example: {
      sessionId: 's-20260105-1',
      creatorId: 'c-101',
      startedAt: `2026-01-05T20:00:00${zone}`,
      endedAt: `2026-01-05T22:30:00${zone}`,
      contentVertical: 'beauty',
      sales: [{ vertical: 'beauty', amountFen: 1_250_000 }],
      newFollowers: 340,
      views: 51_200,
    },
  },
  CorrectSession: {
    summary: 'corrects what was recorded of a session',
    body: sessions.CorrectSessionBody,
    roles: facts,
    example: {
      sessionId: 's-20260105-1',
      reason: '平台更正时长',
      endedAt: `2026-01-05T22:40:00${zone}`,
    },
  },
  VoidSession: {
    summary: 'makes a session void',
    body: sessions.VoidSessionBody,
    roles: facts,
    example: { sessionId: 's-20260105-1', reason: '重复上报' },
  },
  FileComplaint: {
    summary: 'files a complaint',
    body: complaints.FileComplaintBody,
    roles: facts,
    example: {
      complaintId: 'k-1',
      agencyId: 'mcn-007',
      complainant: { kind: 'consumer', id: 'u-55' },
      occurredAt: `2026-01-06T12:00:00${zone}`,
      subject: '虚假宣传',
      caseNo: 'TS-2026-0001',
    },
  },
  CloseComplaint: {
    summary: 'closes a complaint',
    body: complaints.CloseComplaintBody,
    roles: decisions,
    example: { complaintId: 'k-1', outcome: 'upheld', reason: '查证属实' },
  },
  MergeComplaints: {
    summary: 'merges complaints about one fact',
    body: complaints.MergeComplaintsBody,
    roles: decisions,
    example: { into: 'k-2', from: ['k-3'] },
  },
  UnmergeComplaint: {
    summary: 'takes a complaint out of a merger',
    body: complaints.UnmergeComplaintBody,
    roles: decisions,
    example: { complaintId: 'k-3' },
  },
  RecordDeduction: {
    summary: 'records a deduction of points',
    body: deductions.RecordDeductionBody,
    roles: decisions,
    example: {
      deductionId: 'd-1',
      agencyId: 'mcn-007',
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: `2026-01-07T09:00:00${zone}`,
      notice: { caseNo: 'KF-2026-0001', text: '经营指标未达标' },
    },
  },
  RecordRevocation: {
    summary: 'revokes a deduction',
    body: deductions.RecordRevocationBody,
    roles: reviews,
    example: { deductionId: 'd-2', reason: '证据不足' },
  },
  RecordPartialRevocation: {
    summary: 'lowers a deduction',
    body: deductions.RecordPartialRevocationBody,
    roles: reviews,
    example: { deductionId: 'd-3', points: 10, reason: '部分属实' },
  },
  RecordReinstatement: {
    summary: 'raises a lowered deduction again',
    body: deductions.RecordReinstatementBody,
    roles: reviews,
    example: { deductionId: 'd-3', points: 15, reason: '复核' },
  },
  CorrectDeduction: {
    summary: 'corrects what was recorded of a deduction',
    body: deductions.CorrectDeductionBody,
    roles: decisions,
    example: { deductionId: 'd-1', reason: '登记有误', occurredAt: `2026-01-07T10:00:00${zone}` },
  },
  InitiateAppeal: {
    summary: 'initiates an appeal',
    body: appeals.InitiateAppealBody,
    roles: filers,
    example: {
      appealId: 'ap-1',
      agencyId: 'mcn-007',
      deductionIds: ['d-1'],
      grounds: '数据统计有误',
    },
  },
  SubmitEvidence: {
    summary: 'submits the evidence of an appeal, once',
    body: appeals.SubmitEvidenceBody,
    roles: submitters,
    example: {
      appealId: 'ap-1',
      items: [
        {
          evidenceId: 'ev-1',
          title: '后台截图',
          mediaType: 'image/png',
          sha256: digest,
          bytes: 48_211,
        },
      ],
    },
  },
  WithdrawAppeal: {
    summary: 'withdraws an appeal',
    body: appeals.WithdrawAppealBody,
    roles: submitters,
    example: { appealId: 'ap-2', reason: '撤回' },
  },
  DecideAppeal: {
    summary: 'decides an appeal',
    body: appeals.DecideAppealBody,
    roles: reviews,
    example: {
      appealId: 'ap-1',
      outcome: 'partly_upheld',
      adjustments: [{ deductionId: 'd-1', points: 20 }],
      reason: '部分采纳',
    },
  },
  RecordExpulsion: {
    summary: 'expels an agency',
    body: standing.RecordExpulsionBody,
    roles: decisions,
    example: { agencyId: 'mcn-009', reason: '累计扣分达到清退线' },
  },
  RevokeExpulsion: {
    summary: 'revokes an expulsion',
    body: standing.RevokeExpulsionBody,
    roles: reviews,
    example: { agencyId: 'mcn-009', reason: '撤销' },
  },
  ApplyForReentry: {
    summary: 'records an application to come back',
    body: standing.ReentryBody,
    roles: filers,
    example: { agencyId: 'mcn-010' },
  },
  RecordReadmission: {
    summary: 'readmits an agency',
    body: standing.ReentryBody,
    roles: decisions,
    example: { agencyId: 'mcn-010' },
  },
  RecordMeasure: {
    summary: 'records a measure of the platform',
    body: measures.RecordMeasureBody,
    roles: decisions,
    example: {
      measureId: 'm-1',
      agencyId: 'mcn-007',
      kind: 'traffic_restricted',
      effectiveAt: `2026-01-08T00:00:00${zone}`,
      until: `2026-02-07T00:00:00${zone}`,
      statement: { facts: '直播间虚假宣传', reason: '情节较重', remedy: '可在五日内申诉' },
      automated: true,
    },
  },
  LiftMeasure: {
    summary: 'lifts a measure',
    body: measures.LiftMeasureBody,
    roles: reviews,
    example: { measureId: 'm-1', reason: '已整改' },
  },
  RequestHumanReview: {
    summary: 'asks for a person to look at a decision',
    body: measures.RequestHumanReviewBody,
    roles: submitters,
    example: { reviewId: 'hr-1', agencyId: 'mcn-007', measureId: 'm-1', reason: '要求人工判定' },
  },
  AnswerHumanReview: {
    summary: 'records the answer of a person',
    body: measures.AnswerHumanReviewBody,
    roles: reviews,
    example: { reviewId: 'hr-1', outcome: 'confirmed', reason: '经人工判定维持' },
  },
  RecordAddition: {
    summary: 'records points that the platform adds to a falling score',
    body: additions.RecordAdditionBody,
    roles: decisions,
    example: {
      ...{ additionId: 'add-1', agencyId: 'mcn-007', points: 10, account: 'credit' },
      reason: '当月无违规',
    },
  },
  RevokeAddition: {
    summary: 'takes an addition back',
    body: additions.RevokeAdditionBody,
    roles: reviews,
    example: { additionId: 'add-1', reason: '误加' },
  },
  ComputeAssessment: {
    summary: 'computes the assessment of a month',
    body: assessments.ComputeAssessmentBody,
    roles: decisions,
    example: { month: '2026-01', agencyId: 'mcn-007' },
  },
  PublishRulebook: {
    summary: 'publishes a rulebook',
    body: rulebooks.PublishRulebookBody,
    roles: ['administrator'],
    example: {
      rulebook: {
        ...aliMcn20190307,
        rulebookVersion: '2099-01-01',
        effectiveFrom: `2099-01-01T00:00:00${zone}`,
      },
    },
  },
  PublishCalendar: {
    summary: 'publishes a calendar of holidays and make-up days',
    body: rulebooks.PublishCalendarBody,
    roles: ['administrator'],
    example: {
      calendar: {
        id: 'cn-state-council',
        calendarVersion: '2099-11-04',
        title: { en: 'Public holidays of the State Council', zh: '国务院办公厅部分节假日安排' },
        sources: [{ title: '国务院办公厅关于2100年部分节假日安排的通知', locator: '2099-11-04' }],
        years: [{ year: 2100, source: 'an example', off: ['2100-01-01'], worked: ['2100-01-03'] }],
      },
    },
  },
  ObservePlatformBalance: {
    summary: "records the platform's own balance",
    body: observations.ObservePlatformBalanceBody,
    roles: facts,
    example: { agencyId: 'mcn-007', balance: 40, observedAt: `2026-01-08T09:00:00${zone}` },
  },
  RegisterEvidence: {
    summary: 'registers a file by its hash',
    body: evidence.RegisterEvidenceBody,
    roles: facts,
    example: {
      evidenceId: 'ev-9',
      subject: { kind: 'deduction', id: 'd-1' },
      title: '处罚通知扫描件',
      mediaType: 'application/pdf',
      sha256: digest,
    },
  },
  PlaceLegalHold: {
    summary: 'places a legal hold: what it holds cannot be erased',
    body: holds.PlaceLegalHoldBody,
    roles: [...decisions, ...reviews],
    example: {
      holdId: 'hold-1',
      subject: 'agency:mcn-007',
      reason: '法院要求保全证据',
      until: `2098-01-01T00:00:00${zone}`,
    },
  },
  LiftLegalHold: {
    summary: 'lifts a legal hold',
    body: holds.LiftLegalHoldBody,
    roles: reviews,
    example: { holdId: 'hold-1', reason: '案件已结' },
  },
  RecordGrowthPost: {
    summary: 'records a growth post',
    body: assessments.RecordGrowthPostBody,
    roles: facts,
    example: { agencyId: 'mcn-007', postId: 'p-1', occurredAt: `2026-01-09T10:00:00${zone}` },
  },
  AllocateSlots: {
    summary: 'allocates the traffic slots of a date',
    body: traffic.AllocateSlotsBody,
    roles: decisions,
    example: { date: '2026-02-11', vertical: 'beauty', month: '2026-01' },
  },
  WaiveSlot: {
    summary: 'gives a slot back',
    body: traffic.WaiveSlotBody,
    roles: submitters,
    example: { date: '2026-02-12', hour: 10, agencyId: 'mcn-007' },
  },
  AssignSlot: {
    summary: 'gives a slot to creators',
    body: traffic.AssignSlotBody,
    roles: filers,
    example: {
      date: '2026-02-11',
      hour: 10,
      agencyId: 'mcn-007',
      creatorIds: ['c-103', 'c-104', 'c-105', 'c-106', 'c-107'],
    },
  },
  ProposeTheme: {
    summary: 'proposes a theme for a month',
    body: traffic.ProposeThemeBody,
    roles: filers,
    example: { proposalId: 't-1', agencyId: 'mcn-007', month: '2026-03', title: '春日好物' },
  },
  SelectTheme: {
    summary: 'selects a proposed theme',
    body: traffic.SelectThemeBody,
    roles: decisions,
    example: { proposalId: 't-1' },
  },
  DeclareBlackout: {
    summary: 'declares a date without slots',
    body: traffic.DeclareBlackoutBody,
    roles: decisions,
    example: { date: '2026-06-18', reason: '大促' },
  },
};
