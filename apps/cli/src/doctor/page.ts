import type { InBoth } from '@penalty-ledger/application/language';
import type { Check, Diagnosis } from './diagnosis.js';
import { said, saidIn } from '../terminal/language.js';
import { field, pad, widthOf } from '../terminal/layout.js';

const labelWidth = 20;

const statuses: Readonly<Record<Diagnosis['status'], InBoth>> = {
  ok: { en: 'ok', zh: '正常' },
  warn: { en: 'warn', zh: '注意' },
  fail: { en: 'fail', zh: '异常' },
};

const checks: Readonly<Record<Exclude<Check, `alarm ${string}`>, InBoth>> = {
  alarms: { en: 'alarms', zh: '警报' },
  calendar: { en: 'calendar', zh: '节假日历' },
  checkpoints: { en: 'checkpoints', zh: '检查点' },
  custody: { en: 'custody', zh: '写入权' },
  disk: { en: 'disk', zh: '磁盘' },
  engine: { en: 'engine', zh: '存储引擎' },
  erased: { en: 'erased', zh: '已删除' },
  events: { en: 'events', zh: '事件' },
  guards: { en: 'guards', zh: '防改触发器' },
  keys: { en: 'keys', zh: '密钥' },
  ledger: { en: 'ledger', zh: '账本' },
  'merkle log': { en: 'merkle log', zh: '默克尔日志' },
  node: { en: 'node', zh: 'Node 版本' },
  'read models': { en: 'read models', zh: '读模型' },
  rebuild: { en: 'rebuild', zh: '重建' },
  'row MACs': { en: 'row MACs', zh: '行校验码' },
  'signing key': { en: 'signing key', zh: '签名密钥' },
  store: { en: 'store', zh: '存储' },
};

function checkWords(check: Check): string {
  return check in checks
    ? saidIn(checks[check as keyof typeof checks])
    : said(check, `警报 ${check.replace(/^alarm /, '')}`);
}

/** `ok    events     12 events, 3 streams; every hash and chain holds`, and a hint under it. */
export function diagnosisLines({ status, check, found, hint }: Diagnosis): string[] {
  const label = `${pad(saidIn(statuses[status]), 5)} ${checkWords(check)}`;
  // An alarm's code is wider than the column, and would touch what was found.
  const isWide = widthOf(label) >= labelWidth;
  return [
    ...(isWide
      ? [label, ...field('', found, { labelWidth })]
      : field(label, found, { labelWidth })),
    ...(hint === undefined ? [] : field('', `→ ${hint}`, { labelWidth })),
  ];
}
