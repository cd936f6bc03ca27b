import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { EventStore, Position } from '@penalty-ledger/event-store';
import {
  canonicalJson,
  checkOf,
  closed,
  IdSchema,
  nullable,
  UtcInstantSchema,
  type Shape,
  type InBoth,
} from '@penalty-ledger/ledger';
import { LogFile } from '@penalty-ledger/sequencer';
import { Type } from '@sinclair/typebox';
import { AccessFile } from '../access/access-file.js';
import { Webhooks } from '../access/webhooks/index.js';
import { utf8TextOf } from '../intake/file-lines.js';
import { readBeginning } from '../keys/bounded-file.js';
import { finishErasures } from '../keys/finish-erasures.js';
import { KeysFileError } from '../keys/secret-file.js';
import { KeyStore, type KeyStoreContents } from '../keys/key-store.js';
import type { LedgerLocation } from '../stores/store-url.js';
import { assertSeal, isSealed, sealed, unsealed, type Opening, type Seal } from './age-file.js';
import { writeDurably } from './durable-file.js';
import { systemReason } from '../system-error.js';

/** A file that is to hold the keys of a ledger. */
export interface KeysWanted {
  readonly path: string;
  readonly seal: Seal;
}

/** The content of a file of keys that was written. */
export interface KeysBackedUp {
  readonly path: string;
  /** Subjects with a key. */
  readonly subjects: number;
  /** Subjects whose key was destroyed. */
  readonly destroyed: number;
  /** True when API keys and webhooks are in it. */
  readonly access: boolean;
  readonly encrypted: boolean;
}

/** A file of keys, read. */
export interface KeysFile {
  readonly header: KeysHeader;
  readonly contents: KeyStoreContents;
  /** The access file, if there was one. Its webhooks' cursors are numbers of events. */
  readonly access: Uint8Array | undefined;
}

