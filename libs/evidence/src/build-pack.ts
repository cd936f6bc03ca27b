import { hash } from 'node:crypto';
import {
  agencyStream,
  canonicalJson,
  ledgerStream,
  rulebooksStream,
  type Instant,
} from '@penalty-ledger/ledger';
import { parseCheckpoint, parseNote } from '@penalty-ledger/merkle-log';
import { registeredFiles, submittedEvidence } from './attachments.js';
import { streamsToProve } from './completeness.js';
import { compute, isSimulation, type PackQuestion } from './computation.js';
import { disclosedFrom } from './disclosure.js';
import { jsonLimits, marksOf } from './json-limits.js';
import { questionFor, type AskedQuestion } from './question.js';
import { packKind, type Manifest, type Redaction } from './manifest.js';
import { textToSign } from './manifest-signature.js';
import { joinProofs } from './multi-proof.js';
import { PackError } from './pack-error.js';
import { checkChains, eventsFile, readEvents, type PackEvent } from './pack-events.js';
import { attachmentName, sha256OfAttachment } from './pack-files.js';
import { jsonBytes, textOf } from './pack-json.js';
import { checkRulebooks } from './pack-rulebooks.js';
import type { LoggedEvent, PackSource } from './pack-source.js';
import type { Proofs } from './proofs.js';
import { withheldFromOthers, type Withheld } from './redaction.js';
import { writeStatement } from './statement.js';
import { printComplete } from './whole-pdf.js';
import { byteLimitOf, isStored, type ZipEntry } from './zip-form.js';
import { writeZip, zipEntry } from './zip-write.js';
import type { StatementPrinter } from './statement-printer.js';

/** The request for a pack. */
export interface PackRequest extends AskedQuestion {
  /** Tree sizes of earlier checkpoints its readers may hold; in any order. */
  readonly earlier?: readonly number[];
  /** Evidence streams to add to those that were submitted. */
  readonly evidenceStreams?: readonly string[];
  /** Assessments to be counted again, with what they rest on. */
  readonly assessed?: Assessed;
  readonly redacted?: readonly Redaction[];
  /** Prints `statement.pdf`; without it the pack has none. */
  readonly printer?: StatementPrinter;
}

/** Months whose assessments can be counted again, and the streams that they are counted from. */
export interface Assessed {
  /** Ascending. */
  readonly months: readonly string[];
  /** Those of sessions and creators that the ledger has. */
  readonly streams: readonly string[];
}

/** A pack, and what is to be said of it. */
export interface BuiltPack {
  readonly zip: Uint8Array;
  /** Pages of `statement.pdf`; 0 without it. */
  readonly pages: number;
  /** Characters for which `statement.pdf` has their code points because the font has no glyph. */
  readonly missingGlyphs: readonly string[];
}

/**
 * Builds an evidence pack. Pure: the same ledger, checkpoint and request give the same bytes.
 *
 * @throws PackError when the ledger does not answer the request, or its events are not those of a
 * complete ledger
 */
export function buildPack(source: PackSource, request: PackRequest): Uint8Array {
  return buildPrintedPack(source, request).zip;
}

/**
 * Builds the same pack, and also returns the result of printing its statement.
 *
 * @throws PackError as {@link buildPack}
 * @throws PrintingError when the printed statement is not a complete PDF
 */
export function buildPrintedPack(source: PackSource, request: PackRequest): BuiltPack {
  const checkpoint = parseCheckpoint(parseNote(source.checkpoint).text);
  const { subject, assessed, redacted = [] } = request;
  const months = assessed?.months ?? [];
  const logged = gathered(source, request);
  const events = readEvents(eventsFile(logged.map(({ body }) => body)));
  const ledgerId = ledgerIdOf(events);
  const streams = checkChains(events, ledgerId, subject.agencyId, months);
  const register = checkRulebooks(streams);
  const signedAt = checkpoint.signedAt as Instant;
  const question = {
    ...questionFor(request, streams, register, signedAt),
    assessments: months,
  };
  const { account, effectiveAt, knownAt, period } = question;
  if (knownAt > signedAt)
    throw new PackError('signed_before', {
      en: `the latest checkpoint was signed ${signedAt}, before ${knownAt}`,
      zh: `最近的检查点签署于 ${signedAt}，早于 ${knownAt}`,
    });
  const computation = compute(streams, register, question, signedAt);
  const withheld =
    redacted.length === 0 ? undefined : withheldFromOthers(streams, subject.agencyId);
  const disclosed = disclosedFrom(source, events, withheld);
  const { present, absent } = streamsToProve(streams, subject.agencyId, months);
  const indexes = logged.map(({ index }) => index);
  const proofs: Proofs = {
    absent: absent.map((stream) => ({ ...source.absenceProof(stream), stream })),
    consistency: earlierSizes(request.earlier, checkpoint.size).map((from) => ({
      from,
      proof: source.consistencyProof(from),
    })),
    heads: present.map((stream) => ({ ...source.headProof(stream), stream })),
    inclusion: joinProofs(indexes, checkpoint.size, (index) => source.inclusionProof(index)),
    indexes,
  };
  const attachments = attachmentsOf(source, registeredFiles(streams), withheld);
  const attached = attachments.flatMap(({ name }) => sha256OfAttachment(name) ?? []);
  const names = namesOf(source, attached);
  const printed =
    request.printer &&
    printComplete(request.printer, {
      attachments: attached,
      checkpoint: source.checkpoint,
      computation,
      ...(disclosed.length > 0 && { disclosed }),
      events: events.map(({ event }) => event),
      ...names,
      knownAt,
      ledgerId,
      redacted,
    });
  const bodies = eventsFile(logged.map(({ body }) => body));
  const statement = writeStatement({
    manifest: { ...names, knownAt, ledgerId, redacted },
    names: attachments.map(({ name }) => name),
    checkpoint: source.checkpoint,
    computation: canonicalJson(computation),
    ...(disclosed.length > 0 && { disclosed: canonicalJson(disclosed) }),
    events: Buffer.from(bodies).toString(),
  });
  const entries = [
    zipEntry('checkpoint.txt', Buffer.from(source.checkpoint)),
    zipEntry('events.ndjson', bodies),
    zipEntry('proofs.json', jsonBytes(proofs)),
    zipEntry('computation.json', jsonBytes(computation)),
    ...(disclosed.length === 0 ? [] : [zipEntry('disclosed.json', jsonBytes(disclosed))]),
    zipEntry('statement.html', statement),
    ...(printed === undefined ? [] : [zipEntry('statement.pdf', printed.pdf)]),
    ...attachments,
  ];
  const manifest: Manifest = {
    account,
    ...(months.length > 0 && { assessments: months }),
    effectiveAt,
    ...names,
    files: entries.map(listed),
    format: 1,
    kind: packKind,
    knownAt,
    ledgerId,
    origin: checkpoint.origin,
    period,
    redacted,
    ...(isSimulation(streams) && { simulation: true }),
    subject,
  };
  const listing = jsonBytes(manifest);
  const signature = source.sign(textToSign(checkpoint.origin, listing));
  const all = [
    zipEntry('manifest.json', listing),
    zipEntry('signature.txt', Buffer.from(signature)),
    ...entries,
  ];
  assertReadable(all);
  return {
    zip: writeZip(all),
    pages: printed?.pages ?? 0,
    missingGlyphs: printed?.missingGlyphs ?? [],
  };
}

