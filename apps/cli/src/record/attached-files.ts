import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';
import type { InBoth } from '@penalty-ledger/application/language';
import type { FiledAttachment } from '@penalty-ledger/application/appeal-filing';
import {
  defaultEvidenceFileBytes,
  EvidenceFiles,
} from '@penalty-ledger/application/evidence-files';
import { locationOf } from '@penalty-ledger/application/store-url';
import { UsageError } from '../terminal/exit-codes.js';
import { readBounded } from '../terminal/input.js';
import { note } from '../terminal/io.js';
import { said, saidIn } from '../terminal/language.js';

/** A file of evidence, with its content. */
export interface AttachedFile extends FiledAttachment {
  readonly content: Uint8Array;
}

/** Media types by the endings that officers' files have. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** The next step after an empty file, by the option that names it. */
const emptyHints = {
  '--attach': {
    en: 'evidence is submitted once: check the file',
    zh: '证据只能提交一次，请检查该文件',
  },
  '--file': { en: 'check the file', zh: '请检查该文件' },
} as const satisfies Readonly<Record<string, InBoth>>;

/**
 * Reads files, each once, with its name as its title.
 *
 * @param option by which they were named
 * @throws UsageError
 */
export async function attachedFiles(
  paths: readonly string[],
  option: keyof typeof emptyHints,
): Promise<readonly AttachedFile[]> {
  const files = new Map<string, AttachedFile>();
  for (const path of paths) {
    const content = await readBounded(path, defaultEvidenceFileBytes);
    if (content.length === 0)
      throw new UsageError(
        said(`${option}: "${path}" is empty`, `${option}："${path}" 是空文件`),
        saidIn(emptyHints[option]),
      );
    const sha256 = createHash('sha256').update(content).digest('hex');
    if (files.has(sha256)) continue;
    const title = basename(path).slice(0, 400);
    const mediaType = mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
    files.set(sha256, { title, mediaType, sha256, bytes: content.length, content });
  }
  return [...files.values()];
}

/** Keeps copies before anything is registered: what is registered can then be attached. */
export async function keepFiles(url: string, files: readonly AttachedFile[]): Promise<void> {
  const folder = new EvidenceFiles(locationOf(url).evidence);
  for (const { content, sha256, title } of files) {
    await folder.keep(Readable.from([content]), sha256);
    note(said(`kept "${title}" as ${sha256}`, `已保存 "${title}"：${sha256}`));
  }
}
