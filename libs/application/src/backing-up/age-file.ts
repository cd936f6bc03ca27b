import { counted } from '@penalty-ledger/ledger';
import { KeysFileError, readSecret } from '../keys/secret-file.js';

/** The way in which keys are kept secret. */
export type Seal =
  | { readonly to: 'recipients'; readonly recipients: readonly string[] }
  | { readonly to: 'passphrase'; readonly passphrase: string }
  | { readonly to: 'nobody' };

/** The secret that opens a file of keys. */
export type Opening =
  | { readonly by: 'identities'; readonly identities: readonly string[] }
  | { readonly by: 'passphrase'; readonly passphrase: string };

/** The first bytes of every file in the age format, version 1. */
const ageBegins = 'age-encryption.org/v1\n';

/**
 * The limit of the part that says who can open a file: for each entry a secret is tried, and
 * nothing else bounds their number.
 */
const headerByteLimit = 65_536;

/** Recipients of every kind fit into the limit of the header. */
const maxRecipients = 20;

/** Loaded when it is needed: few runs encrypt. */
const age = () => import('age-encryption');

/**
 * Checks how keys are to be encrypted, before anything is written.
 *
 * @throws KeysFileError for a text that is not a recipient
 */
export async function assertSeal(seal: Seal): Promise<void> {
  if (seal.to !== 'recipients') return;
  if (seal.recipients.length > maxRecipients)
    throw new KeysFileError(
      `${counted(seal.recipients.length, 'recipient')} are given; the limit is ${maxRecipients}`,
      'encrypt to fewer, who can encrypt it for others',
    );
  const { Encrypter } = await age();
  for (const recipient of seal.recipients) {
    try {
      new Encrypter().addRecipient(recipient);
    } catch (error) {
      // A person may have given the secret half: it is not repeated.
      throw new KeysFileError(
        'a recipient is not one of age',
        'give the public half, which begins with age1; "age-keygen" prints it',
        { cause: error },
      );
    }
  }
}

/** Encrypts in the age format, or leaves the bytes as they are when nobody is to be kept out. */
export async function sealed(bytes: Uint8Array, seal: Seal): Promise<Uint8Array> {
  if (seal.to === 'nobody') return bytes;
  const { Encrypter } = await age();
  const encrypter = new Encrypter();
  if (seal.to === 'passphrase') encrypter.setPassphrase(seal.passphrase);
  else for (const recipient of seal.recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(new Uint8Array(bytes));
}

/**
 * Opens what {@link sealed} or the program `age` made.
 *
 * @param file for messages
 * @throws KeysFileError without the secret that opens it
 */
export async function unsealed(
  bytes: Uint8Array,
  opening: Opening | undefined,
  file: string,
): Promise<Uint8Array> {
  if (!isSealed(bytes)) return bytes;
  if (opening === undefined)
    throw new KeysFileError(`"${file}" is encrypted`, 'give --identity-file or --passphrase-file');
  if (!hasShortHeader(bytes))
    throw new KeysFileError(
      `"${file}" is damaged: its header is longer than ${headerByteLimit} bytes, the limit`,
      'give a file that "ledger backup --keys" wrote',
    );
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  try {
    if (opening.by === 'passphrase') decrypter.addPassphrase(opening.passphrase);
    else for (const identity of opening.identities) decrypter.addIdentity(identity);
    return await decrypter.decrypt(new Uint8Array(bytes));
  } catch (error) {
    throw new KeysFileError(
      `"${file}" cannot be decrypted: ${(error as Error).message}`,
      opening.by === 'passphrase'
        ? 'check the passphrase'
        : 'check the identity; it must belong to a recipient of the file',
      { cause: error },
    );
  }
}

/** Says whether the last line of the header is within the limit. */
function hasShortHeader(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, headerByteLimit)).includes('\n--- ');
}

export function isSealed(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, ageBegins.length)).equals(Buffer.from(ageBegins));
}

/** Reads identities as `age-keygen` writes them. @throws KeysFileError */
export function readIdentities(file: string): readonly string[] {
  const lines = readSecret(file)
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0 || lines.some((line) => !line.startsWith('AGE-SECRET-KEY-')))
    throw new KeysFileError(
      `"${file}" must hold identities of age, one a line: AGE-SECRET-KEY-…`,
      '"age-keygen" makes one',
    );
  return lines;
}
