import type { InBoth } from '@penalty-ledger/application/language';
import type { Rulebook } from '@penalty-ledger/ledger';
import { count, figure } from '../terminal/words.js';
import { said, saidIn } from '../terminal/language.js';

type Parameters = Rulebook['parameters'];

const attributions: Readonly<Record<Parameters['attribution']['value'], InBoth>> = {
  effectiveAt: {
    en: 'a deduction belongs to the year in which it takes effect',
    zh: '扣分归属其生效的年度',
  },
  occurredAt: {
    en: 'a deduction belongs to the year in which the violation happened',
    zh: '扣分归属违规发生的年度',
  },
  assessmentMonthEnd: {
    en: 'a deduction for a month belongs to the year in which that month ends',
    zh: '按月的扣分归属该月结束的年度',
  },
};

/** The meaning of each parameter's value, as a sentence without capital and period. */
export const parameterWords: {
  readonly [Name in keyof Parameters]: (value: Parameters[Name]['value']) => string;
} = {
  attribution: (value) =>
    said(
      `${saidIn(attributions[value])}, unless its notice names one`,
      `${saidIn(attributions[value])}，通知另有写明的除外`,
    ),
  minPoints: (value) =>
    said(`a deduction has at least ${count(value, 'point')}`, `一次扣分不少于 ${figure(value)} 分`),
  maxPoints: (value) =>
    said(`a deduction has ${count(value, 'point')} or fewer`, `一次扣分不超过 ${figure(value)} 分`),
  lastChanceDays: (value) =>
    said(
      `a pending expulsion leaves ${count(value, 'natural day')} for the last chance`,
      `待清退期间有 ${figure(value)} 个自然日可作最后一次申诉`,
    ),
  appealInitiateDays: (value) =>
    said(
      `an appeal is possible for ${count(value, 'natural day')}`,
      `可在 ${figure(value)} 个自然日内发起申诉`,
    ),
  appealEvidenceHours: (value) =>
    said(
      `evidence is due within ${count(value, 'hour')} of the appeal's initiation`,
      `须在发起申诉后 ${figure(value)} 小时内举证`,
    ),
  appealDecideWorkingDays: (value) =>
    said(
      `a decision is due within ${count(value, 'working day')} of the evidence`,
      `须在举证后 ${figure(value)} 个工作日内裁定`,
    ),
  banDays: (value) =>
    said(
      `an expelled agency stays out for ${count(value, 'day')}`,
      `被清退的机构在 ${figure(value)} 天内不得重新入驻`,
    ),
  banCount: (value) =>
    value === 'natural_days'
      ? said(
          'these days are natural days: the day of expulsion is not counted',
          '按自然日计算：清退当日不计',
        )
      : said(
          'these days are 24 hours each, from the instant of expulsion',
          '按每天 24 小时计算，自清退时刻起',
        ),
  activityRate: (value) =>
    said(
      `a month needs ${String(value)}% active creators`,
      `一个月的活跃达人占比不低于 ${String(value)}%`,
    ),
  activityMinEffectiveSessions: (value) =>
    said(
      `a creator is active with ${count(value, 'effective session')} in the month`,
      `达人当月有效开播不少于 ${figure(value)} 场为活跃`,
    ),
  effectiveSessionMinutes: (value) =>
    said(
      `a session is effective from ${count(value, 'minute')} on`,
      `直播时长不少于 ${figure(value)} 分钟为有效开播`,
    ),
  headcountMin: (value) =>
    said(
      `a month needs ${count(value, 'bound creator')}`,
      `一个月绑定达人不少于 ${figure(value)} 位`,
    ),
  newcomerDays: (value) =>
    said(
      `the first ${count(value, 'day')} of an admission are not assessed`,
      `入驻后的前 ${figure(value)} 天不考核`,
    ),
};
