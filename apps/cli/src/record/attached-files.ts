import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';
import type { FiledAttachment } from '@penalty-ledger/application/appeal-filing';
import {
  defaultEvidenceFileBytes,
  EvidenceFiles,
} from '@penalty-ledger/application/evidence-files';
import { locationOf } from '@penalty-ledger/application/store-url';
import { UsageError } from '../terminal/exit-codes.js';
import { readBounded } from '../terminal/input.js';
import { note } from '../terminal/io.js';
import { said } from '../terminal/language.js';

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

/** Reads files, each once, with its name as its title. @throws UsageError */
export async function attachedFiles(paths: readonly string[]): Promise<readonly AttachedFile[]> {
  const files = new Map<string, AttachedFile>();
  for (const path of paths) {
    const content = await readBounded(path, defaultEvidenceFileBytes);
    if (content.length === 0)
      throw new UsageError(
        said(`--attach: "${path}" is empty`, `--attach："${path}" 是空文件`),
        said('evidence is submitted once: check the file', '证据只能提交一次，请检查该文件'),
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
