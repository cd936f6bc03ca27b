import { epochMsOf, LedgerZone, type Instant } from '@penalty-ledger/ledger';
import { headingOf, lineOf, pair, type Clock } from '../content/blocks.js';
import { signedFacts } from '../content/proof.js';
import type { StatementData } from '../content/records.js';
import { statementContent } from '../content/statement-content.js';
import { printBlocks } from './block-printer.js';
import { openFont, type FontFile } from './font-file.js';
import { numberOf } from './glyphs.js';
import { Sheet } from './sheet.js';
import type { StatementPdf, StatementPrinter } from '../statement-printer.js';

/**
 * The drawing's version. It is raised when the same statement gives other bytes: after a change of
 * the layout, the words, or the version of pdfkit.
 */
const drawing = 1;

/**
 * A printer of statements, in Chinese and English.
 *
 * @param sfnt a font with the characters of both, TrueType or OpenType; it is opened once
 * @throws RangeError when it is none
 */
export function statementPrinter(sfnt: Uint8Array): StatementPrinter {
  const font = openFont(sfnt);
  const producer = `penalty-ledger statement ${drawing}, font ${font.sha256}`;
  return { producer, print: (statement) => printed(statement, font, producer) };
}

function printed(statement: StatementData, font: FontFile, producer: string): StatementPdf {
  const { agencyId, period, zone } = statement.computation;
  const { ledgerId } = statement;
  const { root, signedAt, size } = signedFacts(statement.checkpoint);
  const { blocks, leftOut, simulation } = statementContent(statement, clockOf(zone));
  const sheet = new Sheet(font, {
    title: `机构扣分证据声明 Statement of penalty points: ${agencyId}, ${period}`,
    subject: `ledger ${ledgerId}, ${size} events, root ${root}`,
    producer,
    createdAt: signedAt as Instant,
  });
  printBlocks(sheet, blocks);
  printMissingGlyphs(sheet, sheet.missing);
  const { pdf, pages } = sheet.finish({
    foot: (number, of) => ({
      left: `账本 ledger ${ledgerId} · 检查点 checkpoint ${size}, ${root.slice(0, 16)}…`,
      right: `${agencyId} · 第 ${number} 页，共 ${of} 页 page ${number} of ${of}`,
    }),
    ...(simulation !== undefined && { warning: simulation }),
    ...(leftOut !== undefined && { note: leftOut }),
  });
  return { pdf, pages, missingGlyphs: sheet.missing };
}

/** Writes instants in a zone; a line does not break between day and time. */
function clockOf(id: string): Clock {
  const zone = new LedgerZone(id, '');
  return {
    instant: (instant) =>
      zone
        .format(instant as Instant)
        .slice(0, 19)
        .replace('T', '\u00a0'),
    day: (instant) => zone.dateOf(instant as Instant),
    startOfYear: (year) => epochMsOf(zone.startOfYear(year)),
  };
}

/**
 * Lists the characters without a glyph, so that their substitutes are not mistaken for the text.
 */
function printMissingGlyphs(sheet: Sheet, missing: readonly string[]): void {
  if (missing.length === 0) return;
  printBlocks(sheet, [
    headingOf(pair('无法排印的字符', 'Characters that could not be printed')),
    lineOf([
      ...pair(
        '字体中没有下列字符，文中以其 Unicode 编码代替；原文见证据包内的数据。',
        'The font has none of these characters; in their place stands their Unicode number. ' +
          "The pack's data have the text itself.",
      ),
      { text: ` ${missing.map(numberOf).join(', ')}` },
    ]),
  ]);
}
