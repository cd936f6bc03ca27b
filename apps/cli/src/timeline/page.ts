import type { InBoth } from '@penalty-ledger/application/language';
import type { Act, Timeline } from '@penalty-ledger/application';
import { sameInBoth, type LedgerZone } from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { said, saidIn } from '../terminal/language.js';
import { table } from '../terminal/table.js';
import { count, inClear, listed, named, time } from '../terminal/words.js';
import { actTerms } from './act-terms.js';

/** An agency's acts, each with when it took effect and when it was recorded. */
export function timelinePage(
  { agencyId, effectiveAt, knownAt, balance, acts }: Timeline,
  name: string | undefined,
  zone: Pick<LedgerZone, 'format' | 'id'>,
): string[] {
  const columns = [
    { title: said('In effect from', '生效') },
    { title: said('Recorded', '记录') },
    { title: said('Act', '行为'), maxWidth: 44 },
    { title: said('By', '操作人'), maxWidth: 20 },
  ];
  const rows = acts.map((act) => [
    time(act.at),
    time(zone.format(act.recordedAt)),
    [actText(act), ...textLines(act)].join('\n'),
    act.actor,
  ]);
  return [
    ...field(said('Agency', '机构'), named(agencyId, name)),
    ...field(said('Effective at', '生效时点'), time(effectiveAt)),
    ...field(said('Known at', '已知时点'), time(knownAt)),
    ...field(said('Balance', '累计扣分'), said(count(balance, 'point'), `${balance} 分`)),
    ...heading(said('Acts', '行为')),
    ...table(columns, rows),
    '',
    said(`Times are in ${zone.id}.`, `时间均为 ${zone.id} 时区。`),
  ];
}

/** Members of an act's data that say what it is about. */
const ids = [
  'deductionId',
  'appealId',
  'complaintId',
  'measureId',
  'reviewId',
  'additionId',
  'postId',
  'month',
] as const;

function actText({ type, data }: Act): string {
  const term = Object.hasOwn(actTerms, type)
    ? saidIn(actTerms[type as keyof typeof actTerms])
    : type;
  const values = data as Readonly<Record<string, unknown>>;
  const about = ids.map((name) => values[name]).filter((id) => typeof id === 'string');
  const { points } = values;
  const worth =
    typeof points === 'number' ? said(`, ${count(points, 'point')}`, `，${String(points)} 分`) : '';
  return [term, about[0]].filter(Boolean).join(' ') + worth;
}

const labels: Readonly<Record<string, InBoth>> = {
  name: { en: 'name', zh: '名称' },
  caseNo: { en: 'case', zh: '案号' },
  noticeText: { en: 'notice', zh: '处罚通知' },
  facts: { en: 'facts', zh: '事实' },
  reason: { en: 'reason', zh: '理由' },
  basis: { en: 'legal basis', zh: '法律依据' },
  remedy: { en: 'remedy', zh: '救济途径' },
  grounds: { en: 'grounds', zh: '申诉理由' },
  subject: { en: 'subject', zh: '事由' },
  titles: { en: 'titles', zh: '标题' },
};

/** The texts of an act, a line for each; one line says that they are withheld. */
function textLines({ texts }: Act): readonly string[] {
  if (texts === undefined) return [];
  if ('withheld' in texts) return [inClear(texts)];
  const { statement, ...others } = texts;
  return Object.entries({ ...others, ...statement }).map(([name, value]) => {
    const label = saidIn(labels[name] ?? sameInBoth(name));
    const text = typeof value === 'string' ? inClear(value) : listed(value);
    return said(`${label}: ${text}`, `${label}：${text}`);
  });
}
