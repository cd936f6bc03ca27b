import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { print, printJson } from '../terminal/io.js';
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
    summary: 'whether a ledger, an evidence pack, a receipt or a checkpoint is what was signed',
    details:
      'Without FILE, checks a whole ledger against its stored bytes and lists all damage: form, hashes, chains, ids, times, the Merkle ' +
      'tree, every checkpoint, rulebooks, decisions made again, read models. --receipt and --checkpoint hold it against what ' +
      'others kept. With FILE, checks that evidence pack, receipt or checkpoint by itself; a pack is held against --receipt and --checkpoint too.\n' +
      '--access-log checks who read what instead: the chain of the service’s access log against its anchors, or FILE, a copy of one.\n' +
      'Exits with 0 if it holds, with 1 if it does not.',
    examples: [
      'verify',
      'verify --key "$KEY" --receipt d-1.receipt',
      'verify d-1.receipt --key "$KEY"',
      'verify ap-1.zip --key "$KEY"',
      'verify --access-log --head "$HEAD"',
    ],
  })
    .option(
      '--key <key...>',
      'a verifier key that came from elsewhere (default: the one in the ledger’s key file)',
    )
    .option('--receipt <file...>', 'receipts to hold the ledger against')
    .option('--checkpoint <file...>', 'checkpoints to hold the ledger against')
    .option('--access-log', 'verify the access log; the service may run meanwhile')
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
          const report = await verifyAccess(store, file, head);
          if (!report.holds) process.exitCode = exitCodes.no;
          return json ? printJson(report) : print(`${accessLogLines(report).join('\n')}\n`);
        }
        const { readKeys } = await import('./keys.js');
        const keys = key === undefined ? undefined : readKeys(key);
        if (file !== undefined) {
          const { verifyFile } = await import('./file-kinds.js');
          const { verdictLines } = await import('./page.js');
          const verdict = await verifyFile(file, keys, {
            receipts: receipt ?? [],
            checkpoints: checkpoint ?? [],
          });
          if (!verdict.holds) process.exitCode = exitCodes.no;
          return json ? printJson(verdict) : print(`${verdictLines(verdict).join('\n')}\n`);
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
        return json
          ? printJson(verification)
          : print(`${verificationLines(verification).join('\n')}\n`);
      },
    );
}