/** @throws PackError `zip_size` for a file that every verifier would refuse for its size */
function assertReadable(entries: readonly ZipEntry[]): void {
  for (const { name, content } of entries) {
    const isTooLong = content.length > byteLimitOf(name);
    const isJson = name.endsWith('.json');
    if (isTooLong || (isJson && marksOf(textOf(content) ?? '', jsonLimits.marks) === undefined))
      throw new PackError('zip_size', {
        en: `${name} would be larger than an evidence pack may have it`,
        zh: `${name} 将超过证据包允许的大小`,
      });
  }
}

/** The events a pack has, in the order of the log. */
function gathered(
  source: PackSource,
  { subject, assessed, evidenceStreams = [] }: PackRequest,
): LoggedEvent[] {
  const agency = source.stream(agencyStream(subject.agencyId));
  const parsed = readEventsOf(agency);
  const streams = new Map([[agencyStream(subject.agencyId), parsed]]);
  const evidence = new Set([...submittedEvidence(streams, subject.agencyId), ...evidenceStreams]);
  return [
    ...source.stream(ledgerStream).slice(0, 1),
    ...source.stream(rulebooksStream),
    ...agency,
    ...[...evidence, ...(assessed?.streams ?? [])].flatMap((stream) => source.stream(stream)),
  ].sort((a, b) => a.index - b.index);
}

function readEventsOf(logged: readonly LoggedEvent[]): readonly PackEvent[] {
  return logged.length === 0 ? [] : readEvents(eventsFile(logged.map(({ body }) => body)));
}

function ledgerIdOf([opening]: readonly PackEvent[]): string {
  const ledgerId = opening?.event.data['ledgerId'];
  return typeof ledgerId === 'string' ? ledgerId : '';
}

function earlierSizes(earlier: readonly number[] = [], size: number): number[] {
  return [...new Set(earlier)].filter((from) => from < size).sort((a, b) => a - b);
}

function attachmentsOf(
  source: PackSource,
  registered: ReadonlySet<string>,
  withheld: Withheld | undefined,
): readonly ZipEntry[] {
  return [...registered]
    .filter((sha256) => withheld?.files.has(sha256) !== true)
    .sort()
    .flatMap((sha256) => {
      const content = source.attachment?.(sha256);
      if (content === undefined) return [];
      if (hash('sha256', content, 'hex') !== sha256)
        throw new PackError('attachment_hash', {
          en: `the file at hand for ${sha256} is not the one that was registered`,
          zh: `现有的 ${sha256} 文件与登记的不同`,
        });
      return [zipEntry(attachmentName(sha256), content)];
    });
}

/** The names that attached files have. */
function namesOf(
  source: PackSource,
  attached: readonly string[],
): { readonly fileNames?: Readonly<Record<string, string>> } {
  const names = attached.flatMap((sha256) => {
    const name = source.fileName?.(sha256);
    return name === undefined ? [] : [[sha256, name] as const];
  });
  return names.length === 0 ? {} : { fileNames: Object.fromEntries(names) };
}

function listed({ name, content, packed }: ZipEntry): Manifest['files'][number] {
  const described = { bytes: content.length, name, sha256: hash('sha256', content, 'hex') };
  if (isStored(name)) return described;
  return { ...described, packed: { bytes: packed.length, sha256: hash('sha256', packed, 'hex') } };
}

/** The question a manifest asks. */
export function questionOf({
  account,
  assessments = [],
  effectiveAt,
  knownAt,
  period,
  subject,
}: Manifest): PackQuestion {
  return { account, assessments, effectiveAt, knownAt, period, subject };
}
