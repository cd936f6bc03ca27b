import type { LedgerZone } from '@penalty-ledger/ledger';
import type { DeductionDetail } from '../deduction-details.js';
import type { Sheet } from './sheet.js';
import type { Span, Text, Tone } from './text-lines.js';
import { both, joined, localTime, word } from './wording.js';
import type { PrintedStatement } from '../statement-printer.js';

/**
 * One deduction: its clause, basis, recorder and time, its notice, the decisions on it, and its
 * evidence.
 */
export function printDeduction(
  sheet: Sheet,
  statement: PrintedStatement,
  deduction: DeductionDetail,
  zone: LedgerZone,
): void {
  const { computation, disclosed = [], files } = statement;
  const {
    actor,
    appeals,
    basis,
    clause: id,
    corrections,
    decisions,
    deductionId,
    findings,
    noticeSha256,
  } = deduction;
  const {
    creatorId,
    effectiveAt,
    eventId,
    notifiedAt,
    occurredAt,
    points,
    recordedAt,
    revision,
    rulebook,
  } = deduction;
  const clause = computation.clauses.find(
    (each) => each.clause === id && each.sha256 === rulebook?.sha256,
  );
  const write = (text: Text, ground?: Tone): void => {
    sheet.paragraph(text, {
      indent: 10,
      size: 8.5,
      gap: 1,
      bar: true,
      ...(ground !== undefined && { ground }),
    });
  };
  const at = (zh: string, en: string, instant: string): Span[] => [
    ...both(zh, en),
    { text: ` ${localTime(instant, zone)}` },
  ];
  sheet.need(78);
  sheet.paragraph(
    [
      { text: deductionId, heavy: true },
      { text: ` · ${points} 分`, heavy: true, tone: 'points' },
      { text: ` points`, tone: 'soft' },
      ...(clause === undefined
        ? []
        : [{ text: ' · ', tone: 'soft' as const }, ...both(clause.title.zh, clause.title.en)]),
    ],
    { size: 10, gap: 1 },
  );
  if (clause !== undefined) write(both(clause.text.zh, clause.text.en));
  write([
    ...both('依据规则', 'rulebook'),
    {
      text:
        rulebook === undefined ? ` § ${id}` : ` ${rulebook.id} ${rulebook.rulebookVersion} § ${id}`,
    },
  ]);
  const basisId = basisIdOf(basis);
  if (basis !== undefined || creatorId !== undefined)
    write(
      joined([
        ...(basis === undefined
          ? []
          : [
              [
                ...both('事实依据', 'rests on'),
                { text: ' ' },
                ...word(basis.kind),
                { text: ` ${basisId}` },
              ],
            ]),
        ...(creatorId === undefined
          ? []
          : [[...both('达人', 'creator'), { text: ` ${creatorId}` }]]),
      ]),
    );
  write(
    joined([
      at('违规', 'happened', occurredAt),
      at('生效', 'in effect', effectiveAt),
      ...(notifiedAt === undefined ? [] : [at('送达', 'notice served', notifiedAt)]),
    ]),
  );
  write(
    joined([
      [...at('记录', 'recorded', recordedAt), { text: ` #${revision}`, tone: 'soft' }],
      [...both('记录人', 'by'), { text: ` ${actor}` }],
      [...both('事件', 'event'), { text: ` ${eventId}`, tone: 'soft' }],
    ]),
  );
  if (noticeSha256 !== undefined)
    write([...both('通知文件', 'notice, SHA-256'), { text: ` ${noticeSha256}` }]);
  for (const { id: event, value } of disclosed) if (event === eventId) write(value, 'disclosed');
  for (const correction of corrections)
    write([
      ...at('录入更正', 'our entry corrected', correction.recordedAt),
      { text: ` #${correction.revision}`, tone: 'soft' },
    ]);
  for (const decision of decisions)
    write(
      joined([
        [
          ...word(decision.kind),
          { text: `，计 ${decision.points} 分` },
          { text: ` counts ${decision.points}`, tone: 'soft' },
        ],
        [
          { text: localTime(decision.recordedAt, zone) },
          { text: ` #${decision.revision}`, tone: 'soft' },
        ],
        [...both('裁定人', 'by'), { text: ` ${decision.actor}` }],
        ...(decision.appealId === undefined
          ? []
          : [[...both('申诉', 'appeal'), { text: ` ${decision.appealId}` }]]),
      ]),
    );
  for (const { appealId, kind, state } of appeals)
    write(joined([[...word(kind), { text: ` ${appealId}` }], word(state)]));
  const evidence = files.filter(
    ({ about }) => about.kind === 'deduction' && about.id === deductionId,
  );
  for (const { evidenceId, sha256 } of evidence)
    write([
      ...both('证据', 'evidence'),
      { text: ` ${evidenceId} ` },
      { text: `SHA-256 ${sha256}`, tone: 'soft' },
    ]);
  if (findings.length > 0)
    write([
      ...both('发现', 'findings'),
      { text: ' ' },
      ...joined(findings.map((code) => [{ text: `${code} ` }, ...word(code)])),
    ]);
  sheet.y += 7;
}

function basisIdOf(basis: DeductionDetail['basis']): string {
  const { month, complaintId, sessionId } = (basis ?? {}) as Readonly<
    Record<string, string | undefined>
  >;
  return month ?? complaintId ?? sessionId ?? '';
}
