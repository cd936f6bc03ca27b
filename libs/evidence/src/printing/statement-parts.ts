import type { LedgerZone } from '@penalty-ledger/ledger';
import type { PackBalance } from '../computation.js';
import type { Sheet } from './sheet.js';
import { printTable } from './table.js';
import type { Span, Text } from './text-lines.js';
import { both, joined, localTime, word } from './wording.js';
import type { PrintedStatement } from '../statement-printer.js';

/** The statement's subject, and both answers. */
export function printAnswers(sheet: Sheet, statement: PrintedStatement, zone: LedgerZone): void {
  const { agencyId, now, period, then, zone: zoneId } = statement.computation;
  sheet.paragraph([{ text: '机构扣分证据声明', heavy: true }], { size: 19, gap: 0 });
  sheet.paragraph({ text: 'Statement of penalty points', tone: 'soft' }, { size: 12, gap: 6 });
  sheet.paragraph(
    joined([
      [...both('机构', 'agency'), { text: ` ${agencyId}`, heavy: true }],
      both(`${period} 年度`, `points of ${period}`),
      [...both('所问时点', 'as it stood at'), { text: ` ${localTime(now.effectiveAt, zone)}` }],
    ]),
  );
  sheet.paragraph(
    [
      ...both('本文所有时刻均为时区', 'all times are in the time zone'),
      { text: ` ${zoneId}` },
      ...(statement.redacted.length === 0
        ? []
        : [
            { text: ' · ', tone: 'soft' as const },
            ...both('投诉人信息已略去', 'what concerns a complainant is left out'),
          ]),
    ],
    { gap: 8 },
  );
  const gap = 12;
  const width = (sheet.width - gap) / 2;
  sheet.need(92);
  printFigure(
    sheet,
    sheet.left,
    width,
    both('按当时所知', 'as known then'),
    then,
    statement.knownAt,
    zone,
  );
  printFigure(
    sheet,
    sheet.left + width + gap,
    width,
    both('按现在所知', 'as known now'),
    now,
    now.knownAt,
    zone,
  );
  sheet.y += 90;
  printStanding(sheet, now, zone);
}

function printFigure(
  sheet: Sheet,
  x: number,
  width: number,
  title: Text,
  balance: PackBalance | null,
  knownAt: string,
  zone: LedgerZone,
): void {
  const y = sheet.y;
  sheet.pen.frame(x, y, width, 82, 'line');
  sheet.label(title, x + 10, y + 6, 9);
  if (balance === null) {
    const none = both('当时账本尚无该机构的记录', 'the ledger knew nothing of the agency');
    for (const [at, line] of sheet.linesOf(none, width - 20, 9).entries())
      sheet.line(line, x + 10, y + 28 + at * 14, 9);
  } else {
    const points: Span = { text: String(balance.balance), tone: 'points', heavy: true };
    const at = x + 16 + sheet.label(points, x + 10, y + 19, 25);
    sheet.label(
      [{ text: `分 points / ${balance.threshold} ` }, { text: '清退线 threshold', tone: 'soft' }],
      at,
      y + 37,
      9,
    );
    sheet.label(word(balance.standing), x + 10, y + 54, 8.5);
  }
  const known: Text = [
    { text: `截至 with what was recorded by ${localTime(knownAt, zone)}`, tone: 'soft' },
  ];
  sheet.label(known, x + 10, y + 66, 7.5);
}

/** A pending expulsion or an expulsion as known now. */
function printStanding(
  sheet: Sheet,
  { contested, expulsion, ifUpheld, nodesReached, pending }: PackBalance,
  zone: LedgerZone,
): void {
  if (contested > 0)
    sheet.paragraph([
      ...both('申诉中', 'contested'),
      { text: ` ${contested}` },
      ...both('，若申诉成立', 'if upheld'),
      { text: ` ${ifUpheld}` },
    ]);
  if (nodesReached.length > 0)
    sheet.paragraph([
      ...both('已达处罚节点', 'nodes reached'),
      { text: ` ${nodesReached.join(', ')}` },
    ]);
  if (pending !== null)
    sheet.paragraph([
      ...both('待清退自', 'expulsion pending from'),
      { text: ` ${localTime(pending.openedAt, zone)}` },
      ...both('，最后一次申诉截止', 'last chance to appeal before'),
      { text: ` ${localTime(pending.closesAt, zone)}` },
    ]);
  if (expulsion !== null)
    sheet.paragraph([
      ...both('清退自', 'expelled from'),
      { text: ` ${localTime(expulsion.effectiveAt, zone)}` },
      ...both('，可再入驻自', 're-entry from'),
      { text: ` ${localTime(expulsion.reentryFrom, zone)}` },
      { text: ' · ', tone: 'soft' },
      ...(expulsion.supported
        ? both('积分仍支持该清退', 'its points still support it')
        : both('现有积分已不支持该清退', 'its points no longer support it')),
    ]);
}

