import { hash } from 'node:crypto';
import { openNote, type VerifierKey } from '@penalty-ledger/merkle-log';
import type { Manifest } from './manifest.js';
import { PackError } from './pack-error.js';

/**
 * Returns the text that a ledger signs for a pack (`docs/spec/evidence-pack.md`,
 * "`signature.txt`"). The first line tells it from a checkpoint.
 *
 * @param manifest the bytes of `manifest.json`
 */
export function textToSign(origin: string, manifest: Uint8Array): string {
  return `penalty-ledger/evidence-pack\n${origin}\n${hash('sha256', manifest, 'hex')}\n`;
}

/**
 * Checks that the ledger signed this manifest.
 *
 * @returns the keys that signed
 * @throws VerificationError `note`, `signature`, `unsigned`
 * @throws PackError `manifest_signed` when another text was signed; `origin` when none of the keys
 * has the origin's name
 */
export function checkManifestSignature(
  note: Uint8Array,
  keys: readonly VerifierKey[],
  bytes: Uint8Array,
  { origin }: Manifest,
): readonly VerifierKey[] {
  const { text, signedBy } = openNote(note, keys);
  if (text !== textToSign(origin, bytes))
    throw new PackError('manifest_signed', {
      en: 'signature.txt signs another manifest',
      zh: 'signature.txt 签署的是另一份清单',
    });
  if (!signedBy.some(({ name }) => name === origin))
    throw new PackError('origin', {
      en: `"${origin}" did not sign the manifest`,
      zh: `"${origin}" 没有签署清单`,
    });
  return signedBy;
}
