import { Argument, type Command } from 'commander';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printLine } from '../terminal/io.js';
import { count as counted } from '../terminal/words.js';
import type { Acceptance } from './acceptance.js';
import type { NewPassphrase, ProtectionAct } from './protection.js';
import { said } from '../terminal/language.js';

type KeysOptions = AskOptions & NewPassphrase & { readonly by?: string };

export function addTo(program: Command): void {
  const verb = addVerb(program, 'keys', {
    summary: said(
      "print the ledger's public signing key, rotate it, or protect the key file",
      '打印或轮换账本的签名密钥，或保护密钥文件',
    ),
    details: said(
      'Prints the verifier key (C2SP signed-note, Ed25519) and the same key in PEM. Give it to ' +
        'everyone who verifies what this ledger signs. The private key never leaves the key ' +
        'file.\n"protect" seals all keys in the file under a passphrase, "unprotect" stores ' +
        'them in plain text again. The passphrase comes from LEDGER_KEYS_PASSPHRASE_FILE, from ' +
        'the program that LEDGER_KEYS_COMMAND names, or from the terminal. Nothing may write ' +
        'the ledger meanwhile.\n"rotate" makes another signing key and destroys the one before. ' +
        'Both sign the event that says so; with its receipt, who knows the key before follows ' +
        'to the new one: "ledger verify --key OLD --receipt FILE".\n"accept-rows" takes every ' +
        'row of the event file as this ledger’s, where an older key file was put back that does ' +
        'not know their MACs; all else must hold. "accept-lost-checkpoints" goes on without ' +
        'checkpoints that are lost for good. An event records either.',
      '打印验证密钥（C2SP signed-note，Ed25519）以及同一密钥的 PEM 格式。' +
        '请交给所有需要验证本账本签署内容的人。私钥从不离开密钥文件。' +
        '\n"protect" 用口令封存文件中的全部密钥，"unprotect" 恢复为明文存储。' +
        '口令来自 LEDGER_KEYS_PASSPHRASE_FILE、LEDGER_KEYS_COMMAND 指定的程序，或终端。' +
        '期间不得有其他进程写入账本。' +
        '\n"rotate" 生成新的签名密钥并销毁此前的密钥。两个密钥都会签署相应的事件；' +
        '凭该事件的回执，持有此前密钥的人可信任新密钥：' +
        '"ledger verify --key OLD --receipt FILE"。' +
        '\n"accept-rows" 在换回旧密钥文件、其中没有行校验码的密钥时，' +
        '把事件文件的所有行认作本账本的；其余检查须全部相符。' +
        '"accept-lost-checkpoints" 在检查点永久丢失后继续。二者均记录为事件。',
    ),
    examples: [
      ['keys', 'penalty-ledger-…', '-----BEGIN PUBLIC KEY-----', '...'],
      'keys --json',
      'keys protect',
      'keys change-passphrase',
      'keys rotate --by admin-1',
    ],
  });
  verb
    .addArgument(
      new Argument('[action]', said('what to do with the key file', '对密钥文件的操作')).choices([
        'protect',
        'unprotect',
        'change-passphrase',
        'rotate',
        'accept-rows',
        'accept-lost-checkpoints',
      ]),
    )
    .option(
      '--by <id>',
      said(
        'for "rotate" and what accepts a loss: who does so',
        '用于 "rotate" 和接受丢失的操作：由谁执行',
      ),
    )
    .option(
      '--new-passphrase-file <file>',
      said(
        'for "change-passphrase": the file of the new one',
        '用于 "change-passphrase"：新口令的文件',
      ),
    )
    .option(
      '--new-command <command>',
      said(
        'for "change-passphrase": the program that prints the new one',
        '用于 "change-passphrase"：打印新口令的程序',
      ),
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .action((act: ProtectionAct | 'rotate' | Acceptance | undefined, options: KeysOptions) => {
      const { newPassphraseFile, newCommand, by } = options;
      if (by !== undefined && !isRecorded(act))
        throw new UsageError(
          said(
            '--by goes with "rotate", "accept-rows" and "accept-lost-checkpoints" alone',
            '--by 只能与 "rotate"、"accept-rows" 和 "accept-lost-checkpoints" 一起使用',
          ),
        );
      const given = [newPassphraseFile, newCommand].filter((each) => each !== undefined);
      if (given.length > (act === 'change-passphrase' ? 1 : 0))
        throw new UsageError(
          said(
            'give one of --new-passphrase-file and --new-command, and only with ' +
              '"change-passphrase"',
            '--new-passphrase-file 和 --new-command 只能给出一个，并且只用于 "change-passphrase"',
          ),
        );
      if (act === 'rotate') return rotate(options);
      if (act === 'accept-rows' || act === 'accept-lost-checkpoints') return accept(act, options);
      return act === undefined ? printKey(options) : change(act, options);
    });
}

async function change(
  act: ProtectionAct,
  { store, json = false, ...given }: KeysOptions,
): Promise<void> {
  const { changeProtection } = await import('./protection.js');
  const changed = await changeProtection(store, act, given);
  if (json) return printJson(changed);
  return printLine(
    changed.protected
      ? said(
          `${changed.file} is protected by the passphrase: without it every key is lost`,
          `${changed.file} 已由口令保护：没有口令，所有密钥都将丢失`,
        )
      : said(
          `${changed.file} is not protected: only its mode keeps readers out`,
          `${changed.file} 没有保护：只有文件权限阻止他人读取`,
        ),
  );
}

async function rotate({ store, by, json = false }: KeysOptions): Promise<void> {
  const { rotateKey } = await import('./rotation.js');
  const { markedAnswer, noteSimulation } = await import('../terminal/simulation-mark.js');
  const rotated = await rotateKey(store, by);
  const { previous, verifierKey, revision, simulation } = rotated;
  if (json) return printJson(markedAnswer({ previous, verifierKey, revision }, rotated));
  noteSimulation({ simulation });
  await printLine(verifierKey);
  note(
    said(
      'the ledger signs with this key from now on; the one before is destroyed',
      '账本从现在起用此密钥签署；此前的密钥已销毁',
    ),
  );
  note(
    said(
      `give who knows the key before the output of "ledger receipt --event ledger@${revision}"`,
      `请把 "ledger receipt --event ledger@${revision}" 的输出交给持有此前密钥的人`,
    ),
  );
}

/** Says whether an event names who did it. */
function isRecorded(act: string | undefined): boolean {
  return act === 'rotate' || act === 'accept-rows' || act === 'accept-lost-checkpoints';
}

async function accept(act: Acceptance, { store, by, json = false }: KeysOptions): Promise<void> {
  const { acceptLoss } = await import('./acceptance.js');
  const { markedAnswer, noteSimulation } = await import('../terminal/simulation-mark.js');
  const { simulation, ...accepted } = await acceptLoss(store, act, by);
  if (json) return printJson(markedAnswer(accepted, { simulation }));
  noteSimulation({ simulation });
  const { kind, count, upTo } = accepted;
  return printLine(
    kind === 'rows_unknown'
      ? said(
          `taken as the ledger's: ${counted(count, 'event')}; its last checkpoint is for ${upTo} ` +
            'of them, and nothing vouches for those behind',
          `已将 ${count} 个事件认作本账本的；最近的检查点为其中 ${upTo} 个签署，` +
            '其后的事件没有凭据',
        )
      : said(
          `the loss of ${counted(count, 'checkpoint')}, the largest for ` +
            `${counted(upTo, 'event')}, is recorded; ` +
            'ask those who keep one for "ledger verify --checkpoint"',
          `已记录丢失 ${count} 个检查点，最大的为 ${upTo} 个事件签署；` +
            '请向保存有检查点者索取，用于 "ledger verify --checkpoint"',
        ),
  );
}

async function printKey({ store: url, json = false }: KeysOptions): Promise<void> {
  const { KeyStore, signingKeyName } = await import('@penalty-ledger/application/key-store');
  const { assertSignedHistory } = await import('@penalty-ledger/application/open-log');
  const { settingsOf, withLedgerFile } = await import('../ledger/ledger-file.js');
  await withLedgerFile(url, 'read', async ({ store, location }) => {
    const { ledgerId } = await settingsOf(store);
    const keys = KeyStore.open(location.keys, ledgerId);
    const name = signingKeyName(ledgerId);
    try {
      if (keys.findSigningKey(name) === undefined)
        await assertSignedHistory(store, keys, location.log);
      const { verifierKey, publicPem } = keys.signingKey(name);
      if (json) {
        await printJson({ name, verifierKey, publicPem });
        return;
      }
      await printLine(verifierKey);
      await printLine(publicPem.trimEnd());
      note(
        said(
          `the private key is in ${location.keys}: back it up, and keep it secret`,
          `私钥在 ${location.keys} 中：请备份并妥善保密`,
        ),
      );
    } finally {
      keys.close();
    }
  });
}
