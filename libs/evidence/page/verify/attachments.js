import { bytesOfBase64, sha256, textOf, utf8 } from './bytes.js';
import { canonical, parseCanonical } from './canonical-json.js';
import { isObject, listOf, matching, objectOf } from './forms.js';
import { must } from './problem.js';
import { itemsOf } from './proofs.js';
import { isAttachment } from './zip.js';

/** Returns the events and files that a redacted pack discloses nothing of (evidence-pack.md). */
export const withheldOf = (streams, { redacted, subject }) => {
  const withheld = { events: new Set(), files: new Set() };
  if (redacted.length === 0) return withheld;
  const withhold = (event, file) => {
    withheld.events.add(event);
    if (file !== undefined) withheld.files.add(file);
  };
  const deductions = new Set();
  for (const { event } of [...streams.values()].flat()) {
    const { data, id, stream, type } = event;
    if (type === 'EvidenceRegistered' && data.subject?.kind === 'complaint')
      withhold(id, data.sha256);
    if (stream !== `agency-${subject.agencyId}`) continue;
    if (type === 'ComplaintFiled' || type === 'ComplaintClosed') withhold(id);
    if (type === 'DeductionImposed' && data.basis?.kind === 'complaint') {
      deductions.add(data.deductionId);
      withhold(id, data.noticeSha256);
    }
    if (type === 'DeductionCorrected' && deductions.has(data.deductionId)) withhold(id);
  }
  return withheld;
};

/** Returns the hashes of files that events register. */
const registeredIn = (streams) => {
  const registered = new Set();
  for (const { event } of [...streams.values()].flat()) {
    const { data, type } = event;
    if (type === 'EvidenceRegistered' || type === 'PlatformBalanceObserved')
      registered.add(data.sha256);
    if (type === 'DeductionImposed') registered.add(data.noticeSha256);
    for (const item of itemsOf(event)) registered.add(item.sha256);
  }
  return registered;
};

export const checkAttachments = async (contents, streams, withheld) => {
  const registered = registeredIn(streams);
  for (const [name, content] of contents) {
    if (!isAttachment(name)) continue;
    const hash = name.slice('attachments/'.length);
    must((await sha256(content)) === hash, 'attachment_hash', name);
    must(registered.has(hash), 'attachment_unregistered', name);
    must(!withheld.files.has(hash), 'redaction', name);
  }
};

const isDisclosure = listOf(objectOf({ id: matching(/^[0-9a-f-]{36}$/), personal: isObject }));

/** Checks that disclosed texts are of events with one box, and as long as what was sealed. */
export const checkDisclosure = (bytes, events, withheld) => {
  if (bytes === undefined) return;
  const disclosed = parseCanonical(textOf(bytes), 'disclosure_bytes');
  must(isDisclosure(disclosed), 'disclosure_form');
  let at = -1;
  for (const { id, personal } of disclosed) {
    at = events.findIndex(({ event }, place) => place > at && event.id === id);
    const boxes = events[at]?.event.personal ?? [];
    must(boxes.length === 1, 'disclosure_event', id);
    const length = utf8.encode(canonical(personal)).length + 16;
    must(length === bytesOfBase64(boxes[0].box).length, 'disclosure_length', id);
    must(!withheld.events.has(id), 'redaction', id);
  }
};
