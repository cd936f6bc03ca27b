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
      {
        en:
          `${counted(seal.recipients.length, 'recipient')} are given; the limit is ` +
          `${maxRecipients}`,
        zh: `给出了 ${seal.recipients.length} 个接收方；上限为 ${maxRecipients} 个`,
      },
      {
        en: 'encrypt to fewer, who can encrypt it for others',
        zh: '请减少接收方，再由他们为其他人加密',
      },
    );
  const { Encrypter } = await age();
  for (const recipient of seal.recipients) {
    try {
      new Encrypter().addRecipient(recipient);
    } catch (error) {
      // A person may have given the secret half: it is not repeated.
      throw new KeysFileError(
        { en: 'a recipient is not one of age', zh: '接收方不是 age 的公钥' },
        {
          en: 'give the public half, which begins with age1; "age-keygen" prints it',
          zh: '请给出以 age1 开头的公钥；"age-keygen" 会打印它',
        },
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
    throw new KeysFileError(
      { en: `"${file}" is encrypted`, zh: `"${file}" 已加密` },
      {
        en: 'give --identity-file or --passphrase-file',
        zh: '请给出 --identity-file 或 --passphrase-file',
      },
    );
  if (!hasShortHeader(bytes))
    throw new KeysFileError(
      {
        en: `"${file}" is damaged: its header is longer than ${headerByteLimit} bytes, the limit`,
        zh: `"${file}" 已损坏：其头部超过 ${headerByteLimit} 字节的上限`,
      },
      {
        en: 'give a file that "ledger backup --keys" wrote',
        zh: '请给出由 "ledger backup --keys" 写入的文件',
      },
    );
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  try {
    if (opening.by === 'passphrase') decrypter.addPassphrase(opening.passphrase);
    else for (const identity of opening.identities) decrypter.addIdentity(identity);
    return await decrypter.decrypt(new Uint8Array(bytes));
  } catch (error) {
    throw new KeysFileError(
      {
        en: `"${file}" cannot be decrypted: ${(error as Error).message}`,
        zh: `无法解密 "${file}"：${(error as Error).message}`,
      },
      opening.by === 'passphrase'
        ? { en: 'check the passphrase', zh: '请检查口令' }
        : {
            en: 'check the identity; it must belong to a recipient of the file',
            zh: '请检查身份；它必须属于该文件的某个接收方',
          },
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
      {
        en: `"${file}" must hold identities of age, one a line: AGE-SECRET-KEY-…`,
        zh: `"${file}" 应当每行一个 age 身份：AGE-SECRET-KEY-…`,
      },
      { en: '"age-keygen" makes one', zh: '"age-keygen" 可生成一个' },
    );
  return lines;
}
