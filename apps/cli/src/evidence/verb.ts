import type { Command } from 'commander';
import type { PackOptions } from './pack.js';
import { UsageError } from '../terminal/exit-codes.js';
import { note } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { count } from '../terminal/words.js';
import { addVerb, storeOption } from '../verb.js';
import { addListOptions, type ListOptions } from '../lists/list-options.js';

type EvidenceOptions = PackOptions & { readonly store: string; readonly output?: string };

export function addTo(program: Command): void {
  const verb = addVerb(program, 'evidence', {
    summary: 'write an evidence pack for an appeal, or for an agency and a period',
    details:
      'Writes one file that a third party verifies offline: every event of the agency, the ' +
      'rulebooks, proofs under a signed checkpoint that none is missing, the answers, and a ' +
      'statement to read (statement.html) and to print (statement.pdf). "ledger verify" checks it.',
    examples: [
      'evidence --appeal ap-1 -o ap-1.zip',
      'evidence --agency mcn-007 --period 2019 --redact complainant -o mcn-007.zip',
      'evidence list --agency mcn-007',
    ],
  });
  addList(verb);
  verb
    .option('--appeal <id>', 'an appeal, as known when it was initiated and as known now')
    .option('--agency <id>', 'an agency; needs --period')
    .option('--period <year>', 'the year whose points count: 2019')
    .option('--account <id>', 'another account of the rulebook')
    .option(
      '--known-at <instant>',
      'take into account what was recorded by then: 2019-06-01T12:00:00+08:00',
    )
    .option('--effective-at <instant>', 'the moment the question is about')
    .option(
      '--attach <file...>',
      said(
        'registered files to include: paths, or hashes of files kept beside the ledger',
        '要附上的已登记文件：路径，或账本旁所存文件的哈希',
      ),
    )
    .option('--evidence <id...>', 'registered evidence to add to that of the appeals')
    .option('--disclose', 'include the texts and names that are sealed in the events')
    .option('--redact <what>', 'leave out a part; only "complainant" can be')
    .option('-o, --output <file>', 'the file to write; needed')
    .addOption(storeOption())
    .action(async ({ store, output, ...wanted }: EvidenceOptions) => {
      if (output === undefined) throw new UsageError(outputText());
      const { makePack } = await import('./pack.js');
      const { writeOutput } = await import('../terminal/output-file.js');
      const pack = await makePack(store, wanted);
      if (pack === undefined) return;
      const { zip, pages, missingGlyphs } = pack;
      await writeOutput(output, zip);
      note(
        `the evidence pack is in ${output}: ${count(zip.length, 'byte')}, ` +
          `its statement.pdf has ${count(pages, 'page')}`,
      );
      if (missingGlyphs.length > 0)
        note(
          `warning: the font has no glyph for ${count(missingGlyphs.length, 'character')} of the ` +
            `texts: ${missingGlyphs.map(numberOf).join(', ')}; statement.pdf prints the numbers ` +
            'and says so, and statement.html has the characters',
        );
    });
}

/** Not `requiredOption`: commander would ask for it with a subcommand too. */
function outputText(): string {
  return said('give the file to write: -o FILE', '请给出要写入的文件：-o FILE');
}

/** `evidence list` beside the pack that the verb itself writes. */
function addList(evidence: Command): void {
  const verb = addVerb(evidence, 'list', {
    summary: said('list registered evidence', '列出已登记的证据'),
    examples: ['evidence list --agency mcn-007', 'evidence list --kind deduction --csv'],
  });
  addListOptions(verb, 'evidence').action(async (_: ListOptions, command: Command) => {
    const { printList } = await import('../lists/print-list.js');
    await printList('evidence', command.optsWithGlobals<ListOptions>());
  });
}

/** `U+20BB7` */
function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
