import { Option, type Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';
import { said } from '../terminal/language.js';

interface ServeOptions {
  readonly store: string;
  readonly host?: string;
  readonly port?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'serve', {
    summary: said('serve the HTTP API and its documentation', '提供 HTTP API 及其文档'),
    details: said(
      'Makes a new ledger where there is none, prints where everything is, and gives the first ' +
        "administrator's API key once: on a terminal, else in a file of mode 0600. It listens " +
        'on this machine only, unless --host says otherwise. Other settings are LEDGER_ ' +
        'variables (docs/http-api.md). An interrupt ends it, after it has answered the ' +
        'commands that it took.',
      '没有账本时新建一个，打印各项所在位置，并只给出一次第一位管理员的 API 密钥：' +
        '在终端上打印，否则写入权限为 0600 的文件。除非 --host 另有指定，只监听本机。' +
        '其他设置见 LEDGER_ 变量（docs/http-api.md）。中断信号会在答复已接受的指令后结束服务。',
    ),
    examples: ['serve', 'serve --store sqlite:./data/ledger.db --port 9000'],
  })
    .addOption(
      new Option(
        '--port <port>',
        said(
          'the port to listen on; 0 takes a free one (default: 8080)',
          '监听的端口；0 表示取空闲端口（默认：8080）',
        ),
      ).env('LEDGER_PORT'),
    )
    .addOption(
      new Option(
        '--host <address>',
        said('the address to listen on (default: 127.0.0.1)', '监听的地址（默认：127.0.0.1）'),
      ).env('LEDGER_HOST'),
    )
    .addOption(storeOption())
    .action(async ({ store, host, port }: ServeOptions) => {
      const { readSettings, run } = await import('@penalty-ledger/api');
      await run(
        readSettings({ ...process.env, LEDGER_STORE: store, LEDGER_HOST: host, LEDGER_PORT: port }),
      );
    });
}
