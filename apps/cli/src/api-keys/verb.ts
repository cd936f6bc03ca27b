import type { InBoth } from '@penalty-ledger/application/language';
import { Argument, type Command } from 'commander';
import { UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printLine, printPage } from '../terminal/io.js';
import type { Role } from '@penalty-ledger/application/api-keys';
import type { KeyAdministration } from './key-administration.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { said, saidIn } from '../terminal/language.js';

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

const listHint: InBoth = {
  en: '"ledger api-keys list" prints the ids',
  zh: '"ledger api-keys list" 会打印编号',
};

export function addTo(program: Command): void {
  const verb = addVerb(program, 'api-keys', {
    summary: said(
      "issue, list and revoke the service's API keys on this machine",
      '在本机签发、列出和吊销服务的 API 密钥',
    ),
    details: said(
      'Helps when no administrator can sign in: write access to the data folder is enough. The ' +
        'service can keep running; changes take effect immediately. "issue" prints the token ' +
        'once. With "four-eyes on" the service asks a second administrator before keys and ' +
        'erasures; this verb asks nobody. Each change becomes an entry of the access log. ' +
        '"ledger keys" prints the signing key.',
      '没有管理员能够登录时可用：对数据文件夹有写权限即可。服务可以继续运行，更改立即生效。' +
        '"issue" 只打印一次令牌。启用 "four-eyes on" 后，' +
        '服务在管理密钥和删除个人信息前需要第二位管理员确认；本命令不需要。' +
        '每次更改都会记入访问日志。签名密钥由 "ledger keys" 打印。',
    ),
    examples: [
      'api-keys issue --role administrator --holder zhang --may-grant all',
      'api-keys list',
      'api-keys revoke 1f0c9a3b7d4c',
      'api-keys four-eyes on',
    ],
  });
  verb
    .addArgument(new Argument('<action>', said('what to do', '要做什么')).choices(actions))
    .argument(
      '[value]',
      said(
        'for "revoke": the id of the key; for "four-eyes": on or off',
        '用于 "revoke"：密钥编号；用于 "four-eyes"：on 或 off',
      ),
    )
    .option(
      '--role <role...>',
      said(
        'for "issue": ingest, officer, reviewer, auditor, administrator; for an agency: ' +
          'agency, or some of agency-reader, agency-filer, agency-submitter',
        '用于 "issue"：ingest、officer、reviewer、auditor、administrator；机构用：agency，' +
          '或 agency-reader、agency-filer、agency-submitter 中的若干个',
      ),
    )
    .option(
      '--holder <id>',
      said(
        'for "issue": the person or system that will hold the key',
        '用于 "issue"：将持有密钥的人员或系统',
      ),
    )
    .option(
      '--may-grant <role...>',
      said(
        'for "issue" of an administrator: the roles it may grant, or "all" (default: none)',
        '用于签发管理员的 "issue"：可授予的角色，或 "all"（默认：无）',
      ),
    )
    .option(
      '--label <text>',
      said(
        'for "issue": what the key is for; name a system, not a person',
        '用于 "issue"：密钥的用途；写系统名，不写人名',
      ),
    )
    .option(
      '--agency <id>',
      said(
        'for "issue": the agency, with a role of its people',
        '用于 "issue"：机构编号，配合机构人员的角色使用',
      ),
    )
    .option(
      '--expires-at <instant>',
      said(
        'for "issue": when the key expires (default: in 366 days)',
        '用于 "issue"：密钥的到期时间（默认：366 天后）',
      ),
    )
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
            : printLine(said(`four eyes are ${value ?? ''}`, `双人复核已设为 ${value ?? ''}`));
        }
        const revoked = administration.revoke(value ?? '');
        return options.json === true
          ? printJson(revoked)
          : printLine(said(`${revoked.id} is revoked`, `${revoked.id} 已吊销`));
      });
    });
}

function assertFits(act: Action, value: string | undefined): void {
  if (act === 'revoke' && value === undefined)
    throw new UsageError(
      said('revoke: the id of the key is missing', 'revoke：缺少密钥编号'),
      saidIn(listHint),
    );
  if (act === 'four-eyes' && value !== 'on' && value !== 'off')
    throw new UsageError(
      value === undefined
        ? said('four-eyes: on or off is missing', 'four-eyes：缺少 on 或 off')
        : said(`four-eyes: "${value}" is wrong`, `four-eyes："${value}" 有误`),
      said('give on or off', '请给出 on 或 off'),
    );
  if ((act === 'issue' || act === 'list') && value !== undefined)
    throw new UsageError(
      said(
        `${act}: "${value}" is one argument too many; ${act} takes no key`,
        `${act}：多了一个参数 "${value}"；${act} 不需要密钥编号`,
      ),
    );
}

async function issue(
  administration: KeyAdministration,
  { role = [], label, holder, mayGrant, agency, expiresAt, json = false }: ApiKeysOptions,
): Promise<void> {
  if (holder === undefined)
    throw new UsageError(
      said('issue: --holder is missing', 'issue：缺少 --holder'),
      said(
        'name the person or system that will hold the key by an id: --holder zhang',
        '请用编号写明将持有密钥的人员或系统：--holder zhang',
      ),
    );
  const { parseInstant } = await import('@penalty-ledger/ledger');
  const until = expiresAt === undefined ? undefined : parseInstant(expiresAt);
  if (expiresAt !== undefined && until === undefined)
    throw new UsageError(
      said(
        `--expires-at: "${expiresAt}" is not an RFC 3339 instant with an offset`,
        `--expires-at："${expiresAt}" 不是带时区偏移的 RFC 3339 时间`,
      ),
      said('write it as 2027-01-01T00:00:00+08:00', '请写成 2027-01-01T00:00:00+08:00'),
    );
  const issued = administration.issue({
    label: label ?? said('issued at the machine', '本机签发'),
    holder,
    roles: role as never,
    ...(mayGrant !== undefined && { mayGrant: await rolesNamed(mayGrant) }),
    ...(agency !== undefined && { agencyId: agency }),
    ...(until !== undefined && { expiresAt: until }),
  });
  if (json) return printJson(issued);
  note(
    said(
      `key ${issued.key.id} is valid until ${issued.key.expiresAt}; its token is shown only now:`,
      `密钥 ${issued.key.id} 有效至 ${issued.key.expiresAt}；其令牌只在此时显示：`,
    ),
  );
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
