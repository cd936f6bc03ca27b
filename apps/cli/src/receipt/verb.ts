import type { Command } from 'commander';
import type { ReceiptWanted } from './receipt.js';
import { print, note } from '../terminal/io.js';
import { addVerb, storeOption } from '../verb.js';

type ReceiptOptions = ReceiptWanted & { readonly store: string; readonly output?: string };

export function addReceipt(program: Command): void {
  addVerb(program, 'receipt', {
    summary: 'proof that an event is in the ledger, to hand out with a notice',
    details:
      'Prints a receipt (C2SP tlog-proof): the event, its place in the Merkle tree, and a signed checkpoint. Whoever holds it can ' +
      'show for ever that the ledger recorded this event; "ledger verify" checks it. If no checkpoint covers the event yet, one is signed.',
    examples: ['receipt --deduction d-1 -o d-1.receipt', 'receipt --event agency-mcn-1@2'],
  })
    .option('--deduction <id>', 'for a deduction, as it was imposed')
    .option('--appeal <id>', 'for an appeal, as it was initiated')
    .option('--agency <id>', 'for an agency’s last expulsion')
    .option('--event <stream@revision>', 'for any event')
    .option('-o, --output <file>', 'write it to a file')
    .addOption(storeOption())
    .action(async ({ store, output, ...wanted }: ReceiptOptions) => {
      const { giveReceipt, writeReceipt } = await import('./receipt.js');
      const receipt = await giveReceipt(store, wanted);
      if (receipt === undefined) return;
      if (output === undefined) return print(receipt);
      await writeReceipt(output, receipt);
      note(`the receipt is in ${output}`);
    });
}
