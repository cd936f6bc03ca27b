import { readBeginning } from './bounded-file.js';

/** The limit of a file with a passphrase or identities. */
export const secretByteLimit = 65_536;

/** A file of keys, or one with the secret that opens it, cannot be used as it was asked. */
export class KeysFileError extends Error {
  readonly code = 'keys_file';

  constructor(
    message: string,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Reads a passphrase: the file's text without a line feed at its end. @throws KeysFileError */
export function readPassphrase(file: string): string {
  const passphrase = oneLine(readSecret(file));
  if (passphrase === undefined)
    throw new KeysFileError(`"${file}" must hold one line with a passphrase`);
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
    throw new KeysFileError(`cannot read "${file}": ${(error as Error).message}`, undefined, {
      cause: error,
    });
  }
  if (bytes.length > secretByteLimit)
    throw new KeysFileError(
      `"${file}" is longer than ${secretByteLimit} bytes, the limit of a secret`,
    );
  return Buffer.from(bytes).toString('utf8');
}
