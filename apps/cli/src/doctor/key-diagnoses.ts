import { existsSync, statSync } from 'node:fs';
import { finishErasures } from '@penalty-ledger/application/finish-erasures';
import { secretIn } from '@penalty-ledger/application/key-secret';
import { isUnreadable, KeyStore, signingKeyName } from '@penalty-ledger/application/key-store';
import { assertKeySigned, SigningKeyLostError } from '@penalty-ledger/application/open-log';
import type { LedgerLocation } from '@penalty-ledger/application/store-url';
import { custodyOf, type EventStore } from '@penalty-ledger/event-store';
import { LogFile } from '@penalty-ledger/sequencer';
import { endingOf } from '../terminal/exit-codes.js';
import { settingsOf } from '../ledger/ledger-file.js';
import { count, figure } from '../terminal/words.js';
import type { Diagnosis } from './diagnosis.js';
import { said, saidIn } from '../terminal/language.js';
import { ok, restoreKeys, warn, fail } from './findings.js';

export async function keyDiagnoses(
  store: EventStore,
  path: string,
  subjects: ReadonlySet<string>,
): Promise<readonly Diagnosis[]> {
  if (!existsSync(path)) {
    return subjects.size === 0
      ? [ok('keys', said('none needed yet', '尚不需要'))]
      : [fail('keys', said(`"${path}" is missing`, `缺少 "${path}"`), saidIn(restoreKeys))];
  }
  if (isUnreadable(path))
    return [
      warn(
        'keys',
        said(`"${path}" cannot be read by this user`, `当前用户无权读取 "${path}"`),
        said(
          'names and texts stay sealed, and nothing can be signed; everything else can be read',
          '名称和文字保持封存，且不能签名；其余均可读取',
        ),
      ),
    ];
  const mode = statSync(path).mode & 0o777;
  const keys = KeyStore.open(path, (await settingsOf(store)).ledgerId);
  const erasedAgain = await finishErasures(store, keys);
  const isGone = keys.removeDestroyed();
  const states = [...subjects].map((subject) => keys.stateOf(subject));
  const erased = states.filter((state) => state === 'destroyed').length;
  const missing = states.filter((state) => state === 'never').length;
  const held = said(count(keys.subjects, 'subject key'), `${figure(keys.subjects)} 个主体密钥`);
  const kept = keptOf(keys.isProtected);
  keys.close();
  return [
    ...(missing === 0
      ? []
      : [
          fail(
            'keys',
            said(
              `${count(missing, 'subject')} in the events and not in "${path}"`,
              `事件中有 ${figure(missing)} 个主体在 "${path}" 中没有密钥`,
            ),
            saidIn(restoreKeys),
          ),
        ]),
    mode === 0o600
      ? kept.hint === undefined
        ? ok('keys', `${held}, ${kept.how}`)
        : warn('keys', `${held}, ${kept.how}`, kept.hint)
      : warn(
          'keys',
          said(
            `${held}, in a file of mode ${mode.toString(8)}`,
            `${held}，所在文件的权限为 ${mode.toString(8)}`,
          ),
          `chmod 600 ${path}`,
        ),
    ...erasedDiagnoses(path, { erased, erasedAgain, isGone }),
  ];
}

/** The state of the keys of erased subjects. */
function erasedDiagnoses(
  path: string,
  found: { readonly erased: number; readonly erasedAgain: number; readonly isGone: boolean },
): readonly Diagnosis[] {
  const { erased, erasedAgain, isGone } = found;
  return [
    ...(erasedAgain === 0
      ? []
      : [
          warn(
            'erased',
            said(
              `${count(erasedAgain, 'key')} of erased subjects in "${path}", destroyed now: ` +
                'an older file was put back, or an erasure was interrupted',
              `"${path}" 中仍有 ${figure(erasedAgain)} 个已删除主体的密钥，现已销毁：` +
                '该文件曾被换回旧文件，或删除曾中断',
            ),
            said('destroy the older copies of the key file', '请销毁密钥文件的旧副本'),
          ),
        ]),
    ...(isGone
      ? []
      : [
          warn(
            'erased',
            said(
              `another program reads "${path}": ` +
                'bytes of destroyed keys may be left in it or its log',
              `另一个程序正在读取 "${path}"：其中或其日志中可能仍有已销毁密钥的字节`,
            ),
            said('end that program, and run doctor again', '请结束该程序，再运行 doctor'),
          ),
        ]),
    ok(
      'erased',
      erased === 0
        ? said('no subject', '没有主体')
        : said(
            `${count(erased, 'subject')} without a key: their names and texts are gone`,
            `${figure(erased)} 个主体已无密钥：其名称和文字已删除`,
          ),
    ),
  ];
}

/** The way keys are kept, and what to do when it is not the one that was set. */
function keptOf(isProtected: boolean): { readonly how: string; readonly hint?: string } {
  if (isProtected) return { how: said('protected by a passphrase', '有口令保护') };
  const how = said('readable only by their owner, without a passphrase', '仅所有者可读，没有口令');
  return secretIn() === undefined
    ? { how }
    : {
        how,
        hint: said(
          'a passphrase is set, and the file is in plain text: "ledger keys protect"',
          '已设置口令，但文件仍为明文："ledger keys protect"',
        ),
      };
}

/** Compares the key that signs with the latest checkpoint. */
export async function signingKeyDiagnoses(
  store: EventStore,
  { keys: path, log }: LedgerLocation,
): Promise<readonly Diagnosis[]> {
  const isCopy = custodyOf(store)?.role === 'follower';
  if (isCopy || !existsSync(log) || !existsSync(path) || isUnreadable(path)) return [];
  const file = LogFile.open(log, 'read');
  const keys = KeyStore.open(path);
  try {
    const latest = file.latestCheckpoint();
    if (latest === undefined) return [];
    const name = signingKeyName((await settingsOf(store)).ledgerId);
    try {
      assertKeySigned(keys, name, latest.note);
    } catch (error) {
      if (!(error instanceof SigningKeyLostError)) throw error;
      return [fail('signing key', endingOf(error).message, saidIn(restoreKeys))];
    }
    return [
      ok('signing key', said('the one of the latest checkpoint', '与最新检查点的签名密钥一致')),
    ];
  } finally {
    keys.close();
    file.close();
  }
}