/** The appeal the statement is for, if it is for one. */
export function printAppeal(
  sheet: Sheet,
  { computation, files }: PrintedStatement,
  zone: LedgerZone,
): void {
  const { appeal } = computation;
  if (appeal === undefined) return;
  const {
    appealId,
    deductionIds,
    decidedAt,
    evidenceBy,
    evidenceSubmittedAt,
    initiateBy,
    initiatedAt,
    recordedAt,
  } = appeal;
  const at = (zh: string, en: string, instant: string): Span[] => [
    ...both(zh, en),
    { text: ` ${localTime(instant, zone)}` },
  ];
  sheet.heading([...both('申诉', 'Appeal'), { text: ` ${appealId}` }]);
  sheet.paragraph(
    joined([
      word(appeal.kind),
      [
        ...both('针对', 'against'),
        ...(deductionIds.length === 0 ? both(' 清退', 'the expulsion') : []),
      ].concat(deductionIds.length === 0 ? [] : [{ text: ` ${deductionIds.join(', ')}` }]),
    ]),
  );
  sheet.paragraph(
    joined([
      at('提起', 'initiated', initiatedAt),
      at('截止', 'to be initiated before', initiateBy),
      ...(initiatedAt === recordedAt ? [] : [at('录入账本', 'recorded in the ledger', recordedAt)]),
    ]),
  );
  sheet.paragraph(
    joined([
      at('举证截止', 'evidence before', evidenceBy),
      ...(evidenceSubmittedAt === undefined
        ? []
        : [at('已举证', 'submitted', evidenceSubmittedAt)]),
      ...(decidedAt === undefined ? [] : [at('裁定', 'decided', decidedAt)]),
    ]),
  );
  sheet.paragraph(
    joined([
      [...both('当时状态', 'state then'), { text: ' ' }, ...word(appeal.then ?? 'not_yet_known')],
      [...both('现在状态', 'state now'), { text: ' ' }, ...word(appeal.now ?? 'not_yet_known')],
    ]),
  );
  const submitted = files.filter(({ about }) => about.kind === 'appeal' && about.id === appealId);
  if (submitted.length > 0)
    sheet.paragraph([
      ...both('提交的证据', 'evidence submitted'),
      { text: ` ${submitted.map(({ evidenceId }) => evidenceId).join(', ')}` },
    ]);
}

/** Every event that points or standing can change with. */
export function printTimelineTable(
  sheet: Sheet,
  { computation }: PrintedStatement,
  zone: LedgerZone,
): void {
  printTable(
    sheet,
    [
      { head: both('记录', 'recorded'), share: 25 },
      { head: both('事件', 'event'), share: 32 },
      { head: both('编号', 'id'), share: 18 },
      { head: both('积分', 'points'), share: 13, align: 'right' },
      { head: both('状态', 'standing'), share: 26 },
    ],
    computation.timeline.map(({ about, balance, recordedAt, revision, standing, type }) => [
      [{ text: localTime(recordedAt, zone) }, { text: ` #${revision}`, tone: 'soft' }],
      word(type),
      about === undefined ? '' : 'deductionId' in about ? about.deductionId : about.appealId,
      String(balance),
      word(standing),
    ]),
  );
}

