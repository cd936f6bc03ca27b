import { followedKeys, zipLimits } from '@penalty-ledger/evidence';
import { isSimulationKey, sentence } from '@penalty-ledger/ledger';
import { VerificationError, type VerifierKey } from '@penalty-ledger/merkle-log';
import { UsageError } from '../terminal/exit-codes.js';
import { readUpTo } from '../terminal/input.js';
import { verifyCheckpoint } from './checkpoint.js';
import { verdictOnPack } from './pack.js';
import { readHeld } from './held-file.js';
import { verifyReceipt } from './receipt.js';
import type { SignedFacts, Verdict } from './verdict.js';
import { said } from '../terminal/language.js';

/** A kind of file that can be verified by itself: how it begins, and what verifies it. */
interface FileKind {
  readonly kind: Verdict['kind'];
  readonly begins: (bytes: Uint8Array) => boolean;
  /** @throws VerificationError when it does not hold */
  readonly verify: (bytes: Uint8Array, keys: readonly VerifierKey[]) => SignedFacts;
}

const beginsWith = (text: string) => (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(0, text.length)).equals(Buffer.from(text));

/** The first kind that fits counts; a checkpoint can begin with any name and comes last. */
const kinds: readonly FileKind[] = [
  { kind: 'receipt', begins: beginsWith('c2sp.org/tlog-proof@'), verify: verifyReceipt },
  { kind: 'checkpoint', begins: () => true, verify: verifyCheckpoint },
];

/** The first bytes of every ZIP file. */
const isZip = beginsWith('PK\u0003\u0004');

/**
 * Verifies one file by its kind.
 *
 * @throws UsageError when it cannot be read, or no key was given
 */
export async function verifyFile(
  file: string,
  keys: readonly VerifierKey[] | undefined,
  held: { readonly receipts: readonly string[]; readonly checkpoints: readonly string[] },
): Promise<Verdict> {
  // What is longer fails the step that names its length; more of it need not be read.
  const bytes = await readUpTo(file, zipLimits.bytes);
  if (keys === undefined)
    throw new UsageError(
      said(
        '--key is missing; a file is verified with a key from elsewhere',
        '缺少 --key；文件要用来自他处的密钥验证',
      ),
      said(
        'ask the ledger’s operator for it by another way than the file; "ledger keys" prints it',
        '请通过该文件以外的渠道向账本的运营方索取；"ledger keys" 会打印密钥',
      ),
    );
  if (bytes.length === 0)
    throw new UsageError(
      said(`"${file}" is empty`, `"${file}" 是空文件`),
      said('have it sent again', '请对方重新发送'),
    );
  const receipts = await Promise.all(held.receipts.map(readHeld));
  if (isZip(bytes)) {
    const checkpoints = await Promise.all(held.checkpoints.map(readHeld));
    return await verdictOnPack(bytes, keys, { receipts, checkpoints });
  }
  const followed = followedKeys(keys, receipts);
  const { kind, verify } = kinds.find(({ begins }) => begins(bytes)) as FileKind;
  try {
    const { found, origin } = verify(bytes, followed);
    return { kind, holds: true, found, ...(isSimulationKey(origin) && { simulation: true }) };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return {
      kind,
      holds: false,
      found: [],
      problem: error.problem,
      message: sentence(error.inBoth),
      // Nothing in the file is sure then; whose keys they are, the reader knows.
      ...(keys.every(({ name }) => isSimulationKey(name)) && { simulation: true }),
    };
  }
}

/** Returns the keys given, and those to which files with receipts of rotations lead. */
export async function followedThrough(
  keys: readonly VerifierKey[],
  receipts: readonly string[],
): Promise<readonly VerifierKey[]> {
  return followedKeys(keys, await Promise.all(receipts.map(readHeld)));
}
