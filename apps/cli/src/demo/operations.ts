import { hoursLater, instantText, type Moment } from './calendar.js';
import type { Diary } from './diary.js';
import { creatorName } from './texts.js';

/** October 2019 of four agencies: their sessions and sales, and a merchant's complaint. */
export const operationsMonth = '2019-10';
export const operationsVertical = '美妆';

/** An agency's creators, and their sessions in the month. */
interface Cast {
  readonly agencyId: string;
  /** The sessions of 50 minutes of each creator, one an evening; the list is the base. */
  readonly sessions: readonly number[];
  /** Fen of the vertical in each session. */
  readonly fenEach: number;
}

const casts: readonly Cast[] = [
  { agencyId: 'mcn-019', sessions: [21, 20, 20, 20, 20], fenEach: 860_000 },
  { agencyId: 'mcn-023', sessions: [12, 11, 10, 10, 10, 3, 0, 0], fenEach: 90_000 },
  { agencyId: 'mcn-041', sessions: [20, 20, 22, 20, 20, 20], fenEach: 310_000 },
  { agencyId: 'mcn-055', sessions: [22, 20, 20, 20, 20, 20], fenEach: 990_000 },
];

/** Writes the month: a failed assessment with its 40 points, and a complaint that costs a slot. */
export function tellOperations(diary: Diary): void {
  for (const cast of casts) bindAndStream(diary, cast);
  assess(diary);
  complain(diary);
  support(diary);
}

const creatorId = (agencyId: string, number: number): string =>
  `cr-${agencyId.slice(4)}-${String(number)}`;
const two = (number: number): string => String(number).padStart(2, '0');

function bindAndStream(diary: Diary, { agencyId, sessions, fenEach }: Cast): void {
  for (const [index, count] of sessions.entries()) {
    const creator = creatorId(agencyId, index + 1);
    const bound = `2019-09-0${String((index % 5) + 2)} 10:00:00`;
    diary.record(bound, 'officer-lin', 'BindCreator', {
      agencyId,
      creatorId: creator,
      name: creatorName(index),
    });
    if (count > 0)
      diary.record(hoursLater(bound, 1), 'officer-lin', 'GrantExposureRight', {
        creatorId: creator,
      });
    for (let day = 1; day <= count; day += 1) {
      const startedAt: Moment = `${operationsMonth}-${two(day)} ${two(14 + (index % 6))}:30:00`;
      diary.record(hoursLater(startedAt, 2), 'platform', 'RecordSession', {
        sessionId: `zb-${creator.slice(3)}-${two(day)}`,
        creatorId: creator,
        startedAt,
        endedAt: hoursLater(startedAt, 50 / 60),
        contentVertical: operationsVertical,
        sales: [
          { vertical: operationsVertical, amountFen: fenEach + 700 * day },
          { vertical: '日用百货', amountFen: 50_000 },
        ],
        newFollowers: 20 + 3 * day,
        views: 4000 + 100 * day,
      });
    }
  }
}

/** Five of eight are active: too few since March. */
function assess(diary: Diary): void {
  diary.record('2019-11-06 09:30', 'officer-lin', 'ComputeAssessment', {
    month: operationsMonth,
    agencyId: 'mcn-023',
  });
  diary.record('2019-11-08 10:20', 'officer-lin', 'RecordDeduction', {
    deductionId: 'd-023-4',
    agencyId: 'mcn-023',
    points: 40,
    clause: 'operating-metric-missed',
    occurredAt: '2019-10-31 23:59:59',
    notifiedAt: '2019-11-08 10:20',
    basis: { kind: 'assessment', month: operationsMonth },
    notice: {
      caseNo: 'KH-2019-10-023',
      text: '2019年10月绑定达人8人，活跃5人，占比62.5%，低于70%，运营指标不符，扣40分。',
    },
  });
}

/** A merchant complains in the month that decides the slots, and the complaint is upheld. */
function complain(diary: Diary): void {
  const occurredAt: Moment = '2019-10-18 16:40:00';
  diary.record('2019-10-21 11:00', 'officer-zhou', 'FileComplaint', {
    complaintId: 'tp-055-1',
    creatorId: creatorId('mcn-055', 3),
    complainant: { kind: 'merchant', id: 'shop-4471' },
    occurredAt,
    subject: '收取坑位费后未按约定时段讲解商品，拒绝退款。',
    caseNo: 'TS-2019-1021',
  });
  diary.record('2019-11-19 15:00', 'officer-zhou', 'CloseComplaint', {
    complaintId: 'tp-055-1',
    outcome: 'upheld',
    reason: '经核查直播回放，投诉属实。',
  });
  diary.record('2019-11-20 10:30', 'officer-zhou', 'RecordDeduction', {
    deductionId: 'd-055-3',
    agencyId: 'mcn-055',
    points: 3,
    clause: 'creator-violation',
    occurredAt,
    notifiedAt: '2019-11-20 10:30',
    creatorId: creatorId('mcn-055', 3),
    basis: { kind: 'complaint', complaintId: 'tp-055-1' },
    notice: {
      caseNo: 'WG-2019-11-20-055',
      text: '旗下达人未履行与商家的约定，投诉属实，贵机构承担连带责任，扣3分。',
    },
  });
}

function support(diary: Diary): void {
  diary.record('2019-11-11 10:00', 'desk-mcn-019', 'ProposeTheme', {
    proposalId: 'zt-019-1',
    agencyId: 'mcn-019',
    month: '2019-12',
    title: '冬日护肤课',
  });
  diary.record('2019-11-12 09:00', 'officer-he', 'AllocateSlots', {
    date: '2019-11-20',
    vertical: operationsVertical,
    month: operationsMonth,
  });
  diary.record('2019-11-14 11:00', 'desk-mcn-019', 'AssignSlot', {
    date: '2019-11-20',
    hour: 10,
    agencyId: 'mcn-019',
    creatorIds: [1, 2, 3, 4, 5].map((number) => creatorId('mcn-019', number)),
  });
  diary.record('2019-11-25 10:00', 'officer-he', 'SelectTheme', { proposalId: 'zt-019-1' });
}

/** The moment of the allocation; what was known then decided. */
export const allocationInstant = instantText('2019-11-12 09:00');
