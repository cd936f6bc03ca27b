import type { InBoth } from '@penalty-ledger/application/language';
import type { Verification } from '@penalty-ledger/application/verification';
import type { Binding, PackCheck, PackPart } from '@penalty-ledger/evidence';
import { checkLines, damageLines, resultWords } from '../terminal/check-lines.js';
import { field, pad } from '../terminal/layout.js';
import { simulationMark } from '../terminal/simulation-mark.js';
import { count, figure, listed } from '../terminal/words.js';
import type { Verdict } from './verdict.js';
import { said, saidIn } from '../terminal/language.js';

const labelWidth = 20;

const throughAdapter: InBoth = {
  en:
    'The events were read through the engine’s adapter, which leaves damaged ones out; ' +
    'a SQLite file is read byte by byte.',
  zh: '事件经由引擎的适配器读取，损坏的事件会略去；SQLite 文件则逐字节读取。',
};

/** Each check in a line, then each damage with its place. */
export function verificationLines({
  holds,
  complete,
  events,
  reading,
  checks,
  lateAppends,
  settings,
}: Verification): string[] {
  const damages = checks.flatMap((check) => check.damages);
  return [
    ...simulationMark({ simulation: settings?.simulation }),
    ...checks.flatMap(checkLines),
    ...damages.flatMap(damageLines),
    ...lateAppendLines(lateAppends),
    '',
    ...(reading === 'adapter' ? [saidIn(throughAdapter), ''] : []),
    holds
      ? complete
        ? said(
            `${count(events, 'event')}: the ledger holds.`,
            `${figure(events)} 个事件：账本完好。`,
          )
        : said(
            `${count(events, 'event')}: the ledger holds in all that was checked.`,
            `${figure(events)} 个事件：账本在已检查的各项上完好。`,
          )
      : said(
          `${count(events, 'event')}: THE LEDGER DOES NOT HOLD, ` +
            `${count(damages.length, 'damage')}.`,
          `${figure(events)} 个事件：账本有损坏，共 ${figure(damages.length)} 处。`,
        ),
  ];
}

/** Appends of writers whose term had ended: a breach of the lease, and no damage. */
export function lateAppendLines(late: Verification['lateAppends']): string[] {
  if (late.length === 0) return [];
  return [
    '',
    said(
      `${count(late.length, 'late append')} on the engine, not in the ledger:`,
      `引擎上有 ${figure(late.length)} 次逾期追加，不在账本中：`,
    ),
    ...late.map(({ stream, id, type, position, term, during }) =>
      said(
        `  ${type} ${id}, stream ${stream}, position ${position}: sent in term ${term}, ` +
          `stored in term ${during}`,
        `  ${type} ${id}，事件流 ${stream}，位置 ${position}：发送于第 ${term} 任期，` +
          `存储于第 ${during} 任期`,
      ),
    ),
  ];
}

/** The content of a file and its signers, or the step that failed. */
export function verdictLines({
  kind,
  holds,
  found,
  problem,
  message,
  checks,
  parts = [],
  notChecked = [],
  simulation = false,
}: Verdict): string[] {
  if (checks !== undefined)
    return [
      ...simulationMark({ simulation }),
      ...checks.flatMap(packCheckLines),
      ...bindingLines(parts),
      ...verifiedLines(found),
      ...notCheckedLines(notChecked),
      '',
      verdictOf(holds, notChecked),
    ];
  if (!holds) {
    const what = `${problem ?? ''}: ${message === undefined ? '' : saidIn(message)}`;
    return [
      ...simulationMark({ simulation }),
      ...field(labelOf('fails', kinds[kind]), what, { labelWidth }),
    ];
  }
  return [
    ...simulationMark({ simulation }),
    ...field(labelOf('holds', kinds[kind]), said('holds', '核验通过'), { labelWidth }),
    ...found.flatMap(([label, text]) => field(`      ${label}`, text, { labelWidth })),
  ];
}

const kinds: Readonly<Record<Verdict['kind'], InBoth>> = {
  checkpoint: { en: 'checkpoint', zh: '检查点' },
  'evidence pack': { en: 'evidence pack', zh: '证据包' },
  receipt: { en: 'receipt', zh: '回执' },
};

function labelOf(result: 'fails' | 'holds', kind: InBoth): string {
  return `${pad(resultWords(result), 5)} ${saidIn(kind)}`;
}

/** A step of an evidence pack, in a line. */
function packCheckLines({ step, result, problem, message }: PackCheck): string[] {
  const what = saidIn(message);
  const labelled = `${pad(resultWords(result), 5)} ${step}`;
  if (result === 'fails') return field(labelled, `${problem ?? ''}: ${what}`, { labelWidth });
  const text = result === 'holds' ? what : said(`not checked: ${what}`, `未检查：${what}`);
  return field(labelled, text, { labelWidth });
}

const bindings: Readonly<Record<Binding, InBoth>> = {
  signature: { en: 'the ledger’s signature', zh: '账本签名' },
  proof: { en: 'proofs', zh: '证明' },
  computation: { en: 'computing it anew', zh: '重新计算' },
  event: { en: 'an event', zh: '事件' },
  nothing: { en: 'nothing', zh: '无' },
};

/** The files of a pack by what binds their bytes. */
function bindingLines(parts: readonly PackPart[]): string[] {
  if (parts.length === 0) return [];
  const kindsOf = [...new Set(parts.map(({ boundBy }) => boundBy))];
  return [
    '',
    said('Each byte is bound by', '每个字节由以下方式约束'),
    ...kindsOf.flatMap((kind) =>
      field(
        `      ${saidIn(bindings[kind])}`,
        listed(namesOf(parts.filter(({ boundBy }) => boundBy === kind))),
        { labelWidth: 30 },
      ),
    ),
  ];
}

/** The names of files; those of attachments are hashes, and only their number is told. */
function namesOf(parts: readonly PackPart[]): readonly string[] {
  const names = parts.map(({ name }) => name);
  const others = names.filter((name) => !name.startsWith('attachments/'));
  const attached = names.length - others.length;
  if (attached === 0) return others;
  return [...others, said(count(attached, 'attachment'), `附件 ${figure(attached)} 个`)];
}

/** The facts that a pack was verified for, so that its verdict is taken for no other pack. */
function verifiedLines(found: Verdict['found']): string[] {
  if (found.length === 0) return [];
  return [
    '',
    said('Verified', '所核验的内容'),
    ...found.flatMap(([label, text]) => field(`      ${label}`, text, { labelWidth: 30 })),
  ];
}

function notCheckedLines(notChecked: readonly InBoth[]): string[] {
  if (notChecked.length === 0) return [];
  return [
    '',
    said('Not checked', '未检查'),
    ...notChecked.flatMap((what) => field('  -', saidIn(what), { labelWidth: 4 })),
  ];
}

function verdictOf(holds: boolean, notChecked: readonly InBoth[]): string {
  if (!holds) return said('THE EVIDENCE PACK DOES NOT HOLD.', '证据包核验未通过。');
  return notChecked.length === 0
    ? said('The evidence pack holds.', '证据包核验通过。')
    : said('The evidence pack holds in all that was checked.', '证据包在已检查的各项上核验通过。');
}
