import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { printJson, printPage } from '../terminal/io.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';

interface VerifyOptions extends AskOptions {
  readonly key?: readonly string[];
  readonly receipt?: readonly string[];
  readonly checkpoint?: readonly string[];
  readonly accessLog?: boolean;
  readonly head?: readonly string[];
}

export function addTo(program: Command): void {
  addVerb(program, 'verify [file]', {
    summary: 'verify a ledger, an evidence pack, a receipt or a checkpoint',
    details:
      'Without FILE, verifies a whole ledger from its stored bytes and lists all damage: form, ' +
      'hashes, chains, ids, times, the Merkle tree, every checkpoint, rulebooks, decisions made ' +
      'again, read models. --receipt and --checkpoint compare it with what others kept.\n' +
      'With FILE, verifies that evidence pack, receipt or checkpoint by itself; a pack is ' +
      'compared with --receipt and --checkpoint too.\n' +
      "--access-log verifies the hash chain of the service's access log instead, against its " +
      'anchors; with FILE, of a copy of one.\n' +
      'Exits with 0 if it holds, with 1 if it does not.',
    examples: [
      ['verify | tail -1', '3,371 events: the ledger holds.'],
      'verify --key "$KEY" --receipt d-1.receipt',
      'verify d-1.receipt --key "$KEY"',
      'verify ap-1.zip --key "$KEY"',
      'verify --access-log --head "$HEAD"',
    ],
  })
    .option(
      '--key <key...>',
      'a verifier key from elsewhere (default: the one in the ledger’s key file)',
    )
    .option('--receipt <file...>', 'receipts to compare with')
    .option('--checkpoint <file...>', 'checkpoints to compare with')
    .option('--access-log', 'verify the access log; the service can keep running')
    .option('--head <seq:hash...>', 'entries of the access log that were kept elsewhere')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        file: string | undefined,
        { store, key, receipt, checkpoint, ...options }: VerifyOptions,
      ) => {
        const { json = false, accessLog = false, head = [] } = options;
        if (accessLog) {
          const { verifyAccess } = await import('./access-log.js');
          const { accessLogLines } = await import('./access-log-page.js');
          const { readKeys } = await import('../terminal/verifier-keys.js');
          const keys = key === undefined ? undefined : readKeys(key);
          const report = await verifyAccess(store, file, head, keys);
          if (!report.holds) process.exitCode = exitCodes.no;
          return json ? printJson(report) : printPage(accessLogLines(report));
        }
        const { readKeys } = await import('../terminal/verifier-keys.js');
        const keys = key === undefined ? undefined : readKeys(key);
        if (file !== undefined) {
          const { verifyFile } = await import('./file-kinds.js');
          const { verdictLines } = await import('./page.js');
          const verdict = await verifyFile(file, keys, {
            receipts: receipt ?? [],
            checkpoints: checkpoint ?? [],
          });
          if (!verdict.holds) process.exitCode = exitCodes.no;
          return json ? printJson(verdict) : printPage(verdictLines(verdict));
        }
        const { verifyStore } = await import('./store.js');
        const { verificationLines } = await import('./page.js');
        const { withCheckNote } = await import('../ledger/check-notes.js');
        const outside = { receipts: receipt ?? [], checkpoints: checkpoint ?? [] };
        const verification = await withCheckNote(
          store,
          'verification',
          () => verifyStore(store, keys, outside),
          ({ holds, events }) => ({ holds, events }),
        );
        if (!verification.holds) process.exitCode = exitCodes.no;
        return json ? printJson(verification) : printPage(verificationLines(verification));
      },
    );
}
