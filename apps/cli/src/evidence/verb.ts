import type { Command } from 'commander';
import type { PackOptions } from './pack.js';
import { UsageError } from '../terminal/exit-codes.js';
import { note } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { count, figure, listed } from '../terminal/words.js';
import { addVerb, storeOption } from '../verb.js';
import { addListOptions, type ListOptions } from '../lists/list-options.js';

type EvidenceOptions = PackOptions & { readonly store: string; readonly output?: string };

export function addTo(program: Command): void {
  const verb = addVerb(program, 'evidence', {
    summary: said(
      'write an evidence pack for an appeal, or for an agency and a period',
      '为一次申诉，或为一家机构的一个周期写出证据包',
    ),
    details: said(
      'Writes one file that a third party verifies offline: every event of the agency, the ' +
        'rulebooks, proofs under a signed checkpoint that none is missing, the answers, and a ' +
        'statement to read (statement.html) and to print (statement.pdf). "ledger verify" ' +
        'checks it.',
      '写出一个文件，供第三方离线验证：该机构的全部事件、规则、' +
        '在签署的检查点下证明无一缺失的证明、各项答案，以及供阅读（statement.html）和打印（' +
        'statement.pdf）的证据声明。"ledger verify" 可验证它。',
    ),
    examples: [
      'evidence --appeal ap-1 -o ap-1.zip',
      [
        'evidence --agency mcn-007 --period 2019 -o mcn-007.zip',
        said(
          'the evidence pack is in mcn-007.zip: … bytes, its statement.pdf has 6 pages',
          '证据包已写入 mcn-007.zip：… 字节，其中 statement.pdf 共 6 页',
        ),
      ],
      'evidence list --agency mcn-007',
    ],
  });
  addList(verb);
  verb
    .option(
      '--appeal <id>',
      said(
        'an appeal, as known when it was initiated and as known now',
        '一次申诉，按发起时和当前的已知情况',
      ),
    )
    .option('--agency <id>', said('an agency; needs --period', '一家机构；需要 --period'))
    .option('--period <year>', said('the year whose points count: 2019', '扣分所属年度：2019'))
    .option('--account <id>', said('another account of the rulebook', '规则中的另一计分账户'))
    .option(
      '--known-at <instant>',
      said(
        'take into account what was recorded by then: 2019-06-01T12:00:00+08:00',
        '只计入该时点前已记录的内容：2019-06-01T12:00:00+08:00',
      ),
    )
    .option('--effective-at <instant>', said('the moment the question is about', '所问的时点'))
    .option(
      '--attach <file...>',
      said(
        'registered files to include: paths, or hashes of files kept beside the ledger',
        '要附上的已登记文件：路径，或账本旁所存文件的哈希',
      ),
    )
    .option(
      '--evidence <id...>',
      said('registered evidence to add to that of the appeals', '在申诉证据之外另附的已登记证据'),
    )
    .option(
      '--disclose',
      said(
        'include the texts and names that are sealed in the events',
        '附上事件中已封存的文字和名称',
      ),
    )
    .option(
      '--redact <what>',
      said('leave out a part; only "complainant" can be', '隐去一部分；只能是 "complainant"'),
    )
    .option('-o, --output <file>', said('the file to write; needed', '要写出的文件；必填'))
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
        said(
          `the evidence pack is in ${output}: ${count(zip.length, 'byte')}, ` +
            `its statement.pdf has ${count(pages, 'page')}`,
          `证据包已写入 ${output}：${figure(zip.length)} 字节，` +
            `其中 statement.pdf 共 ${figure(pages)} 页`,
        ),
      );
      if (missingGlyphs.length > 0)
        note(
          said(
            `warning: the font has no glyph for ${count(missingGlyphs.length, 'character')} of ` +
              `the texts: ${listed(missingGlyphs.map(numberOf))}; statement.pdf prints the ` +
              'numbers and says so, and statement.html has the characters',
            `警告：字体缺少文字中 ${figure(missingGlyphs.length)} 个字符的字形：` +
              `${listed(missingGlyphs.map(numberOf))}；statement.pdf 印出其编码并注明，` +
              'statement.html 中保留原字符',
          ),
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
    examples: [
      ['evidence list --limit 1', '...', 'ev-004-1  deduction d-004-1  …', '...'],
      'evidence list --kind deduction --csv',
    ],
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
