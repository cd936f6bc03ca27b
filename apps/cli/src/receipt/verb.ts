import type { Command } from 'commander';
import type { ReceiptRequest } from './receipt.js';
import { print, note } from '../terminal/io.js';
import { addVerb, storeOption } from '../verb.js';

type ReceiptOptions = ReceiptRequest & { readonly store: string; readonly output?: string };

export function addTo(program: Command): void {
  addVerb(program, 'receipt', {
    summary: 'prove that an event is in the ledger, to hand out with a notice',
    details:
      'Prints a receipt (C2SP tlog-proof): the event, its place in the Merkle tree, and a signed ' +
      'checkpoint. If no checkpoint covers the event yet, it signs one. The holder of a receipt ' +
      'can show for ever that the ledger recorded the event; "ledger verify" checks it.',
    examples: ['receipt --deduction d-1 -o d-1.receipt', 'receipt --event agency-mcn-1@2'],
  })
    .option('--deduction <id>', 'the event that imposed a deduction')
    .option('--appeal <id>', 'the event that initiated an appeal')
    .option('--agency <id>', 'the last expulsion of an agency')
    .option('--event <stream@revision>', 'any event')
    .option('-o, --output <file>', 'write the receipt to a file')
    .addOption(storeOption())
    .action(async ({ store, output, ...request }: ReceiptOptions) => {
      const { giveReceipt } = await import('./receipt.js');
      const receipt = await giveReceipt(store, request);
      if (receipt === undefined) return;
      if (output === undefined) return print(receipt);
      const { writeOutput } = await import('../terminal/output-file.js');
      await writeOutput(output, receipt);
      note(`the receipt is in ${output}`);
    });
}
