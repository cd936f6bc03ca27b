import { Argument, type Command } from 'commander';
import { UsageError } from '../terminal/exit-codes.js';
import { note, print, printJson, printLine } from '../terminal/io.js';
import type { KeyAdministration } from './key-administration.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';

interface ApiKeysOptions extends AskOptions {
  readonly role?: readonly string[];
  readonly label?: string;
  readonly agency?: string;
  readonly expiresAt?: string;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'api-keys', {
    summary: 'who may ask the service: issue, list and revoke its keys at this machine',
    details:
      'For when no administrator can sign in any more: whoever may write the data folder may issue a key. The service may run; it takes a key, or its ' +
      'end, at once. "issue" prints the token, this once. Each change becomes an entry of the access log. The key the ledger signs with is "ledger keys".',
    examples: [
      'api-keys issue --role administrator --label "new administrator"',
      'api-keys list',
      'api-keys revoke 1f0c9a3b7d4c',
    ],
  });
  verb
    .addArgument(new Argument('<act>', 'what to do').choices(['issue', 'list', 'revoke']))
    .argument('[key]', 'of "revoke": the id of the key')
    .option(
      '--role <role...>',
      'of "issue": ingest, officer, reviewer, auditor, agency or administrator',
    )
    .option(
      '--label <text>',
      'of "issue": what the key is for, a system’s name rather than a person’s',
    )
    .option('--agency <id>', 'of "issue": the agency of the role agency')
    .option('--expires-at <instant>', 'of "issue": when it ends (default: in 366 days)')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (act: string, key: string | undefined, options: ApiKeysOptions) => {
      if ((act === 'revoke') !== (key !== undefined)) {
        throw new UsageError(
          act === 'revoke' ? 'revoke: which key?' : `${act}: takes no key`,
          '"ledger api-keys list" has the ids',
        );
      }
      const { withApiKeys } = await import('./key-administration.js');
      await withApiKeys(options.store, async (administration) => {
        if (act === 'issue') return issue(administration, options);
        if (act === 'list') return list(administration, options);
        const revoked = administration.revoke(key ?? '');
        return options.json === true
          ? printJson(revoked)
          : printLine(`${revoked.id} opens nothing any more.`);
      });
    });
}

async function issue(
  administration: KeyAdministration,
  { role = [], label, agency, expiresAt, json = false }: ApiKeysOptions,
): Promise<void> {
  const { parseInstant } = await import('@penalty-ledger/ledger');
  const until = expiresAt === undefined ? undefined : parseInstant(expiresAt);
  if (expiresAt !== undefined && until === undefined)
    throw new UsageError(
      '--expires-at: give an RFC 3339 instant with an offset: 2027-01-01T00:00:00+08:00',
    );
  const issued = administration.issue({
    label: label ?? 'issued at the machine',
    roles: role as never,
    ...(agency !== undefined && { agencyId: agency }),
    ...(until !== undefined && { expiresAt: until }),
  });
  if (json) return printJson(issued);
  note(`key ${issued.key.id}, until ${issued.key.expiresAt}; its token is shown this once:`);
  return printLine(issued.token);
}

async function list(
  administration: KeyAdministration,
  { json = false }: ApiKeysOptions,
): Promise<void> {
  const { apiKeyTable } = await import('./page.js');
  const keys = administration.list();
  return json ? printJson(keys) : print(`${apiKeyTable(keys, administration.now).join('\n')}\n`);
}
