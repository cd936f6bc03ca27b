import type { Command } from 'commander';
import type { ReceiptRequest } from './receipt.js';
import { print, note } from '../terminal/io.js';
import { addVerb, storeOption } from '../verb.js';
import { said } from '../terminal/language.js';
import { noteSimulation } from '../terminal/simulation-mark.js';

type ReceiptOptions = ReceiptRequest & { readonly store: string; readonly output?: string };

export function addTo(program: Command): void {
  addVerb(program, 'receipt', {
    summary: said(
      'prove that an event is in the ledger, to hand out with a notice',
      '证明某一事件在账本中，可随处罚通知一并交付',
    ),
    details: said(
      'Prints a receipt (C2SP tlog-proof): the event, its place in the Merkle tree, and a ' +
        'signed checkpoint. If no checkpoint covers the event yet, it signs one. The holder of ' +
        'a receipt can show for ever that the ledger recorded the event; "ledger verify" ' +
        'checks it.',
      '打印一份回执（C2SP tlog-proof）：该事件、它在默克尔树中的位置和一个已签署的检查点。' +
        '若尚无检查点涵盖该事件，则签署一个。回执的持有人可以永久证明账本记录过该事件；' +
        '"ledger verify" 可验证它。',
    ),
    examples: [
      [
        'receipt --deduction d-007-1 -o d-007-1.receipt',
        '...',
        said('the receipt is in d-007-1.receipt', '回执已写入 d-007-1.receipt'),
      ],
      'receipt --event agency-mcn-1@2',
    ],
  })
    .option('--deduction <id>', said('the event that imposed a deduction', '作出某次扣分的事件'))
    .option('--appeal <id>', said('the event that initiated an appeal', '发起某次申诉的事件'))
    .option('--agency <id>', said('the last expulsion of an agency', '某机构最近一次清退'))
    .option('--event <stream@revision>', said('any event', '任一事件'))
    .option('-o, --output <file>', said('write the receipt to a file', '把回执写入文件'))
    .addOption(storeOption())
    .action(async ({ store, output, ...request }: ReceiptOptions) => {
      const { giveReceipt } = await import('./receipt.js');
      const given = await giveReceipt(store, request);
      if (given === undefined) return;
      const { receipt } = given;
      noteSimulation(given);
      if (output === undefined) return print(receipt);
      const { writeOutput } = await import('../terminal/output-file.js');
      await writeOutput(output, receipt);
      note(said(`the receipt is in ${output}`, `回执已写入 ${output}`));
    });
}
