import type { DeadlineKind, OutlookAnswer } from '@penalty-ledger/application';
import { assumptionText } from '../rulebook/assumption-text.js';
import type { InBoth } from '@penalty-ledger/application/language';
import {
  sourceInBoth,
  type LedgerSettings,
  type NamedParameter,
  type Prospect,
} from '@penalty-ledger/ledger';
import { inequality } from '../assessment/page.js';
import { said, saidIn } from '../terminal/language.js';
import { field, heading } from '../terminal/layout.js';
import { simulationMark } from '../terminal/simulation-mark.js';
import { table } from '../terminal/table.js';
import {
  assessmentReasonWords,
  count,
  deadline,
  figure,
  listed,
  measureWords,
  named,
  overdueWords,
  prospectWords,
  sectionWords,
  standingWords,
  time,
  verdictWords,
} from '../terminal/words.js';

type Month = OutlookAnswer['assessment'];
type Settings = Pick<LedgerSettings, 'simulation'>;

/** An agency's outlook: the month so far, points, windows and bans, and what they rest on. */
export function outlookPage(
  answer: OutlookAnswer,
  name: string | undefined,
  settings: Settings,
): string[] {
  const { agencyId, asOf, standing, assessment } = answer;
  return [
    ...simulationMark(settings),
    ...field(said('Agency', '机构'), named(agencyId, name)),
    ...field(said('As of now', '截至现在'), time(asOf)),
    ...field(said('Standing', '身份'), standingWords(standing)),
    ...monthSection(assessment),
    ...inactiveSection(assessment),
    ...unbindingSection(assessment),
    ...pointsSection(answer),
    ...windowsSection(answer),
    ...restSection(answer),
  ];
}

function prospectText(prospect: Prospect): string {
  const name = prospectWords(prospect);
  switch (prospect) {
    case 'passing':
      return said(`${name} as it stands`, `按现状${name}`);
    case 'within_reach':
      return said(`${name}: the creators bound now suffice`, `${name}：现有达人开播即可`);
    case 'needs_creators':
      return said(
        `${name}: it can pass only if creators are bound or unbound too`,
        `${name}：仅靠现有达人开播已不够，须绑定或解绑达人`,
      );
    case 'out_of_reach':
      return said(
        `${name}: it cannot pass, whoever streams and is bound or unbound from now on`,
        `${name}：从现在起无论何人开播、绑定或解绑，均不能达标`,
      );
    case 'not_assessed':
      return name;
  }
}

function monthSection(month: Month): string[] {
  const { prospect, verdict, reasons, base, active, rate, missingActive, missingCreators } = month;
  const { headcountMin, minSessions, sessionMinutes, streamBefore, possibleBefore } = month;
  const stands = [verdictWords(verdict), ...reasons.map(assessmentReasonWords)].join(
    said(', ', '，'),
  );
  const missing =
    missingActive === 0
      ? ''
      : said(
          `: lacks ${count(missingActive, 'active creator')}`,
          `：还差 ${figure(missingActive)} 位活跃达人`,
        );
  const lacking =
    missingCreators === 0
      ? ''
      : said(`: lacks ${figure(missingCreators)}`, `：还差 ${figure(missingCreators)} 位`);
  return [
    ...heading(
      said(`Month ${month.month} so far (rules §6)`, `${month.month} 考核进度（规则 §6）`),
    ),
    ...field(said('Prospect', '前景'), prospectText(prospect)),
    ...field(said('As it stands', '按现状'), stands),
    ...field(said('Activity', '活跃率'), `${inequality({ base, active }, rate)}${missing}`),
    ...field(
      said('Headcount', '达人人数'),
      `${base} ${base >= headcountMin ? '≥' : '<'} ${headcountMin}${lacking}`,
    ),
    ...field(
      said('Active with', '活跃条件'),
      said(
        `${count(minSessions, 'session')} of ${count(sessionMinutes, 'minute')} or longer ` +
          'that begin in the month',
        `当月开始、不短于 ${sessionMinutes} 分钟的有效开播不少于 ${minSessions} 场`,
      ),
    ),
    ...instantField(
      said('Stream before', '须早于'),
      streamBefore,
      said('from then on it is too late for the creators bound now', '此后现有达人开播已来不及'),
    ),
    ...(prospect === 'passing' || prospect === 'not_assessed'
      ? []
      : instantField(
          said('Out of reach', '无法达标'),
          possibleBefore,
          said('from then on it cannot pass with any creators', '此后无论何人均不能达标'),
        )),
    ...alternativeField(month),
  ];
}

