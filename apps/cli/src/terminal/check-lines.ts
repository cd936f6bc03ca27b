import type { InBoth } from '@penalty-ledger/application/language';
import type { CheckResult, Damage } from '@penalty-ledger/application/verification';
import { said, saidIn } from './language.js';
import { field, pad } from './layout.js';
import { count, figure } from './words.js';

/** The checks as people read them; some names alone say too little. */
const checks: Readonly<Record<CheckResult['check'], InBoth>> = {
  files: { en: 'files', zh: '文件' },
  guards: { en: 'guards', zh: '防改触发器' },
  events: { en: 'events', zh: '事件' },
  'row MACs': { en: 'row MACs', zh: '行校验码' },
  form: { en: 'form', zh: '格式' },
  'leaf hashes': { en: 'leaf hashes', zh: '叶哈希' },
  streams: { en: 'streams', zh: '事件流' },
  ids: { en: 'ids', zh: '编号' },
  times: { en: 'times', zh: '时间' },
  tree: { en: 'tree', zh: '默克尔树' },
  checkpoints: { en: 'checkpoints', zh: '检查点' },
  keys: { en: 'keys', zh: '密钥' },
  outside: { en: 'kept elsewhere', zh: '另存凭据' },
  rulebooks: { en: 'rulebooks', zh: '规则' },
  decisions: { en: 'decided again', zh: '重新判定' },
  'read models': { en: 'read models', zh: '读模型' },
  'access log': { en: 'access log', zh: '访问日志' },
};
const checkWidth = 22;

/** A check, and what it looked at. */
export function checkLines({
  check,
  count: looked,
  unit,
  damages,
  notMade,
}: CheckResult): string[] {
  const found = [
    notMade === undefined
      ? countedUnit(looked, unit)
      : said(`not checked: ${saidIn(notMade)}`, `未检查：${saidIn(notMade)}`),
    ...(damages.length > 0 ? [damageCount(damages.length)] : []),
  ];
  const result = damages.length > 0 ? 'fails' : notMade === undefined ? 'holds' : 'unchecked';
  const label = `${pad(resultWords(result), 5)} ${saidIn(checks[check])}`;
  return field(label, found.join(said(', ', '，')), { labelWidth: checkWidth });
}

/** The result of a check in one word. */
export function resultWords(result: 'fails' | 'holds' | 'unchecked'): string {
  switch (result) {
    case 'holds':
      return said('ok', '通过');
    case 'fails':
      return said('FAIL', '不符');
    case 'unchecked':
      return said('no', '未查');
  }
}

/** `1 damage`, `2 damages`. */
export function damageCount(damages: number): string {
  return said(count(damages, 'damage'), `${figure(damages)} 处损坏`);
}

/** `1 tile`, `12 tiles`. */
function countedUnit(number: number, unit: CheckResult['unit']): string {
  switch (unit) {
    case 'commands on agencies':
      return said(
        count(number, 'command on agencies', 'commands on agencies'),
        `${figure(number)} 条机构指令`,
      );
    case 'entries':
      return said(count(number, 'entry', 'entries'), `${figure(number)} 条记录`);
    case 'events':
      return said(count(number, 'event'), `${figure(number)} 个事件`);
    case 'events that name one':
      return said(
        count(number, 'event that names one', 'events that name one'),
        `${figure(number)} 个引用规则的事件`,
      );
    case 'files':
      return said(count(number, 'file'), `${figure(number)} 个文件`);
    case 'kept':
      return said(`${figure(number)} kept`, `已保存 ${figure(number)} 个`);
    case 'read models':
      return said(count(number, 'read model'), `${figure(number)} 个读模型`);
    case 'streams':
      return said(count(number, 'stream'), `${figure(number)} 个事件流`);
    case 'subjects':
      return said(count(number, 'subject'), `${figure(number)} 个主体`);
    case 'tiles':
      return said(count(number, 'tile'), `${figure(number)} 个树块`);
    case 'triggers':
      return said(count(number, 'trigger'), `${figure(number)} 个触发器`);
  }
}

/** A damage, and its place if it has one. */
export function damageLines({ check, stream, revision, position, problem }: Damage): string[] {
  const place = [
    ...(stream === undefined ? [] : [said(`stream ${stream}`, `事件流 ${stream}`)]),
    ...(revision === undefined
      ? []
      : [said(`revision ${String(revision)}`, `流内序号 ${String(revision)}`)]),
    ...(position === undefined
      ? []
      : [said(`position ${String(position)}`, `全局位置 ${String(position)}`)]),
  ];
  // A problem without a place in the ledger names the thing itself.
  const what = saidIn(problem);
  const [first = what, ...rest] = place.length === 0 ? [] : [place.join(said(', ', '，')), what];
  return [
    '',
    ...field(saidIn(checks[check]), first, { labelWidth: checkWidth }),
    ...rest.flatMap((text) => field('', text, { labelWidth: checkWidth })),
  ];
}