/** Every deduction with what it counted then and counts now. */
export function printCounts(
  sheet: Sheet,
  { computation }: PrintedStatement,
  zone: LedgerZone,
): void {
  const { deductions, now, then } = computation;
  const counts = (balance: PackBalance | null, id: string): Text => {
    const line = balance?.lines.find(({ deductionId }) => deductionId === id);
    if (line !== undefined) return String(line.counts);
    return word(
      balance?.notCounted.find(({ deductionId }) => deductionId === id)?.reason ?? 'not_yet_known',
    );
  };
  const carried = [then?.carriedOver ?? 0, now.carriedOver];
  printTable(
    sheet,
    [
      { head: both('扣分', 'deduction'), share: 26 },
      { head: both('生效', 'in effect from'), share: 24 },
      { head: both('分值', 'points'), share: 13, align: 'right' },
      { head: both('按当时所知', 'known then'), share: 20, align: 'right' },
      { head: both('按现在所知', 'known now'), share: 20, align: 'right' },
    ],
    [
      ...(carried.some((points) => points > 0)
        ? [[both('上年结转', 'carried over'), '', '', ...carried.map(String)]]
        : []),
      ...deductions.map(({ deductionId, effectiveAt, points }) => [
        deductionId,
        localTime(effectiveAt, zone),
        String(points),
        counts(then, deductionId),
        counts(now, deductionId),
      ]),
      [
        [
          { text: '合计', heavy: true },
          { text: ' sum', tone: 'soft' as const },
        ],
        '',
        '',
        [{ text: then === null ? '—' : String(then.balance), heavy: true }],
        [{ text: String(now.balance), heavy: true }],
      ],
    ],
  );
}

/** Assumptions, findings and the rulebook in force. */
export function printAssumptions(sheet: Sheet, { computation }: PrintedStatement): void {
  const { deductions, now, then } = computation;
  const assumed = [...new Set([...(then?.assumptions ?? []), ...now.assumptions])];
  const named = assumed.map((each) => (typeof each === 'string' ? each : each.en));
  const found = [...new Set([...(then?.findings ?? []), ...now.findings])];
  const { id, rulebookVersion, sha256 } = now.rulebook;
  sheet.heading(both('假设与发现', 'Assumptions and findings'));
  sheet.paragraph([
    ...both(
      '未有依据、由本账本设定的参数：',
      'parameters no source answers, declared by the ledger:',
    ),
    {
      text: ` ${named.join(', ') || '—'}`,
    },
  ]);
  sheet.paragraph([
    ...both('与规则不符之处：', 'departures from the rulebook:'),
    ...(found.length === 0 ? [{ text: ' —' }] : []),
  ]);
  for (const code of found) {
    const about = deductions
      .filter(({ findings }) => findings.includes(code))
      .map(({ deductionId }) => deductionId);
    sheet.paragraph(
      [
        { text: `${code} ` },
        ...word(code),
        ...(about.length === 0 ? [] : [{ text: ` (${about.join(', ')})` }]),
      ],
      { indent: 12 },
    );
  }
  sheet.paragraph(
    [...both('适用规则', 'rulebook in force'), { text: ` ${id} ${rulebookVersion}` }],
    { gap: 0 },
  );
  sheet.paragraph({ text: `SHA-256 ${sha256}`, tone: 'soft' }, { indent: 12, size: 8 });
}

/** The files that the events register, with what shows that a file is the one. */
/** Every text that the pack discloses, in the order of the log. */
export function printTexts(
  sheet: Sheet,
  { disclosed = [] }: PrintedStatement,
  zone: LedgerZone,
): void {
  if (disclosed.length === 0) return;
  sheet.heading(both('原文', 'Texts as they were recorded'));
  for (const { recordedAt, revision, stream, text, type, value } of disclosed) {
    const place = stream.startsWith('agency-') ? `#${revision}` : stream;
    const label = word(`text:${text.slice(1).replace(/\/\d+$/, '')}`);
    const when = [
      { text: localTime(recordedAt, zone) },
      { text: ` ${place}`, tone: 'soft' as const },
    ];
    sheet.paragraph(joined([word(type), label, when]));
    sheet.paragraph(value, { indent: 8, gap: 5, ground: 'disclosed' });
  }
}

export function printFiles(sheet: Sheet, { files }: PrintedStatement): void {
  if (files.length === 0) return;
  sheet.heading(both('登记的证据文件', 'Registered evidence files'));
  printTable(
    sheet,
    [
      { head: both('证据', 'evidence'), share: 16 },
      { head: both('关于', 'about'), share: 22 },
      { head: both('类型', 'type'), share: 15 },
      { head: 'SHA-256', share: 38 },
      { head: both('随附', 'attached'), share: 15 },
    ],
    files.map(({ about, evidenceId, isAttached, mediaType, sha256 }) => [
      evidenceId,
      [...word(about.kind), { text: ` ${about.id}` }],
      mediaType,
      sha256,
      isAttached ? both('是', 'yes') : both('否', 'no'),
    ]),
  );
}