type KeysHeader = Shape<typeof HeaderSchema>;
const HeaderSchema = closed({
  events: Type.Integer({ minimum: 0 }),
  format: Type.Literal(1),
  kind: Type.Literal('penalty-ledger-keys'),
  ledgerId: IdSchema,
  madeAt: UtcInstantSchema,
});
const SubjectSchema = closed({
  key: nullable(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })),
  subject: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,80}$' }),
});
const SigningSchema = closed({
  name: Type.String({ pattern: '^[!-*,-~]{1,100}$' }),
  privatePem: Type.String({ maxLength: 1_000 }),
  publicPem: Type.String({ maxLength: 1_000 }),
});
const AccessSchema = closed({ access: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$' }) });

const checkHeader = checkOf(HeaderSchema, 'line 1');
const checkSubject = checkOf(SubjectSchema, 'subject');
const checkSigning = checkOf(SigningSchema, 'signing key');
const checkAccess = checkOf(AccessSchema, 'access file');

/** The limit of a file of keys: some five million subjects. */
const keysByteLimit = 1 << 29;

/**
 * Checks where and how keys are to be written, before anything is.
 *
 * @param folder the backup's
 * @throws KeysFileError when the file lies inside the folder, is another file, or cannot be
 * encrypted so
 */
export async function assertKeysWanted({ path, seal }: KeysWanted, folder: string): Promise<void> {
  const inside = relative(realPathOf(folder), realPathOf(path));
  if (inside !== '..' && !inside.startsWith(`..${sep}`))
    throw new KeysFileError(
      {
        en: `"${path}" lies inside "${folder}": events and keys together undo every erasure`,
        zh: `"${path}" 位于 "${folder}" 之内：事件与密钥放在一起会使所有删除失效`,
      },
      {
        en: 'give a file elsewhere, and keep the two apart',
        zh: '请给出别处的文件，并将二者分开保管',
      },
    );
  if (existsSync(path) && !isKeysFile(path))
    throw new KeysFileError(
      {
        en: `"${path}" exists and is not a backup of keys`,
        zh: `"${path}" 已存在，且不是密钥备份`,
      },
      { en: 'give another file, or move this one away', zh: '请给出另一个文件，或移走此文件' },
    );
  await assertSeal(seal);
}

/**
 * Writes the keys of a ledger into a file, in place of an earlier one, durably and in one step. The
 * events must have been read before: a key is durable before the first event that needs it. Keys of
 * erased subjects are left out, also those that an older key file brought back.
 */
export async function backUpKeys(
  { path, seal }: KeysWanted,
  location: LedgerLocation,
  store: EventStore,
  about: Omit<KeysHeader, 'format' | 'kind'>,
): Promise<KeysBackedUp> {
  if (!existsSync(location.keys))
    throw new KeysFileError(
      {
        en: `there are no keys at "${location.keys}"; the events are backed up`,
        zh: `"${location.keys}" 处没有密钥；事件已备份`,
      },
      {
        en: 'LEDGER_KEYS names the file of the keys, where they lie elsewhere',
        zh: '密钥在别处时，请用 LEDGER_KEYS 指定密钥文件',
      },
    );
  const keys = KeyStore.open(location.keys, about.ledgerId);
  const contents = await contentsOf(keys, store);
  const access = existsSync(location.access) ? accessOf(location) : undefined;
  const lines = [
    { ...about, format: 1, kind: 'penalty-ledger-keys' },
    ...contents.subjects.map(({ subject, key }) => ({
      key: key === null ? null : Buffer.from(key).toString('base64'),
      subject,
    })),
    ...contents.signing.map(({ name, privatePem, publicPem }) => ({ name, privatePem, publicPem })),
    ...(access === undefined ? [] : [{ access: Buffer.from(access).toString('base64') }]),
  ];
  const text = lines.map((line) => `${canonicalJson(line)}\n`).join('');
  await writeDurably(path, await sealed(Buffer.from(text), seal));
  const subjects = contents.subjects.filter(({ key }) => key !== null).length;
  return {
    path,
    subjects,
    destroyed: contents.subjects.length - subjects,
    access: access !== undefined,
    encrypted: seal.to !== 'nobody',
  };
}

/**
 * Reads a file of keys.
 *
 * @throws KeysFileError when it is not one, is damaged, or cannot be opened so
 */
export async function readKeysFile(path: string, opening: Opening | undefined): Promise<KeysFile> {
  const text = utf8TextOf(await unsealed(readAll(path), opening, path));
  const lines = text?.split('\n') ?? [];
  if (lines.pop() !== '')
    throw damaged(path, { en: 'it does not end with a line feed', zh: '末尾没有换行符' });
  const [header, ...rest] = lines.map((line) => parsed(line, path));
  const [problem] = checkHeader(header);
  if (problem !== undefined) throw damaged(path, problem);
  const subjects: { subject: string; key: Uint8Array | null }[] = [];
  const signing: Shape<typeof SigningSchema>[] = [];
  let access: Uint8Array | undefined;
  for (const line of rest) {
    if (checkSubject(line).length === 0) {
      const { subject, key } = line as Shape<typeof SubjectSchema>;
      subjects.push({ subject, key: key === null ? null : Buffer.from(key, 'base64') });
    } else if (checkSigning(line).length === 0) {
      signing.push(checkedPair(line as Shape<typeof SigningSchema>, path));
    } else if (checkAccess(line).length === 0 && access === undefined) {
      access = Buffer.from((line as Shape<typeof AccessSchema>).access, 'base64');
    } else {
      throw damaged(path, { en: 'it has a line that is not a key', zh: '有一行不是密钥' });
    }
  }
  if (new Set(subjects.map(({ subject }) => subject)).size < subjects.length)
    throw damaged(path, { en: 'it has two keys of one subject', zh: '同一主体有两个密钥' });
  return { header: header as KeysHeader, contents: { subjects, signing }, access };
}

async function contentsOf(keys: KeyStore, store: EventStore): Promise<KeyStoreContents> {
  try {
    await finishErasures(store, keys);
    return keys.contents();
  } finally {
    keys.close();
  }
}

/**
 * A copy of the access file, with the place of each webhook as a number of events: positions are
 * another store's after a restore. An event that is not in the tree yet is sent again.
 */
function accessOf({ access, log }: LedgerLocation): Uint8Array {
  const numberOf = (cursor: Position, file: LogFile | undefined): number => {
    const leaf = file?.leafAt(cursor);
    if (leaf !== undefined) return leaf + 1;
    return /^\d{1,15}$/.test(cursor) ? Number(cursor) : Math.max(1, file?.progress.size ?? 1);
  };
  const file = existsSync(log) ? LogFile.open(log, 'read') : undefined;
  const source = AccessFile.open(access);
  try {
    return source.copy((copy) => {
      moveCursors(copy, (cursor) => String(numberOf(cursor, file)));
    });
  } finally {
    source.close();
    file?.close();
  }
}

/** Gives each webhook that has a place another one. */
export function moveCursors(file: AccessFile, moved: (cursor: Position) => Position): void {
  const webhooks = new Webhooks(file);
  for (const { id, cursor } of webhooks.list())
    if (cursor !== undefined && moved(cursor) !== cursor) webhooks.moveCursor(id, moved(cursor));
}

function isKeysFile(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  const bytes = readBeginning(path, 1_000);
  return (
    isSealed(bytes) || Buffer.from(bytes).toString('utf8').includes('"kind":"penalty-ledger-keys"')
  );
}

function readAll(path: string): Uint8Array {
  try {
    // Its length says nothing for a pipe or a device.
    const bytes = readBeginning(path, keysByteLimit + 1);
    if (bytes.length > keysByteLimit)
      throw new KeysFileError({
        en: `"${path}" is longer than ${keysByteLimit} bytes, the limit`,
        zh: `"${path}" 超过 ${keysByteLimit} 字节的上限`,
      });
    return bytes;
  } catch (error) {
    if (error instanceof KeysFileError) throw error;
    throw new KeysFileError(
      {
        en: `cannot read "${path}": ${systemReason(error).en}`,
        zh: `无法读取 "${path}"：${systemReason(error).zh}`,
      },
      undefined,
      {
        cause: error,
      },
    );
  }
}

function parsed(line: string, path: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(path, { en: 'it has a line that is not JSON', zh: '有一行不是 JSON' });
  }
}

/** @throws KeysFileError when the two halves are not of one key */
function checkedPair(pair: Shape<typeof SigningSchema>, path: string): Shape<typeof SigningSchema> {
  try {
    const publicKey = createPublicKey(createPrivateKey(pair.privatePem));
    if (publicKey.export({ type: 'spki', format: 'pem' }) === pair.publicPem) return pair;
  } catch {
    // It is not a key at all, and the error could quote it.
  }
  throw damaged(path, {
    en: `the halves of the signing key "${pair.name}" do not belong together`,
    zh: `签名密钥 "${pair.name}" 的公钥与私钥不匹配`,
  });
}

function damaged(path: string, problem: InBoth): KeysFileError {
  return new KeysFileError(
    {
      en: `"${path}" is not a complete backup of keys: ${problem.en}`,
      zh: `"${path}" 不是完整的密钥备份：${problem.zh}`,
    },
    {
      en: 'give a file that "ledger backup --keys" wrote',
      zh: '请给出由 "ledger backup --keys" 写入的文件',
    },
  );
}

/** The path without links, also of a file that does not exist yet. */
function realPathOf(path: string): string {
  const full = resolve(path);
  if (existsSync(full)) return realpathSync(full);
  const folder = dirname(full);
  return folder === full ? full : join(realPathOf(folder), basename(full));
}
