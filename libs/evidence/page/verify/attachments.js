import { bytesOfBase64, bytesOfHex, hexOf, sha256, textOf, utf8 } from './bytes.js';
import { parseCanonical } from './canonical-json.js';
import { isCount, isHash, isInstant, isStream, listOf, matching, objectOf } from './forms.js';
import { must } from './problem.js';
import { itemsIn, itemsOf } from './proofs.js';
import { isAttachment } from './zip.js';

/** Notes an id; what is no text identifies nothing. */
const note = (ids, id) => {
  if (typeof id === 'string') ids.add(id);
};

/** Says whether an event of the agency tells of a complaint, and notes what it is about. */
const isOfComplaint = ({ data, type }, { deductions, appeals, measures, reviews, evidence }) => {
  if (type === 'DeductionImposed' && data.basis?.kind === 'complaint')
    note(deductions, data.deductionId);
  const named = Array.isArray(data.deductionIds) ? data.deductionIds : [];
  const isOne =
    'complaintId' in data ||
    deductions.has(data.deductionId) ||
    named.some((id) => deductions.has(id)) ||
    appeals.has(data.appealId) ||
    measures.has(data.measureId) ||
    reviews.has(data.reviewId) ||
    (deductions.size > 0 && ('expulsion' in data || type === 'ExpulsionExecuted'));
  if (!isOne) return false;
  if (type === 'AppealInitiated') note(appeals, data.appealId);
  if (type === 'MeasureImposed') note(measures, data.measureId);
  if (type === 'HumanReviewRequested') note(reviews, data.reviewId);
  for (const { evidenceId } of itemsIn(data)) note(evidence, evidenceId);
  return true;
};

const isAboutOne = ({ evidenceId, subject }, { deductions, appeals, evidence }) =>
  evidence.has(evidenceId) ||
  subject?.kind === 'complaint' ||
  (subject?.kind === 'deduction' && deductions.has(subject.id)) ||
  (subject?.kind === 'appeal' && appeals.has(subject.id));

/** Returns the events and files that a redacted pack discloses nothing of (evidence-pack.md). */
export const withheldOf = (streams, { redacted, subject }) => {
  const withheld = { events: new Set(), files: new Set() };
  if (redacted.length === 0) return withheld;
  const withhold = (event) => {
    withheld.events.add(event.id);
    for (const file of filesIn(event)) withheld.files.add(file);
  };
  const kinds = ['deductions', 'appeals', 'measures', 'reviews', 'evidence'];
  const concerned = Object.fromEntries(kinds.map((kind) => [kind, new Set()]));
  for (const { event } of streams.get(`agency-${subject.agencyId}`) ?? [])
    if (isOfComplaint(event, concerned)) withhold(event);
  for (const { event } of [...streams.values()].flat())
    if (event.type === 'EvidenceRegistered' && isAboutOne(event.data, concerned)) withhold(event);
  return withheld;
};

/** Returns the hashes of the files that an event registers. */
const filesIn = ({ data, type }) => {
  const files = itemsOf({ data, type }).map(({ sha256: file }) => file);
  if (type === 'EvidenceRegistered' || type === 'PlatformBalanceObserved') files.push(data.sha256);
  if (type === 'DeductionImposed') files.push(data.noticeSha256);
  return files.filter((file) => typeof file === 'string');
};

export const checkAttachments = async (contents, streams, withheld) => {
  const registered = new Set([...streams.values()].flat().flatMap(({ event }) => filesIn(event)));
  for (const [name, content] of contents) {
    if (!isAttachment(name)) continue;
    const hash = name.slice('attachments/'.length);
    must((await sha256(content)) === hash, 'attachment_hash', name);
    must(registered.has(hash), 'attachment_unregistered', name);
    must(!withheld.files.has(hash), 'redaction', name);
  }
};

const isDisclosure = listOf(
  objectOf({
    id: matching(/^[0-9a-f-]{36}$/),
    key: isHash,
    recordedAt: isInstant,
    revision: isCount,
    stream: isStream,
    text: matching(/^\/[A-Za-z0-9/]{1,70}$/),
    type: (value) => typeof value === 'string',
    value: (value) => typeof value === 'string',
  }),
);

/** Opens a sealed text with its own key (event.md, "Personal data"), or returns undefined. */
const openedText = async ({ box, subject, text }, id, key) => {
  const bytes = bytesOfBase64(box);
  const commitment = bytes.subarray(0, 32);
  const raw = bytesOfHex(await sha256(utf8.encode(`${key}\0cipher`)));
  const cipherKey = await crypto.subtle.importKey('raw', raw, 'AES-CTR', false, ['decrypt']);
  const algorithm = { name: 'AES-CTR', counter: commitment.subarray(0, 16), length: 128 };
  const clear = await crypto.subtle.decrypt(algorithm, cipherKey, bytes.subarray(32));
  const value = textOf(clear);
  const committed = `${key}\0${subject}\0${id}\0${text}\0${value}`;
  return (await sha256(utf8.encode(committed))) === hexOf(commitment) ? value : undefined;
};

/** Checks that disclosed texts are those that were sealed, in order, and may be disclosed. */
export const checkDisclosure = async (bytes, events, withheld) => {
  if (bytes === undefined) return;
  const disclosed = parseCanonical(textOf(bytes), 'disclosure_bytes');
  must(isDisclosure(disclosed), 'disclosure_form');
  const places = new Map(events.map(({ event }, place) => [event.id, place]));
  // An event may have as many texts as a pack has values.
  const boxes = new Map(
    events.flatMap(({ event: { id, personal = [] } }) =>
      personal.map((sealed) => [`${id} ${sealed.text}`, sealed]),
    ),
  );
  let [lastPlace, lastText] = [-1, ''];
  for (const { id, key, text, value, ...named } of disclosed) {
    const place = places.get(id) ?? -1;
    const event = events[place]?.event;
    const sealed = boxes.get(`${id} ${text}`);
    const follows = place > lastPlace || (place === lastPlace && text > lastText);
    must(sealed !== undefined && follows, 'disclosure_event', id);
    const isOfEvent = Object.keys(named).every((name) => named[name] === event[name]);
    must(isOfEvent, 'disclosure_event', id);
    must((await openedText(sealed, id, key)) === value, 'disclosure_text', id);
    must(!withheld.events.has(id), 'redaction', id);
    [lastPlace, lastText] = [place, text];
  }
};
