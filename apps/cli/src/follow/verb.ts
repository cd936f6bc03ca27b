import { InvalidArgumentError, type Command } from 'commander';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printPage } from '../terminal/io.js';
import { addFilesElsewhere, filesElsewhere } from '../ledger/files-elsewhere.js';
import { addVerb, jsonOption } from '../verb.js';
import { said } from '../terminal/language.js';

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
    summary: said(
      'keep a verified copy of the ledger that another machine serves',
      '为另一台机器提供的账本保持一份经验证的副本',
    ),
    details: said(
      'Takes events and signed checkpoints as they are recorded, checks each and stores it ' +
        'durably. It stores nothing that does not verify: it then stops with one line. While ' +
        'the source is away it waits. The copy answers queries and takes no commands; ' +
        '"promote" makes it the ledger. Names and texts stay sealed in it without --with-keys.',
      '随时获取新记录的事件和已签署的检查点，逐一检查并持久存储。不存储任何未通过验证的内容：' +
        '遇到时以一行信息停止。源无法连接时等待。副本可以回答查询，不接受指令；' +
        '"promote" 可将它提升为账本。没有 --with-keys 时，其中的名称和文字保持封存。',
    ),
    examples: [
      'follow https://a.example:8443 --to sqlite:./copy/ledger.db --token-file auditor.key',
      'follow --status --to sqlite:./copy/ledger.db',
    ],
  })
    .requiredOption('--to <url>', said('the copy: sqlite:PATH', '副本：sqlite:PATH'))
    .option(
      '--token-file <file>',
      said(
        'an API key of a role that reads everything: auditor',
        '可读取全部内容的角色的 API 密钥：auditor',
      ),
    )
    .option(
      '--ca-file <file>',
      said(
        'the authority that signed the certificate of the service, in PEM',
        '签发服务证书的机构，PEM 格式',
      ),
    )
    .option(
      '--key <key...>',
      said(
        'the key of the ledger, or a file with it (default: of first contact)',
        '账本的密钥，或保存密钥的文件（默认：首次连接时取得）',
      ),
    )
    .option(
      '--name <name>',
      said(
        'the name of the copy at the source (default: the host name)',
        '副本在源处的名称（默认：主机名）',
      ),
      nameIn,
    )
    .option(
      '--with-keys',
      said(
        "copy the keys too; needs an administrator's key and LEDGER_SHARE_KEYS=1",
        '同时复制密钥；需要管理员的密钥和 LEDGER_SHARE_KEYS=1',
      ),
    );
  addFilesElsewhere(verb, ['keys'])
    .option(
      '--once',
      said('end when everything is copied that the source has', '复制完源的全部内容后结束'),
    )
    .option('--status', said('print how far the copy is, and end', '打印副本的进度后结束'))
    .addOption(jsonOption())
    .action(async (url: string | undefined, options: FollowOptions) => {
      const { to, once = false, status = false, json = false, ...rest } = options;
      if (status) return showStatus(to, json);
      if (url === undefined)
        throw new UsageError(
          said(
            'URL: give the service to follow: https://HOST:PORT',
            'URL：请给出要跟随的服务：https://HOST:PORT',
          ),
        );
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
  if (!isFresh)
    note(
      said(
        'no process follows at the moment: start "ledger follow"',
        '目前没有进程在跟随：请启动 "ledger follow"',
      ),
    );
}

function nameIn(text: string): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(text))
    throw new InvalidArgumentError(
      said('Give 1 to 64 characters A-Z a-z 0-9 . _ -', '请给出 1 至 64 个字符：A-Z a-z 0-9 . _ -'),
    );
  return text;
}
