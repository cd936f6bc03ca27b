import { Argument, type Command } from 'commander';
import { UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printLine, printPage } from '../terminal/io.js';
import type { Role } from '@penalty-ledger/application/api-keys';
import type { KeyAdministration } from './key-administration.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';

interface ApiKeysOptions extends AskOptions {
  readonly role?: readonly string[];
  readonly label?: string;
  readonly holder?: string;
  readonly mayGrant?: readonly string[];
  readonly agency?: string;
  readonly expiresAt?: string;
}

const actions = ['issue', 'list', 'revoke', 'four-eyes'] as const;
type Action = (typeof actions)[number];

const listHint = '"ledger api-keys list" prints the ids';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'api-keys', {
    summary: "issue, list and revoke the service's API keys on this machine",
    details:
      'Helps when no administrator can sign in: write access to the data folder is enough. The ' +
      'service can keep running; changes take effect immediately. "issue" prints the token once. ' +
      'With "four-eyes on" the service asks a second administrator before keys and erasures; ' +
      'this verb asks nobody. Each change becomes an entry of the access log. ' +
      '"ledger keys" prints the signing key.',
    examples: [
      'api-keys issue --role administrator --holder zhang --may-grant all',
      'api-keys list',
      'api-keys revoke 1f0c9a3b7d4c',
      'api-keys four-eyes on',
    ],
  });
  verb
    .addArgument(new Argument('<action>', 'what to do').choices(actions))
    .argument('[value]', 'for "revoke": the id of the key; for "four-eyes": on or off')
    .option(
      '--role <role...>',
      'for "issue": ingest, officer, reviewer, auditor, administrator; for an agency: agency, or ' +
        'some of agency-reader, agency-filer, agency-submitter',
    )
    .option('--holder <id>', 'for "issue": the person or system that will hold the key')
    .option(
      '--may-grant <role...>',
      'for "issue" of an administrator: the roles it may grant, or "all" (default: none)',
    )
    .option('--label <text>', 'for "issue": what the key is for; name a system, not a person')
    .option('--agency <id>', 'for "issue": the agency, with a role of its people')
    .option('--expires-at <instant>', 'for "issue": when the key expires (default: in 366 days)')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (act: Action, value: string | undefined, options: ApiKeysOptions) => {
      assertFits(act, value);
      const { withApiKeys } = await import('./key-administration.js');
      await withApiKeys(options.store, async (administration) => {
        if (act === 'issue') return issue(administration, options);
        if (act === 'list') return list(administration, options);
        if (act === 'four-eyes') {
          administration.switchFourEyes(value === 'on');
          return options.json === true
            ? printJson({ isOn: value === 'on' })
            : printLine(`four eyes are ${value ?? ''}`);
        }
        const revoked = administration.revoke(value ?? '');
        return options.json === true ? printJson(revoked) : printLine(`${revoked.id} is revoked`);
      });
    });
}

function assertFits(act: Action, value: string | undefined): void {
  if (act === 'revoke' && value === undefined)
    throw new UsageError('revoke: the id of the key is missing', listHint);
  if (act === 'four-eyes' && value !== 'on' && value !== 'off')
    throw new UsageError(
      value === undefined ? 'four-eyes: on or off is missing' : `four-eyes: "${value}" is wrong`,
      'give on or off',
    );
  if ((act === 'issue' || act === 'list') && value !== undefined)
    throw new UsageError(`${act}: "${value}" is one argument too many; ${act} takes no key`);
}

async function issue(
  administration: KeyAdministration,
  { role = [], label, holder, mayGrant, agency, expiresAt, json = false }: ApiKeysOptions,
): Promise<void> {
  if (holder === undefined)
    throw new UsageError(
      'issue: --holder is missing',
      'name the person or system that will hold the key by an id: --holder zhang',
    );
  const { parseInstant } = await import('@penalty-ledger/ledger');
  const until = expiresAt === undefined ? undefined : parseInstant(expiresAt);
  if (expiresAt !== undefined && until === undefined)
    throw new UsageError(
      `--expires-at: "${expiresAt}" is not an RFC 3339 instant with an offset`,
      'write it as 2027-01-01T00:00:00+08:00',
    );
  const issued = administration.issue({
    label: label ?? 'issued at the machine',
    holder,
    roles: role as never,
    ...(mayGrant !== undefined && { mayGrant: await rolesNamed(mayGrant) }),
    ...(agency !== undefined && { agencyId: agency }),
    ...(until !== undefined && { expiresAt: until }),
  });
  if (json) return printJson(issued);
  note(`key ${issued.key.id} is valid until ${issued.key.expiresAt}; its token is shown only now:`);
  return printLine(issued.token);
}

async function rolesNamed(named: readonly string[]): Promise<readonly Role[]> {
  if (named.length !== 1 || named[0] !== 'all') return named as readonly Role[];
  return (await import('@penalty-ledger/application/api-keys')).roles;
}

async function list(
  administration: KeyAdministration,
  { json = false }: ApiKeysOptions,
): Promise<void> {
  const { apiKeyTable } = await import('./page.js');
  const keys = administration.list();
  return json ? printJson(keys) : printPage(apiKeyTable(keys, administration.now));
}
