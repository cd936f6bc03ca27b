import { hash } from 'node:crypto';
import { agencyStream, evidenceStream } from '@penalty-ledger/ledger';
import { itemsIn } from './content/complaint-events.js';
import { PackError } from './pack-error.js';
import { sha256OfAttachment } from './pack-files.js';
import type { PackStreams } from './pack-events.js';
import type { Withheld } from './redaction.js';
import { documentsIn } from './registered-documents.js';
import type { ZipEntry } from './zip-form.js';

/** The SHA-256 of every document that the events register, in the order they do. */
export function registeredFiles(streams: PackStreams): Set<string> {
  const found = new Set<string>();
  for (const chain of streams.values())
    for (const { event } of chain) for (const { sha256 } of documentsIn(event)) found.add(sha256);
  return found;
}

/**
 * The streams of the evidence that was submitted in the agency's appeals, in order of their names.
 */
export function submittedEvidence(streams: PackStreams, agencyId: string): string[] {
  const found = new Set<string>();
  for (const { event } of streams.get(agencyStream(agencyId)) ?? []) {
    if (event.type !== 'AppealEvidenceSubmitted') continue;
    for (const { evidenceId } of itemsIn(event.data))
      if (typeof evidenceId === 'string') found.add(evidenceStream(evidenceId));
  }
  return [...found].sort();
}

/** @throws PackError `attachment_hash`, `attachment_unregistered`, `redaction` */
export function checkAttachments(
  entries: readonly ZipEntry[],
  streams: PackStreams,
  withheld: Withheld | undefined,
): number {
  const registered = registeredFiles(streams);
  let attachments = 0;
  for (const { name, content } of entries) {
    const sha256 = sha256OfAttachment(name);
    if (sha256 === undefined) continue;
    if (hash('sha256', content, 'hex') !== sha256)
      throw new PackError('attachment_hash', {
        en: `${name} is not the file it is named for`,
        zh: `${name} 的内容与文件名不符`,
      });
    if (!registered.has(sha256))
      throw new PackError('attachment_unregistered', {
        en: `no event of the pack registers ${name}`,
        zh: `证据包中没有事件登记 ${name}`,
      });
    if (withheld?.files.has(sha256) === true)
      throw new PackError('redaction', {
        en: `${name} concerns a complainant`,
        zh: `${name} 涉及投诉人`,
      });
    attachments += 1;
  }
  return attachments;
}
