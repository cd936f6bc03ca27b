import { Option, type Command } from 'commander';
import { addListOptions, flagsIn, type ListOptions } from '../lists/list-options.js';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { noteError, noteHint, printJson, printLine } from '../terminal/io.js';
import { markedAnswer, noteSimulation } from '../terminal/simulation-mark.js';
import { addVerb } from '../verb.js';
import { didYouMean } from '../ledger/nearest-ids.js';
import { said, saidIn } from '../terminal/language.js';

type EraseOptions = ListOptions & {
  readonly subject?: string;
  readonly due?: boolean;
  readonly request?: string;
  readonly by?: string;
};

export function addTo(program: Command): void {
  const verb = addVerb(program, 'erase', {
    summary: said("erase a subject's personal data for good", '永久删除某一主体的个人信息'),
    details: said(
      "Destroys the key that opens the subject's names and texts. No event changes: every " +
        'hash, proof and balance stands. The erasure is an event itself. While a legal hold, an ' +
        'open appeal, its window or the retention of Order 117 needs the data, it is refused ' +
        'with who holds it and until when, and the refusal is recorded. "--due" lists what was ' +
        'refused, in pages, with what holds it; "--status due" leaves what may be erased now. An ' +
        'erasure cannot be undone; backups of the key file must be destroyed too.',
      '销毁用于打开该主体名称和文字的密钥。任何事件都不改变：全部哈希、' +
        '证明和累计扣分保持不变。删除本身也是一个事件。法律保留、未结申诉、申诉期限或' +
        '第 117 号令的保存期限需要这些数据时会被拒绝，说明由谁保留、至何时，并记录拒绝。' +
        '"--due" 分页列出曾被拒绝的删除及其保留事由；加 "--status due" 只列出现在可以删除的主体。' +
        '删除不可撤销；密钥文件的备份也必须销毁。',
    ),
    examples: [
      [
        'erase --subject creator:cr-055-3 --request dsr-2026-014 --by officer-lin \\',
        '    --store sqlite:./copy/ledger.db',
        said('creator:cr-055-3 is erased; …', 'creator:cr-055-3 已删除；…'),
      ],
      'erase --subject agency:mcn-1',
      'erase --due --status due',
    ],
  });
  verb
    .option(
      '--subject <subject>',
      said(
        'whose data: agency:ID, complaint:ID, creator:ID or evidence:ID',
        '谁的信息：agency:ID、complaint:ID、creator:ID 或 evidence:ID',
      ),
    )
    .option(
      '--request <id>',
      said(
        'the reference of the request; it stays, so it must not name a person',
        '请求的编号；它会保留，因此不得写人名',
      ),
    )
    .option('--by <id>', said('who erases', '由谁删除'))
    .addOption(
      new Option(
        '--due',
        said(
          'list refused erasures: what is due, what holds the others',
          '列出曾被拒绝的删除：哪些已到期，其余由谁保留',
        ),
      ).conflicts(['subject', 'request', 'by']),
    );
  addListOptions(verb, 'erasures').action(async (options: EraseOptions) => {
    const { store, subject, request, by, due = false, json = false } = options;
    if (due) {
      const { printList } = await import('../lists/print-list.js');
      return printList('erasures', options);
    }
    await assertNoList(options);
    if (subject === undefined)
      throw new UsageError(
        said(
          'give --subject, or --due to list what may be erased',
          '请给出 --subject；或用 --due 列出可删除的主体',
        ),
      );
    const { eraseSubject } = await import('./erasure.js');
    const erased = await eraseSubject(store, { subject, requestId: request, by });
    const { status, code, events, message } = erased;
    if (code === 'invalid')
      throw new UsageError(
        message === undefined
          ? said('--subject is not a subject', '--subject 不是主体')
          : saidIn(message),
      );
    if (status === 'rejected') process.exitCode = exitCodes.no;
    if (json) return printJson(markedAnswer({ subject, status, code, events }, erased));
    if (status === 'accepted') {
      noteSimulation(erased);
      return printLine(
        said(
          `${subject} is erased; its key is destroyed, and no event, hash or balance has changed`,
          `${subject} 已删除；其密钥已销毁，事件、哈希和累计扣分均未改变`,
        ),
      );
    }
    const { refusalText } = await import('../terminal/refusal-text.js');
    noteError(refusalText(code ?? '', message ?? ''));
    if (code !== 'unknown_subject') return;
    const { nearestSubjects } = await import('./erasure.js');
    const hint = didYouMean(await nearestSubjects(store, subject));
    if (hint !== undefined) noteHint(hint);
  });
}

/** @throws UsageError when an option is given that is for the list alone */
async function assertNoList(options: EraseOptions): Promise<void> {
  const given = [...flagsIn('erasures', options), ...(options.csv === true ? ['--csv'] : [])];
  if (given.length === 0) return;
  const { listed } = await import('../terminal/words.js');
  const names = listed(given);
  throw new UsageError(
    said(`${names}: only for the list of "--due"`, `${names}：仅用于 "--due" 的列表`),
    said('give --due, or leave out the option', '请给出 --due，或去掉该选项'),
  );
}
