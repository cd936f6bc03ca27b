import type { Command } from 'commander';
import { printJson, printPage } from '../terminal/io.js';
import { noteEvidenceStays } from '../ledger/evidence-note.js';
import { addFilesElsewhere, filesElsewhere } from '../ledger/files-elsewhere.js';
import { addVerb, jsonOption, leaseSecondsOption } from '../verb.js';

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly keys: boolean;
  readonly keysFile?: string;
  readonly leaseSeconds: number;
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'copy', {
    summary: 'copy a ledger to another engine or file, and verify the copy',
    details:
      'Copies every event in order, with the same bytes, ids and hashes, then the checkpoints. ' +
      'Compares both sides: events, stream heads, tree, read models, balances. Run it again ' +
      'after an interruption, and it continues. The target must be empty or hold the beginning ' +
      'of the same ledger; neither side may be written meanwhile.',
    examples: [
      'copy --from sqlite:./data/ledger.db --to esdb://node1:2113',
      'copy --from $LEDGER_STORE --to sqlite:./copy/ledger.db',
    ],
  })
    .requiredOption(
      '--from <url>',
      'the ledger to copy: sqlite:PATH, esdb://HOST or kurrentdb://HOST',
    )
    .requiredOption('--to <url>', 'the target, named in the same way')
    .option('--no-keys', 'leave out the keys, to bring them another way');
  addFilesElsewhere(verb, ['keys'])
    .addOption(leaseSecondsOption('copy'))
    .addOption(jsonOption())
    .action(async (options: CopyOptions) => {
      const { from, to, keys, leaseSeconds, json = false } = options;
      const { copyWithProgress } = await import('./ledger-copy.js');
      const { copyPage } = await import('./page.js');
      const elsewhere = filesElsewhere(options, keys ? ['keys'] : []);
      const termMs = leaseSeconds * 1_000;
      const copied = await copyWithProgress({ from, to, keys, elsewhere, termMs });
      noteEvidenceStays(from);
      return json ? printJson(copied) : printPage(copyPage(copied));
    });
}