function instantField(label: string, instant: string | null, then: string): string[] {
  return instant === null
    ? []
    : field(label, said(`${deadline(instant)}: ${then}`, `${deadline(instant)}：${then}`));
}

function alternativeField({ alternative }: Month): string[] {
  if (alternative === null) return [];
  return field(
    said('Otherwise', '另一版本'),
    said(
      `${verdictWords(alternative)} under the version in force at the end of the month`,
      `按月末有效版本：${verdictWords(alternative)}`,
    ),
  );
}

function inactiveSection({ inactive, minSessions }: Month): string[] {
  if (inactive.length === 0) return [];
  const columns = [
    { title: said('Creator', '达人'), maxWidth: 40 },
    { title: said('Effective', '有效开播'), align: 'right' },
    { title: said('Missing', '还差'), align: 'right' },
    { title: said('Begin before', '须早于此时开播') },
    { title: '' },
  ] as const;
  const rows = inactive.map((each) => [
    each.creatorId,
    `${each.effectiveSessions}/${minSessions}`,
    String(each.missing),
    each.startBefore === null
      ? said('never', '整月不足')
      : each.canBeActive
        ? deadline(each.startBefore)
        : said(
            `${deadline(each.startBefore)}, too late`,
            `${deadline(each.startBefore)}，已来不及`,
          ),
    each.dead ? said('dead account', '僵尸账号') : '',
  ]);
  return [
    ...heading(said('Not active yet (rules §6)', '尚未活跃的达人（规则 §6）')),
    ...table(columns, rows),
  ];
}

function unbindingSection({ unbinding, anyTime, base }: Month): string[] {
  const { deadAccounts, one, allDead, passesWithout } = unbinding;
  if (one === null) return [];
  const supposed = ({ base: left, active, verdict }: NonNullable<typeof one>): string =>
    said(
      `${active} active of ${left}, ${verdictWords(verdict)}`,
      `${left} 位中 ${active} 位活跃，${verdictWords(verdict)}`,
    );
  return [
    ...heading(said('What if: unbinding (rules §6)', '假设：解绑（规则 §6）')),
    ...field(said('One of them', '解绑一位'), supposed(one)),
    ...(allDead === null
      ? []
      : field(
          said('Dead accounts', '僵尸账号'),
          said(
            `without all ${deadAccounts}: ${supposed(allDead)}`,
            `解绑全部 ${deadAccounts} 个：${supposed(allDead)}`,
          ),
        )),
    ...field(
      said('To pass', '达标所需'),
      passesWithout === null
        ? said('no unbinding alone suffices', '仅靠解绑不能达标')
        : said(
            `unbinding ${figure(passesWithout)} of ${figure(base)} suffices`,
            `在 ${figure(base)} 位中解绑 ${figure(passesWithout)} 位即可`,
          ),
    ),
    ...field(
      said('Unchanged', '不变'),
      said(
        `${anyTime.active} active of ${anyTime.base} bound at any time in the month`,
        `当月任一时间绑定过的 ${anyTime.base} 位中 ${anyTime.active} 位活跃`,
      ),
    ),
  ];
}

function pointsSection({ thresholds, reset }: OutlookAnswer): string[] {
  const accounts = thresholds.flatMap(({ account, balance, threshold, left }) =>
    field(
      account,
      said(
        `${balance} of ${threshold} points, ${left} left to the threshold (rules §5)`,
        `${balance} 分，清退线 ${threshold} 分，还有 ${left} 分（规则 §5）`,
      ),
    ),
  );
  const cleared = reset.accounts.flatMap(({ account, clears, remains }) =>
    field(
      said('Reset', '年度清零'),
      said(
        `${time(reset.at)} clears ${clears} of ${reset.period} in ${account}, ` +
          `${remains} remain (rules §4)`,
        `${time(reset.at)} 清除 ${reset.period} 年计分账户 ${account} 的 ${clears} 分，` +
          `保留 ${remains} 分（规则 §4）`,
      ),
    ),
  );
  return [...heading(said('Points', '积分')), ...accounts, ...cleared];
}

