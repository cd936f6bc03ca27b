import type { Command } from 'commander';
import type { PackOptions } from './pack.js';
import { note } from '../terminal/io.js';
import { count } from '../terminal/words.js';
import { addVerb, storeOption } from '../verb.js';

type EvidenceOptions = PackOptions & { readonly store: string; readonly output: string };

export function addTo(program: Command): void {
  addVerb(program, 'evidence', {
    summary: 'an evidence pack for an appeal, or for an agency and a period',
    details:
      'Writes one file that a third party verifies offline: every event of the agency, the rulebooks, proofs under a signed ' +
      'checkpoint that nothing was left out, the answers, and a statement to read (statement.html) and to print (statement.pdf). "ledger verify" checks it.',
    examples: [
      'evidence --appeal ap-1 -o ap-1.zip',
      'evidence --agency mcn-007 --period 2019 --redact complainant -o mcn-007.zip',
    ],
  })
    .option('--appeal <id>', 'for an appeal: as known when it was initiated, and now')
    .option('--agency <id>', 'for an agency; with --period')
    .option('--period <year>', 'the points of which year: 2019')
    .option('--account <id>', 'another account of the rulebook')
    .option('--known-at <instant>', 'as known then: 2019-06-01T12:00:00+08:00')
    .option('--effective-at <instant>', 'as it stood then')
    .option('--attach <file...>', 'registered files to put in')
    .option('--evidence <id...>', 'registered evidence to add to what was submitted in appeals')
    .option('--disclose', 'put in the texts and names that are sealed in the events')
    .option('--redact <what>', 'leave out what concerns the complainant: complainant')
    .requiredOption('-o, --output <file>', 'the file to write')
    .addOption(storeOption())
    .action(async ({ store, output, ...wanted }: EvidenceOptions) => {
      const { makePack } = await import('./pack.js');
      const { writeOutput } = await import('../terminal/output-file.js');
      const pack = await makePack(store, wanted);
      if (pack === undefined) return;
      const { zip, pages, missingGlyphs } = pack;
      await writeOutput(output, zip);
      note(
        `the evidence pack is in ${output}: ${count(zip.length, 'byte')}, its statement.pdf has ${count(pages, 'page')}`,
      );
      if (missingGlyphs.length > 0)
        note(
          `warning: ${count(missingGlyphs.length, 'character')} of its texts cannot be printed, because the font has no glyph: ` +
            `${missingGlyphs.map(numberOf).join(', ')}. statement.pdf has the numbers instead and says so; statement.html has the characters`,
        );
    });
}

/** `U+20BB7` */
function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
