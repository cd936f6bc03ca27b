import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { EvidenceFiles } from '@penalty-ledger/application/evidence-files';
import { locationOf } from '@penalty-ledger/application/store-url';
import { fileNameOf } from '@penalty-ledger/evidence';
import { UsageError } from '../terminal/exit-codes.js';
import { readBytes } from '../terminal/input.js';
import { said } from '../terminal/language.js';

/** A file to attach to a pack. */
export interface Attachment {
  /** As it was named: a path, or the hash of a file that is kept beside the ledger. */
  readonly name: string;
  /** The file's own name, as a pack has it; a kept file has none. */
  readonly fileName?: string | undefined;
  readonly sha256: string;
  readonly content: Uint8Array;
}

/**
 * Reads the files to attach: by their paths, or by the hashes of files kept beside the ledger.
 *
 * @throws UsageError when one cannot be read
 */
export async function readAttachments(
  url: string,
  names: readonly string[],
): Promise<readonly Attachment[]> {
  const attachments: Attachment[] = [];
  for (const name of names) {
    const isHash = /^[0-9a-f]{64}$/.test(name) && !existsSync(name);
    const content = isHash ? await keptBytes(url, name) : await readBytes(name);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const fileName = isHash ? undefined : fileNameOf(name);
    attachments.push({ name, fileName, sha256, content });
  }
  return attachments;
}

async function keptBytes(url: string, sha256: string): Promise<Uint8Array> {
  const content = await new EvidenceFiles(locationOf(url).evidence).read(sha256);
  if (content !== undefined) return content;
  throw new UsageError(
    said(
      `no file with the SHA-256 ${sha256} is kept beside this ledger`,
      `账本旁没有 SHA-256 为 ${sha256} 的文件`,
    ),
    said('give the path of the file', '请给出文件路径'),
  );
}

/** @throws UsageError for a file whose bytes no event of the case registers */
export function assertRegistered(
  attachments: readonly Attachment[],
  registered: ReadonlySet<string>,
): void {
  const unknown = attachments.find(({ sha256 }) => !registered.has(sha256));
  if (unknown === undefined) return;
  throw new UsageError(
    said(
      `--attach: "${unknown.name}" (SHA-256 ${unknown.sha256}) is not registered for this case`,
      `--attach："${unknown.name}"（SHA-256 ${unknown.sha256}）未在本案登记`,
    ),
    said(
      'attach the bytes that were registered; if the file was registered, it has changed since',
      '请附上登记时的原文件；如曾登记，则文件此后有改动',
    ),
  );
}
