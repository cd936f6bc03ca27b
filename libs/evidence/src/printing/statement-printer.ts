import { LedgerZone } from '@penalty-ledger/ledger';
import { printDeduction } from './deduction-part.js';
import { openFont, type FontFile } from './font-file.js';
import {
  checkpointOf,
  printCheckpoint,
  printHowToVerify,
  printMissingGlyphs,
} from './proof-part.js';
import { Sheet } from './sheet.js';
import {
  printAnswers,
  printAppeal,
  printAssumptions,
  printCounts,
  printFiles,
  printTexts,
  printTimelineTable,
} from './statement-parts.js';
import type { Instant } from '@penalty-ledger/ledger';
import { drawTimeline } from './timeline-drawing.js';
import { both, joined } from './wording.js';
import type { PrintedStatement, StatementPdf, StatementPrinter } from '../statement-printer.js';

/**
 * The drawing's version. It is raised when the same statement gives other bytes: after a change of
 * the layout, the words, or the version of pdfkit.
 */
const drawing = 1;

/**
 * A printer of statements, in Chinese and English.
 *
 * @param woff a font with the characters of both, as a WOFF file; it is opened once
 * @throws RangeError when it is not a WOFF file
 */
export function statementPrinter(woff: Uint8Array): StatementPrinter {
  const font = openFont(woff);
  const producer = `penalty-ledger statement ${drawing}, font ${font.sha256}`;
  return { producer, print: (statement) => printed(statement, font, producer) };
}

function printed(statement: PrintedStatement, font: FontFile, producer: string): StatementPdf {
  const { agencyId, deductions, period, zone: zoneId } = statement.computation;
  const zone = new LedgerZone(zoneId, '');
  const { root, signedAt, size } = checkpointOf(statement);
  const sheet = new Sheet(font, {
    title: `机构扣分证据声明 Statement of penalty points: ${agencyId}, ${period}`,
    subject: `ledger ${statement.ledgerId}, ${size} events, root ${root}`,
    producer,
    createdAt: signedAt as Instant,
  });
  printAnswers(sheet, statement, zone);
  printAppeal(sheet, statement, zone);
  sheet.heading(
    both('时间线', 'Timeline: what was reached, with what was known at each instant'),
    220,
  );
  drawTimeline(sheet, statement.computation, zone);
  printTimelineTable(sheet, statement, zone);
  sheet.heading(both('积分构成', 'What the points are made of'), 60);
  printCounts(sheet, statement, zone);
  sheet.heading(both('逐项说明', 'Each point explained'), 90);
  for (const deduction of deductions) printDeduction(sheet, statement, deduction, zone);
  if (deductions.length === 0)
    sheet.paragraph(both('该年度无扣分。', 'There are no deductions of this period.'));
  if ((statement.disclosed ?? []).length > 0)
    sheet.paragraph(
      both(
        '底色文字在记录时已封存；证据包附有各段文字的密钥，可证明其未被更改。',
        'Texts on a ground were sealed when they were recorded; ' +
          'the pack has the key of each, which proves that it is unchanged.',
      ),
      { size: 8 },
    );
  printTexts(sheet, statement, zone);
  printFiles(sheet, statement);
  printAssumptions(sheet, statement);
  printCheckpoint(sheet, statement, zone);
  printHowToVerify(sheet);
  printMissingGlyphs(sheet, sheet.missing);
  const band =
    statement.computation.simulation === true
      ? [
          {
            text: '模拟：非真实记录 SIMULATION: not a record of what happened',
            tone: 'inverse' as const,
            heavy: true,
          },
        ]
      : undefined;
  const { pdf, pages } = sheet.finish((number, of) => {
    return {
      left: {
        text:
          `账本 ledger ${statement.ledgerId} · ` +
          `检查点 checkpoint ${size}, ${root.slice(0, 16)}…`,
        tone: 'soft',
      },
      right: joined(
        [
          { text: agencyId, tone: 'soft' as const },
          { text: `第 ${number} 页，共 ${of} 页 page ${number} of ${of}`, tone: 'soft' as const },
        ].map((span) => [span]),
      ),
    };
  }, band);
  return { pdf, pages, missingGlyphs: sheet.missing };
}
