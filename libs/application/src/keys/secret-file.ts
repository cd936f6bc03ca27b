import { type InBoth, SpokenError } from '@penalty-ledger/ledger';
import { readBeginning } from './bounded-file.js';
import { systemReason } from '../system-error.js';

/** The limit of a file with a passphrase or identities. */
export const secretByteLimit = 65_536;

/** A file of keys, or one with the secret that opens it, cannot be used as it was asked. */
export class KeysFileError extends SpokenError {
  readonly code = 'keys_file';

  constructor(
    text: InBoth,
    readonly hint?: InBoth,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

/** Reads a passphrase: the file's text without a line feed at its end. @throws KeysFileError */
export function readPassphrase(file: string): string {
  const passphrase = oneLine(readSecret(file));
  if (passphrase === undefined)
    throw new KeysFileError({
      en: `"${file}" must hold one line with a passphrase`,
      zh: `"${file}" 应当只有一行口令`,
    });
  return passphrase;
}

/** The one line of a text, without its line feed; `undefined` for another text. */
export function oneLine(text: string): string | undefined {
  const line = text.replace(/\r?\n$/, '');
  return line === '' || line.includes('\n') ? undefined : line;
}

/** Reads the text of a file with a secret. @throws KeysFileError */
export function readSecret(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readBeginning(file, secretByteLimit + 1);
  } catch (error) {
    throw new KeysFileError(
      {
        en: `cannot read "${file}": ${systemReason(error).en}`,
        zh: `无法读取 "${file}"：${systemReason(error).zh}`,
      },
      { en: 'check the path', zh: '请检查路径' },
      { cause: error },
    );
  }
  if (bytes.length > secretByteLimit)
    throw new KeysFileError({
      en: `"${file}" is longer than ${secretByteLimit} bytes, the limit of a secret`,
      zh: `"${file}" 超过 ${secretByteLimit} 字节，即密文文件的上限`,
    });
  return Buffer.from(bytes).toString('utf8');
}
