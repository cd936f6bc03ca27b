import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { parseVerifierKey, VerificationError, type VerifierKey } from '@penalty-ledger/merkle-log';
import type { InBoth } from '@penalty-ledger/application/language';
import { UsageError } from './exit-codes.js';
import { reasonOf } from './reason.js';
import { said, saidBy, saidIn } from './language.js';

/** The limit of a file with keys: some hundreds of them. */
const fileByteLimit = 65_536;

const hint: InBoth = {
  en: '"ledger keys" prints it: name+id+key; its whole output, or a file with it, will do',
  zh: '"ledger keys" 会打印密钥：name+id+key；可使用其全部输出，或保存该输出的文件',
};

/**
 * Reads verifier keys. Each text is a key, the output of "ledger keys", or the name of a file with
 * either; a file may hold several keys.
 *
 * @throws UsageError for a text without a key
 */
export function readKeys(texts: readonly string[]): readonly VerifierKey[] {
  return texts.flatMap((text) =>
    existsSync(text) ? keysIn(contentOf(text), `"${text}"`) : keysIn(text, shown(text)),
  );
}

/** The lines that are keys. Beside them "ledger keys" prints the key in PEM. */
function keysIn(text: string, where: string): readonly VerifierKey[] {
  const keys: VerifierKey[] = [];
  let problem: string | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    try {
      keys.push(parseVerifierKey(line));
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      problem ??= saidBy(error);
    }
  }
  if (keys.length > 0) return keys;
  throw new UsageError(
    `--key: ${where}: ${problem ?? said('it is empty', '内容为空')}`,
    saidIn(hint),
  );
}

function contentOf(file: string): string {
  const bytes = Buffer.alloc(fileByteLimit + 1);
  let length: number;
  try {
    const descriptor = openSync(file, 'r');
    try {
      length = readSync(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new UsageError(
      said(
        `--key: cannot read "${file}": ${reasonOf(error, 'file')}`,
        `--key：无法读取 "${file}"：${reasonOf(error, 'file')}`,
      ),
    );
  }
  if (length > fileByteLimit)
    throw new UsageError(
      said(
        `--key: "${file}" is longer than ${fileByteLimit} bytes, the limit`,
        `--key："${file}" 超过 ${fileByteLimit} 字节的上限`,
      ),
    );
  return bytes.toString('utf8', 0, length);
}

/** The beginning of a text that is not a key. */
const shown = (text: string): string =>
  JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
