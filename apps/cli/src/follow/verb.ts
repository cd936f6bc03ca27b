import { InvalidArgumentError, type Command } from 'commander';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printPage } from '../terminal/io.js';
import { addFilesElsewhere, filesElsewhere } from '../ledger/files-elsewhere.js';
import { addVerb, jsonOption } from '../verb.js';

interface FollowOptions {
  readonly to: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly key?: readonly string[];
  readonly name?: string;
  readonly withKeys?: boolean;
  readonly keysFile?: string;
  readonly once?: boolean;
  readonly status?: boolean;
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'follow [url]', {
    summary: 'keep a verified copy of the ledger that another machine serves',
    details:
      'Takes events and signed checkpoints as they are recorded, checks each and stores it ' +
      'durably. It stores nothing that does not verify: it then stops with one line. While the ' +
      'source is away it waits. The copy answers queries and takes no commands; "promote" makes ' +
      'it the ledger. Names and texts stay sealed in it without --with-keys.',
    examples: [
      'follow https://a.example:8443 --to sqlite:./copy/ledger.db --token-file auditor.key',
      'follow --status --to sqlite:./copy/ledger.db',
    ],
  })
    .requiredOption('--to <url>', 'the copy: sqlite:PATH')
    .option('--token-file <file>', 'an API key of a role that reads everything: auditor')
    .option('--ca-file <file>', 'the authority that signed the certificate of the service, in PEM')
    .option(
      '--key <key...>',
      'the key of the ledger, or a file with it (default: of first contact)',
    )
    .option('--name <name>', 'the name of the copy at the source (default: the host name)', nameIn)
    .option(
      '--with-keys',
      "copy the keys too; needs an administrator's key and LEDGER_SHARE_KEYS=1",
    );
  addFilesElsewhere(verb, ['keys'])
    .option('--once', 'end when everything is copied that the source has')
    .option('--status', 'print how far the copy is, and end')
    .addOption(jsonOption())
    .action(async (url: string | undefined, options: FollowOptions) => {
      const { to, once = false, status = false, json = false, ...rest } = options;
      if (status) return showStatus(to, json);
      if (url === undefined)
        throw new UsageError('URL: give the service to follow: https://HOST:PORT');
      const { follow } = await import('./following.js');
      const elsewhere = filesElsewhere(rest, rest.withKeys === true ? ['keys'] : []);
      const end = await follow({ url, to, once, ...rest, elsewhere });
      if (json) await printJson(end);
    });
}

async function showStatus(to: string, json: boolean): Promise<void> {
  const { notedStatus } = await import('./following.js');
  const { statusPage } = await import('./page.js');
  const { status, ageSeconds, isFresh } = await notedStatus(to);
  if (json) await printJson({ ...status, ageSeconds, running: isFresh });
  else await printPage(statusPage(status, ageSeconds));
  if (isFresh && status.state === 'following') return;
  process.exitCode = exitCodes.no;
  if (!isFresh) note('no process follows at the moment: start "ledger follow"');
}

function nameIn(text: string): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(text))
    throw new InvalidArgumentError('Give 1 to 64 characters A-Z a-z 0-9 . _ -');
  return text;
}
