import { endOfMonth, type Moment } from './calendar.js';
import { appealsOfficerOf, evidenceItem, type Diary } from './diary.js';
import { assessmentNotice } from './texts.js';

/** An agency with a story. */
export interface Story {
  readonly admittedAt: Moment;
  tell(diary: Diary): void;
}

/** A failed month: 40 points, or the number that was typed. */
function failMonth(
  diary: Diary,
  deductionId: string,
  at: Moment,
  by: string,
  month: string,
  share: number,
): void {
  const agencyId = agencyOf(deductionId);
  diary.record(at, by, 'RecordDeduction', {
    deductionId,
    agencyId,
    points: 40,
    clause: 'operating-metric-missed',
    occurredAt: endOfMonth(month),
    decidedAt: at.replace(/\d\d:\d\d$/, '09:00'),
    notifiedAt: at,
    basis: { kind: 'assessment', month },
    notice: { caseNo: `KH-${month}-${agencyId.slice(4)}`, text: assessmentNotice(month, share) },
  });
}

interface Misdeed {
  readonly at: Moment;
  readonly points: number;
  readonly text: string;
  readonly occurredAt: Moment;
  readonly by?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A creator's violation, with the other fields of the deduction. */
function violate(
  diary: Diary,
  deductionId: string,
  { at, points, text, occurredAt, by, more }: Misdeed,
): void {
  diary.record(at, by ?? 'officer-zhou', 'RecordDeduction', {
    deductionId,
    agencyId: agencyOf(deductionId),
    points,
    clause: 'creator-violation',
    occurredAt,
    notifiedAt: at,
    notice: { caseNo: `WG-${at.slice(0, 10)}-${deductionId.slice(2)}`, text },
    ...more,
  });
}

/** `d-007-3` and `ap-007-1` belong to `mcn-007`. */
function agencyOf(id: string): string {
  return `mcn-${id.split('-')[1] ?? ''}`;
}

function appeal(diary: Diary, appealId: string, at: Moment, names: object, grounds: string): void {
  const agencyId = agencyOf(appealId);
  const data = { appealId, agencyId, ...names, grounds };
  diary.record(at, appealsOfficerOf(agencyId), 'InitiateAppeal', data);
}

function submit(diary: Diary, appealId: string, at: Moment, titles: readonly string[]): void {
  const items = titles.map((title, index) =>
    evidenceItem(`ev-${appealId.slice(3)}-${String(index + 1)}`, title),
  );
  diary.record(at, appealsOfficerOf(agencyOf(appealId)), 'SubmitEvidence', { appealId, items });
}

function decide(
  diary: Diary,
  appealId: string,
  at: Moment,
  outcome: object,
  reason: string,
  by = 'reviewer-qin',
): void {
  diary.record(at, by, 'DecideAppeal', { appealId, ...outcome, reason });
}

function expel(diary: Diary, agencyId: string, at: Moment): void {
  diary.record(at, 'officer-zhou', 'RecordExpulsion', {
    agencyId,
    reason: '本年度累计扣分达到120分，予以清退。',
  });
}

function observe(diary: Diary, agencyId: string, observedAt: Moment, balance: number): void {
  diary.record(observedAt, appealsOfficerOf(agencyId), 'ObservePlatformBalance', {
    agencyId,
    balance,
    observedAt,
  });
}

/** Reaches 120, fails its last chance, is expelled, and wins: April was counted wrongly. */
const expelledAndRehabilitated: Story = {
  admittedAt: '2018-06-11 10:00:00',
  tell(diary) {
    failMonth(diary, 'd-007-1', '2019-03-08 10:12', 'officer-lin', '2019-02', 54);
    appeal(
      diary,
      'ap-007-1',
      '2019-03-11 15:20',
      { deductionIds: ['d-007-1'] },
      '二月适逢春节，多名达人返乡停播。',
    );
    submit(diary, 'ap-007-1', '2019-03-12 18:05', ['达人请假说明', '二月开播日历']);
    decide(
      diary,
      'ap-007-1',
      '2019-03-15 16:40',
      { outcome: 'rejected' },
      '规则未将春节列为例外，维持原扣分。',
    );
    observe(diary, 'mcn-007', '2019-04-02 11:30', 40);
    failMonth(diary, 'd-007-2', '2019-04-09 10:08', 'officer-lin', '2019-03', 58);
    failMonth(diary, 'd-007-3', '2019-05-09 10:15', 'officer-he', '2019-04', 64);
    const chance = { kind: 'last_chance', deductionIds: ['d-007-2', 'd-007-3'] };
    const midnight = '四月有十一场直播跨零点，平台按下播日期计入次日，三名达人因此少算有效场次。';
    appeal(diary, 'ap-007-2', '2019-05-13 14:30', chance, midnight);
    submit(diary, 'ap-007-2', '2019-05-14 16:40', [
      '四月场次明细导出',
      '跨零点场次回放截图',
      '整改计划书',
    ]);
    decide(
      diary,
      'ap-007-2',
      '2019-05-16 17:20',
      { outcome: 'rejected' },
      '场次以系统统计为准，申诉不成立。',
    );
    expel(diary, 'mcn-007', '2019-05-20 10:00');
    const grounds = '清退所依据的四月考核统计口径有误，请求复核场次归属日期。';
    appeal(diary, 'ap-007-3', '2019-05-23 11:05', { expulsion: true }, grounds);
    submit(diary, 'ap-007-3', '2019-05-25 19:30', [
      '推流日志（含起止时间）',
      '达人绑定关系截图',
      '规则条文比对',
    ]);
    diary.record('2019-06-18 15:10', 'reviewer-tang', 'RecordRevocation', {
      deductionId: 'd-007-3',
      reason: '复核推流日志：跨零点场次应计入开播当日，四月活跃达人占比实为73%，达标，撤销扣分。',
      decidedAt: '2019-06-18 14:00',
    });
    const reason = '清退所依据的扣分已撤销，累计80分，未达清退标准，撤销清退。';
    decide(diary, 'ap-007-3', '2019-06-19 10:30', { outcome: 'upheld' }, reason, 'reviewer-tang');
    observe(diary, 'mcn-007', '2019-07-02 11:00', 80);
    const banter =
      '旗下达人「小满」直播中使用“全网最低价”等绝对化用语，贵机构承担连带责任，扣3分。';
    violate(diary, 'd-007-4', {
      at: '2019-09-17 14:20',
      points: 3,
      occurredAt: '2019-09-15 20:41',
      text: banter,
    });
    const praise = '旗下达人「周周」诱导消费者好评返现，贵机构承担连带责任，扣2分。';
    violate(diary, 'd-007-5', {
      at: '2020-01-09 11:35',
      points: 2,
      occurredAt: '2020-01-07 21:15',
      text: praise,
    });
  },
};

/** Misses the newcomer target, is expelled, applies too early, and returns after 180 days. */
const backAfterTheBan: Story = {
  admittedAt: '2019-01-02 14:00:00',
  tell(diary) {
    diary.record('2019-04-11 10:20', 'officer-lin', 'RecordDeduction', {
      deductionId: 'd-012-1',
      agencyId: 'mcn-012',
      points: 120,
      clause: 'newcomer-target-missed',
      occurredAt: '2019-04-02 23:59:59',
      notifiedAt: '2019-04-11 10:20',
      notice: {
        caseNo: 'XS-2019-012',
        text: '新手期九十日内绑定达人三人，未达考核目标，扣120分。',
      },
    });
    expel(diary, 'mcn-012', '2019-04-22 10:00');
    diary.record('2019-10-15 09:30', 'desk-mcn-012', 'ApplyForReentry', { agencyId: 'mcn-012' });
    diary.record('2019-10-21 09:30', 'desk-mcn-012', 'ApplyForReentry', { agencyId: 'mcn-012' });
    diary.record('2019-10-25 10:00', 'officer-lin', 'RecordReadmission', { agencyId: 'mcn-012' });
    const text = '旗下达人「七月」预告后未按时开播，空播四十分钟，贵机构承担连带责任，扣1分。';
    violate(diary, 'd-012-2', {
      at: '2019-12-03 15:00',
      points: 1,
      occurredAt: '2019-12-01 20:00',
      text,
    });
    observe(diary, 'mcn-012', '2019-12-06 10:30', 1);
  },
};

/** Reaches 125 and uses its last chance: 30 points become 10, and the pending expulsion ends. */
const liftedByTheLastChance: Story = {
  admittedAt: '2018-03-20 10:00:00',
  tell(diary) {
    failMonth(diary, 'd-003-1', '2019-03-11 10:30', 'officer-he', '2019-02', 49);
    failMonth(diary, 'd-003-2', '2019-06-11 10:25', 'officer-he', '2019-05', 66);
    const portrait =
      '旗下达人「橙子」冒用他人肖像制作封面并连续使用九日，情节严重，贵机构承担连带责任，扣30分。';
    violate(diary, 'd-003-3', {
      at: '2019-08-20 16:10',
      points: 30,
      occurredAt: '2019-08-11 12:00',
      text: portrait,
    });
    diary.record('2019-09-10 11:00', 'officer-lin', 'RecordDeduction', {
      deductionId: 'd-003-4',
      agencyId: 'mcn-003',
      points: 15,
      clause: 'improper-operation',
      occurredAt: '2019-09-03 18:00',
      notifiedAt: '2019-09-10 11:00',
      notice: { caseNo: 'YY-2019-0910', text: '贵机构收取达人高额解约保证金，运营不当，扣15分。' },
    });
    const chance = { kind: 'last_chance', deductionIds: ['d-003-3'] };
    appeal(
      diary,
      'ap-003-1',
      '2019-09-12 10:45',
      chance,
      '封面由外包美工制作，机构发现当日即下架并赔偿，量罚过重。',
    );
    submit(diary, 'ap-003-1', '2019-09-13 15:00', ['外包合同', '下架记录', '权利人谅解书']);
    const partly = {
      outcome: 'partly_upheld',
      adjustments: [{ deductionId: 'd-003-3', points: 10 }],
    };
    decide(diary, 'ap-003-1', '2019-09-17 16:00', partly, '已取得谅解，情节减轻，减为10分。');
    observe(diary, 'mcn-003', '2019-10-08 10:20', 105);
  },
};

/** Ends the year at 118, two points short; the reset clears them. December's 40 belong to 2020. */
const savedByTheReset: Story = {
  admittedAt: '2017-11-06 10:00:00',
  tell(diary) {
    failMonth(diary, 'd-019-1', '2019-03-08 11:02', 'officer-lin', '2019-02', 51);
    failMonth(diary, 'd-019-2', '2019-08-09 10:44', 'officer-lin', '2019-07', 62);
    const acts: readonly (readonly [Moment, number, string])[] = [
      ['2019-04-18 14:00', 5, '引导消费者站外交易'],
      ['2019-06-05 15:30', 4, '冒用他人肖像制作直播封面'],
      ['2019-09-24 10:50', 8, '展示未经备案的功效宣称'],
      ['2019-11-14 16:25', 12, '“双十一”期间口播优惠与成交价不一致，涉及商品三十一件'],
      ['2019-12-17 13:15', 9, '商品描述与实物不符，消费者投诉属实'],
    ];
    for (const [index, [at, points, act]] of acts.entries()) {
      const text = `旗下达人${act}，贵机构承担连带责任，扣${String(points)}分。`;
      violate(diary, `d-019-${String(index + 3)}`, {
        at,
        points,
        occurredAt: `${at.slice(0, 8)}03 20:30`,
        text,
      });
    }
    observe(diary, 'mcn-019', '2019-12-31 17:30', 118);
    observe(diary, 'mcn-019', '2020-01-02 09:30', 0);
    failMonth(diary, 'd-019-8', '2020-01-09 10:40', 'officer-lin', '2019-12', 57);
  },
};

/** A notice that came a month late, a typing error, and the same notice sent twice. */
const lateAndMistyped: Story = {
  admittedAt: '2018-01-15 10:00:00',
  tell(diary) {
    const flaw = '旗下达人「老梁」商品描述与实物不符，消费者投诉属实，贵机构承担连带责任，扣3分。';
    violate(diary, 'd-023-1', {
      at: '2019-05-07 11:20',
      points: 30,
      occurredAt: '2019-05-04 21:00',
      text: flaw,
    });
    diary.record('2019-05-07 11:42', 'officer-zhou', 'CorrectDeduction', {
      deductionId: 'd-023-1',
      points: 3,
      reason: '录入错误：通知为3分，误录为30分。',
    });
    observe(diary, 'mcn-023', '2019-06-20 10:00', 15);
    const late = '贵机构五月对商家投诉逾期未答复，运营不当，扣12分。';
    violate(diary, 'd-023-2', {
      at: '2019-06-24 09:40',
      points: 12,
      occurredAt: '2019-05-20 18:00',
      text: late,
      more: {
        clause: 'improper-operation',
        effectiveAt: '2019-05-28 00:00',
        notifiedAt: '2019-06-21 16:00',
      },
    });
    violate(diary, 'd-023-3', {
      at: '2019-07-04 09:15',
      points: 3,
      occurredAt: '2019-05-04 21:00',
      text: flaw,
      more: { notice: { caseNo: 'WG-2019-07-04-023-RE', text: flaw } },
    });
    diary.record('2019-07-05 10:30', 'reviewer-qin', 'RecordRevocation', {
      deductionId: 'd-023-3',
      reason: '与此前通知为同一事实，重复发送，撤销。',
    });
  },
};

/** Expelled in November within its last chance; the ban runs through the reset. */
const bannedThroughTheReset: Story = {
  admittedAt: '2018-05-08 10:00:00',
  tell(diary) {
    failMonth(diary, 'd-028-1', '2019-04-10 10:00', 'officer-he', '2019-03', 44);
    failMonth(diary, 'd-028-2', '2019-07-10 10:10', 'officer-he', '2019-06', 39);
    failMonth(diary, 'd-028-3', '2019-11-08 10:20', 'officer-he', '2019-10', 41);
    expel(diary, 'mcn-028', '2019-11-12 10:00');
    diary.record('2020-01-06 09:30', 'desk-mcn-028', 'ApplyForReentry', { agencyId: 'mcn-028' });
  },
};

/** Leaves by itself; a later deduction is refused. */
const leaves: Story = {
  admittedAt: '2018-07-02 10:00:00',
  tell(diary) {
    failMonth(diary, 'd-034-1', '2019-06-10 10:30', 'officer-lin', '2019-05', 55);
    diary.record('2019-08-30 17:00', 'officer-lin', 'RecordExit', {
      agencyId: 'mcn-034',
      reason: '机构主动申请退出。',
    });
    const text = '旗下达人诱导消费者好评返现，扣3分。';
    violate(diary, 'd-034-2', {
      at: '2019-10-14 10:00',
      points: 3,
      occurredAt: '2019-10-12 20:00',
      text,
    });
  },
};

/** Appeals that fail: too late, withdrawn, evidence after 72 hours, decided by the same officer. */
const unluckyAppeals: Story = {
  admittedAt: '2018-02-26 10:00:00',
  tell(diary) {
    const music = '旗下达人「可可」未获授权播放背景音乐，贵机构承担连带责任，扣1分。';
    violate(diary, 'd-041-1', {
      at: '2019-02-18 10:00',
      points: 1,
      occurredAt: '2019-02-15 20:00',
      text: music,
    });
    appeal(
      diary,
      'ap-041-1',
      '2019-02-27 10:00',
      { deductionIds: ['d-041-1'] },
      '音乐为平台曲库提供。',
    );
    const lure = '旗下达人「大力」引导消费者站外交易，贵机构承担连带责任，扣5分。';
    violate(diary, 'd-041-2', {
      at: '2019-04-16 10:00',
      points: 5,
      occurredAt: '2019-04-14 22:10',
      text: lure,
    });
    appeal(
      diary,
      'ap-041-2',
      '2019-04-17 10:00',
      { deductionIds: ['d-041-2'] },
      '联系方式为商家售后电话。',
    );
    diary.record('2019-04-18 09:30', 'desk-mcn-041', 'WithdrawAppeal', {
      appealId: 'ap-041-2',
      reason: '证据不足。',
    });
    const advert = '旗下达人「安安」推广内容未显著标明“广告”，贵机构承担连带责任，扣2分。';
    violate(diary, 'd-041-3', {
      at: '2019-07-23 10:00',
      points: 2,
      occurredAt: '2019-07-21 19:00',
      text: advert,
    });
    appeal(
      diary,
      'ap-041-3',
      '2019-07-24 11:00',
      { deductionIds: ['d-041-3'] },
      '画面左上角有“广告”字样。',
    );
    submit(diary, 'ap-041-3', '2019-07-27 11:00', ['直播画面截图']);
    const bait = '旗下达人「北北」口播优惠与实际成交价不一致，贵机构承担连带责任，扣2分。';
    violate(diary, 'd-041-4', {
      at: '2019-10-22 10:00',
      points: 2,
      occurredAt: '2019-10-20 20:30',
      text: bait,
    });
    appeal(
      diary,
      'ap-041-4',
      '2019-10-23 09:50',
      { deductionIds: ['d-041-4'] },
      '价格系商家临时调整。',
    );
    submit(diary, 'ap-041-4', '2019-10-24 15:00', ['商家改价记录']);
    decide(
      diary,
      'ap-041-4',
      '2019-10-28 10:00',
      { outcome: 'rejected' },
      '达人未及时更正。',
      'officer-zhou',
    );
  },
};

/** A notice of January for December: 2019 would have reached 121. It only causes a finding. */
const foundAfterwards: Story = {
  admittedAt: '2017-09-04 10:00:00',
  tell(diary) {
    failMonth(diary, 'd-047-1', '2019-05-10 10:00', 'officer-lin', '2019-04', 60);
    failMonth(diary, 'd-047-2', '2019-10-11 10:00', 'officer-lin', '2019-09', 63);
    // Sending it again changes nothing; under another id it is refused.
    diary.again('2019-10-11 10:25');
    failMonth(diary, 'd-047-9', '2019-10-14 10:00', 'officer-he', '2019-09', 63);
    const sale = '旗下达人「十一」直播间销售假冒商品，贵机构承担连带责任，扣36分。';
    violate(diary, 'd-047-3', {
      at: '2019-11-26 15:00',
      points: 36,
      occurredAt: '2019-11-11 23:10',
      text: sale,
    });
    const gift = '旗下达人「丸子」抽奖未兑现，贵机构承担连带责任，扣5分。';
    violate(diary, 'd-047-4', {
      at: '2020-01-08 10:00',
      points: 5,
      occurredAt: '2019-12-24 21:00',
      text: gift,
      more: { effectiveAt: '2019-12-28 00:00', notifiedAt: '2020-01-07 16:00' },
    });
  },
};

/** Stands at 120 when the demo ends, with its last chance open and its evidence submitted. */
const lastChanceRunning: Story = {
  admittedAt: '2019-10-08 10:00:00',
  tell(diary) {
    diary.record('2020-01-15 10:15', 'officer-he', 'RecordDeduction', {
      deductionId: 'd-052-1',
      agencyId: 'mcn-052',
      points: 120,
      clause: 'newcomer-target-missed',
      occurredAt: '2020-01-06 23:59:59',
      notifiedAt: '2020-01-15 10:15',
      notice: {
        caseNo: 'XS-2020-052',
        text: '新手期九十日内有效开播不足，未达考核目标，扣120分。',
      },
    });
    const chance = { kind: 'last_chance', deductionIds: ['d-052-1'] };
    appeal(
      diary,
      'ap-052-1',
      '2020-01-16 09:40',
      chance,
      '两名主力达人于新手期内转绑，平台处理延误二十六日。',
    );
    submit(diary, 'ap-052-1', '2020-01-17 17:55', ['转绑申请工单', '开播记录', '平台客服聊天记录']);
  },
};

/** Notified in June of points from July on, and in January of points from February on. */
const scheduledPoints: Story = {
  admittedAt: '2018-08-13 10:00:00',
  tell(diary) {
    const june = '贵机构达人培训不合格率连续两季超标，自7月1日起扣10分。';
    violate(diary, 'd-055-1', {
      at: '2019-06-24 10:00',
      points: 10,
      occurredAt: '2019-06-20 18:00',
      text: june,
      more: { clause: 'improper-operation', effectiveAt: '2019-07-01 00:00' },
    });
    observe(diary, 'mcn-055', '2019-06-28 10:00', 0);
    observe(diary, 'mcn-055', '2019-07-02 10:00', 10);
    const january = '贵机构未按期提交年度合规报告，自2月1日起扣6分。';
    violate(diary, 'd-055-2', {
      at: '2020-01-16 10:00',
      points: 6,
      occurredAt: '2020-01-15 18:00',
      text: january,
      more: { clause: 'improper-operation', effectiveAt: '2020-02-01 00:00' },
    });
  },
};

/** The agencies with a story, by their ids. */
export const stories: Readonly<Record<string, Story>> = {
  'mcn-003': liftedByTheLastChance,
  'mcn-007': expelledAndRehabilitated,
  'mcn-012': backAfterTheBan,
  'mcn-019': savedByTheReset,
  'mcn-023': lateAndMistyped,
  'mcn-028': bannedThroughTheReset,
  'mcn-034': leaves,
  'mcn-041': unluckyAppeals,
  'mcn-047': foundAfterwards,
  'mcn-052': lastChanceRunning,
  'mcn-055': scheduledPoints,
};