const windowNames: Readonly<Record<DeadlineKind, InBoth>> = {
  appeal_deduction: { en: 'appeal the deduction', zh: '发起扣分申诉' },
  appeal_expulsion: { en: 'appeal the expulsion', zh: '发起清退申诉' },
  submit_evidence: { en: 'submit evidence', zh: '举证' },
  last_chance: { en: 'last chance to appeal', zh: '最后一次申诉机会' },
  reentry: { en: 'banned until', zh: '禁入期至' },
  decide_appeal: { en: 'decision on the appeal', zh: '申诉裁定' },
  answer_review: { en: 'answer to the human review', zh: '人工判定答复' },
};

function windowsSection({ windows, measures }: OutlookAnswer): string[] {
  if (windows.length === 0 && measures.length === 0) return [];
  const columns = [
    { title: said('Window or ban', '期限或禁入期') },
    { title: said('Of', '对象'), maxWidth: 24 },
    { title: said('Until', '截止') },
    { title: said('Rule', '规则') },
    { title: said('Length', '时长'), maxWidth: 30 },
  ] as const;
  const rows = [
    ...windows.map(({ kind, subjectId, at, overdue, rule, parameters }) => [
      overdueWords(saidIn(windowNames[kind]), overdue),
      subjectId,
      deadline(at),
      sectionWords(rule),
      parameters.length === 0 ? asNoticed() : listed(parameters.map(parameterText)),
    ]),
    ...measures.map(({ kind, measureId, until }) => [
      measureWords(kind),
      measureId,
      until === null ? said('lifted', '解除为止') : deadline(until),
      '',
      // No rule sets the term of a measure.
      asNoticed(),
    ]),
  ];
  return [...heading(said('Windows and bans', '期限与禁入期')), ...table(columns, rows)];
}

const asNoticed = (): string => said('as the notice states', '以通知所载为准');

function parameterText({ name, value, assumed }: NamedParameter): string {
  const text = `${name}=${String(value)}`;
  return assumed ? said(`${text} (assumed)`, `${text}（假设）`) : text;
}

/** The source of each parameter, once. */
function sourceLines(parameters: readonly NamedParameter[]): string[] {
  const lines = parameters.map((parameter) =>
    said(
      `${parameterText(parameter)}: ${saidIn(sourceInBoth(parameter.source))}`,
      `${parameterText(parameter)}：${saidIn(sourceInBoth(parameter.source))}`,
    ),
  );
  return [...new Set(lines)].flatMap((line) => field('', line));
}

function restSection({
  assessment,
  thresholds,
  reset,
  windows,
  rulebook,
  assumptions,
  timeZone,
}: OutlookAnswer): string[] {
  const { id, rulebookVersion } = assessment.rulebook;
  return [
    ...heading(said('Rests on', '依据')),
    ...field(
      said('Month', '考核'),
      said(
        `${id} ${rulebookVersion}, in force at the start of the month`,
        `${id} ${rulebookVersion}，月初有效`,
      ),
    ),
    ...sourceLines(assessment.parameters),
    ...field(
      said('Points', '积分'),
      said(
        `${rulebook.id} ${rulebook.rulebookVersion}, in force now`,
        `${rulebook.id} ${rulebook.rulebookVersion}，现行`,
      ),
    ),
    ...sourceLines([...thresholds, reset, ...windows].flatMap(({ parameters }) => [...parameters])),
    ...field(
      said('Time zone', '时区'),
      said(
        `${timeZone.id}, time-zone data ${timeZone.dataVersion}`,
        `${timeZone.id}，时区数据 ${timeZone.dataVersion}`,
      ),
    ),
    ...assumptions.flatMap((assumption, index) =>
      field(index === 0 ? said('Assumptions', '假设') : '', assumptionText(assumption)),
    ),
  ];
}
