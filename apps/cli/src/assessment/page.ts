import type { AssessmentAnswer } from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import {
  assessmentReasonWords,
  count,
  figure,
  named,
  time,
  verdictWords,
} from '../terminal/words.js';

/** A month's assessment: the verdict, its figures, the inactive creators, earlier computations. */
export function assessmentPage(answer: AssessmentAnswer, name: string | undefined): string[] {
  return [
    ...field('Agency', named(answer.agencyId, name)),
    ...field('Month', `${answer.month} 月度考核`),
    ...field('Verdict', verdictText(answer)),
    ...figureFields(answer),
    ...field('Known at', time(answer.knownAt)),
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
  if (verdict === 'not_computed') return `${verdictWords(verdict)} by then`;
  return [verdictWords(verdict), ...reasons.map(assessmentReasonWords)].join(', ');
}

/** The rule in integers, as it is decided: `100 × 7 = 700 < 70 × 11 = 770` (rules §6). */
export function inequality(
  { base, active }: { base: number; active: number },
  rate: number,
): string {
  if (base === 0) return 'undefined, the base is empty';
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
      'Base',
      `${count(base, 'creator')} bound at the end, ${String(exposed)} with the exposure right 浮现权`,
    ),
    ...field(
      'Active',
      `${String(active)} of them with at least ${String(minSessions)} effective sessions`,
    ),
    ...field('Activity', inequality({ base, active }, rate)),
    ...field('Headcount', headcountText(base, headcountMin ?? 0)),
    ...field(
      'Any time',
      `${count(anyTime.base, 'creator')} bound at any time in the month, ` +
        `${String(anyTime.active)} active: ${inequality(anyTime, rate)}`,
    ),
    ...alternativeField(answer),
    ...field(
      'Sessions',
      `${figure(sessions.count)} of the month with this agency, ` +
        `${figure(sessions.effective)} effective${overlapText(sessions.overlapping)}\n` +
        `SHA-256 ${sessions.sha256}`,
    ),
  ];
}

function overlapText(overlapping: number): string {
  return overlapping === 0 ? '' : `, ${figure(overlapping)} of them overlap another session`;
}

function headcountText(base: number, min: number): string {
  return `${String(base)} ${base >= min ? '≥' : '<'} ${String(min)}`;
}

function alternativeField({ alternative, alternativeVersion }: AssessmentAnswer): string[] {
  if (alternative === null) return [];
  const version = alternativeVersion ?? '';
  return field(
    'Otherwise',
    `${verdictWords(alternative)} under ${version}, in force at the end of the month`,
  );
}

function inactiveSection({ inactive, base, current, minSessions }: AssessmentAnswer): string[] {
  const stale =
    current === false
      ? ['The roster or the sessions changed since it was computed: compute the month again.']
      : [];
  if (base === null) return [];
  if (inactive.length === 0) return stale.length === 0 ? [] : ['', ...stale];
  const dead = inactive.filter(({ sessions }) => sessions === 0).length;
  const columns = [
    { title: 'Creator', maxWidth: 40 },
    { title: 'Sessions', align: 'right' },
    { title: 'Effective', align: 'right' },
    { title: 'Exposure right' },
    { title: '' },
  ] as const;
  const rows = inactive.map(({ creatorId, sessions, effectiveSessions, exposed }) => [
    creatorId,
    String(sessions),
    String(effectiveSessions),
    exposed ? 'yes' : 'no',
    sessions === 0 ? 'dead account 僵尸账号' : '',
  ]);
  return [
    ...heading('In the base and not active 未活跃达人'),
    ...table(columns, rows),
    '',
    `${count(inactive.length, 'creator')} under ${String(minSessions)} effective sessions, ` +
      `of which ${count(dead, 'dead account')}`,
    ...stale,
  ];
}

function computationsSection({ computations }: AssessmentAnswer): string[] {
  if (computations.length === 0) return [];
  const columns = [
    { title: 'Computed at' },
    { title: 'Verdict' },
    { title: 'What changed', maxWidth: 50 },
  ];
  const rows = computations.map(({ computedAt, verdict, changed }, index) => [
    time(computedAt),
    verdictWords(verdict),
    index === 0 ? 'the first computation' : changed.length === 0 ? 'nothing' : changed.join(', '),
  ]);
  return [...heading('Computations 测算记录'), ...table(columns, rows)];
}

function restSection({ rulebook, assumptions }: AssessmentAnswer): string[] {
  if (rulebook === null) return [];
  const version = `${rulebook.id} ${rulebook.rulebookVersion}, in force at the start of the month`;
  return [
    ...heading('Rests on'),
    ...field('Rulebook', `${version}\nSHA-256 ${rulebook.sha256}`),
    ...assumptions.flatMap((assumption, index) =>
      field(index === 0 ? 'Assumptions' : '', assumption),
    ),
  ];
}
