import { assumptionText } from '../rulebook/assumption-text.js';
import type { AssessmentAnswer } from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import {
  assessmentReasonWords,
  count,
  figure,
  listed,
  named,
  time,
  verdictWords,
} from '../terminal/words.js';
import { said } from '../terminal/language.js';

/** A month's assessment: the verdict, its figures, the inactive creators, earlier computations. */
export function assessmentPage(answer: AssessmentAnswer, name: string | undefined): string[] {
  return [
    ...field(said('Agency', '机构'), named(answer.agencyId, name)),
    ...field(said('Month', '月份'), answer.month),
    ...field(said('Verdict', '考核结论'), verdictText(answer)),
    ...figureFields(answer),
    ...field(said('Known at', '已知时点'), time(answer.knownAt)),
    ...inactiveSection(answer),
    ...computationsSection(answer),
    ...restSection(answer),
  ];
}

/** `failed 未达标, too few of its creators were active 活跃率不足` */
export function verdictText({
  verdict,
  reasons,
}: Pick<AssessmentAnswer, 'reasons' | 'verdict'>): string {
  if (verdict === 'not_computed')
    return said(`${verdictWords(verdict)} by then`, `截至该时点${verdictWords(verdict)}`);
  return [verdictWords(verdict), ...reasons.map(assessmentReasonWords)].join(said(', ', '，'));
}

/** The rule in integers, as it is decided: `100 × 7 = 700 < 70 × 11 = 770` (rules §6). */
export function inequality(
  { base, active }: { base: number; active: number },
  rate: number,
): string {
  if (base === 0) return said('undefined, the base is empty', '无法计算，考核基数为空');
  const [left, right] = [100 * active, rate * base];
  const sign = left < right ? '<' : left === right ? '=' : '>';
  const [activeText, baseText] = [`100 × ${String(active)}`, `${String(rate)} × ${String(base)}`];
  return `${activeText} = ${String(left)} ${sign} ${baseText} = ${String(right)}`;
}

function figureFields(answer: AssessmentAnswer): string[] {
  const { base, active, rate, headcountMin, minSessions, exposed, anyTime, sessions } = answer;
  if (base === null || active === null || rate === null || anyTime === null || sessions === null)
    return [];
  return [
    ...field(
      said('Base', '考核基数'),
      said(
        `${count(base, 'creator')} bound at the end, ${String(exposed)} with the exposure right`,
        `月末绑定达人 ${figure(base)} 位，其中 ${String(exposed)} 位有浮现权`,
      ),
    ),
    ...field(
      said('Active', '活跃达人'),
      said(
        `${String(active)} of them with at least ${String(minSessions)} effective sessions`,
        `其中 ${String(active)} 位的有效开播不少于 ${String(minSessions)} 场`,
      ),
    ),
    ...field(said('Activity', '活跃率'), inequality({ base, active }, rate)),
    ...field(said('Headcount', '达人人数'), headcountText(base, headcountMin ?? 0)),
    ...field(
      said('Any time', '当月曾绑定'),
      said(
        `${count(anyTime.base, 'creator')} bound at any time in the month, ` +
          `${String(anyTime.active)} active: ${inequality(anyTime, rate)}`,
        `当月任一时间绑定过的达人 ${figure(anyTime.base)} 位，` +
          `其中活跃 ${String(anyTime.active)} 位：${inequality(anyTime, rate)}`,
      ),
    ),
    ...alternativeField(answer),
    ...field(
      said('Sessions', '直播场次'),
      said(
        `${figure(sessions.count)} of the month with this agency, ` +
          `${figure(sessions.effective)} effective${overlapText(sessions.overlapping)}\n` +
          `SHA-256 ${sessions.sha256}`,
        `当月与本机构的直播场次 ${figure(sessions.count)} 场，` +
          `其中有效 ${figure(sessions.effective)} 场${overlapText(sessions.overlapping)}\n` +
          `SHA-256 ${sessions.sha256}`,
      ),
    ),
  ];
}

function overlapText(overlapping: number): string {
  return overlapping === 0
    ? ''
    : said(
        `, ${figure(overlapping)} of them overlap another session`,
        `，其中 ${figure(overlapping)} 场与其他场次时间重叠`,
      );
}

function headcountText(base: number, min: number): string {
  return `${String(base)} ${base >= min ? '≥' : '<'} ${String(min)}`;
}

function alternativeField({ alternative, alternativeVersion }: AssessmentAnswer): string[] {
  if (alternative === null) return [];
  const version = alternativeVersion ?? '';
  return field(
    said('Otherwise', '另一版规则'),
    said(
      `${verdictWords(alternative)} under ${version}, in force at the end of the month`,
      `按月末施行的 ${version}：${verdictWords(alternative)}`,
    ),
  );
}

function inactiveSection({ inactive, base, current, minSessions }: AssessmentAnswer): string[] {
  const stale =
    current === false
      ? [
          said(
            'The roster or the sessions changed since it was computed: compute the month again.',
            '测算之后绑定关系或直播场次有变化：请重新测算该月。',
          ),
        ]
      : [];
  if (base === null) return [];
  if (inactive.length === 0) return stale.length === 0 ? [] : ['', ...stale];
  const dead = inactive.filter(({ sessions }) => sessions === 0).length;
  const columns = [
    { title: said('Creator', '达人'), maxWidth: 40 },
    { title: said('Sessions', '直播场次'), align: 'right' },
    { title: said('Effective', '有效开播'), align: 'right' },
    { title: said('Exposure right', '浮现权') },
    { title: '' },
  ] as const;
  const rows = inactive.map(({ creatorId, sessions, effectiveSessions, exposed }) => [
    creatorId,
    String(sessions),
    String(effectiveSessions),
    exposed ? said('yes', '是') : said('no', '否'),
    sessions === 0 ? said('dead account', '僵尸账号') : '',
  ]);
  return [
    ...heading(said('In the base and not active', '考核基数中的未活跃达人')),
    ...table(columns, rows),
    '',
    said(
      `${count(inactive.length, 'creator')} under ${String(minSessions)} effective sessions, ` +
        `of which ${count(dead, 'dead account')}`,
      `${figure(inactive.length)} 位达人的有效开播不足 ${String(minSessions)} 场，` +
        `其中 ${figure(dead)} 个为僵尸账号`,
    ),
    ...stale,
  ];
}

function computationsSection({ computations }: AssessmentAnswer): string[] {
  if (computations.length === 0) return [];
  const columns = [
    { title: said('Computed at', '测算时间') },
    { title: said('Verdict', '考核结论') },
    { title: said('What changed', '变化'), maxWidth: 50 },
  ];
  const rows = computations.map(({ computedAt, verdict, changed }, index) => [
    time(computedAt),
    verdictWords(verdict),
    index === 0
      ? said('the first computation', '首次测算')
      : changed.length === 0
        ? said('nothing', '无变化')
        : listed(changed),
  ]);
  return [...heading(said('Computations', '测算记录')), ...table(columns, rows)];
}

function restSection({ rulebook, assumptions }: AssessmentAnswer): string[] {
  if (rulebook === null) return [];
  const version = said(
    `${rulebook.id} ${rulebook.rulebookVersion}, in force at the start of the month`,
    `${rulebook.id} ${rulebook.rulebookVersion}，月初施行`,
  );
  return [
    ...heading(said('Rests on', '依据')),
    ...field(said('Rulebook', '规则'), `${version}\nSHA-256 ${rulebook.sha256}`),
    ...assumptions.flatMap((assumption, index) =>
      field(index === 0 ? said('Assumptions', '假设') : '', assumptionText(assumption)),
    ),
  ];
}
