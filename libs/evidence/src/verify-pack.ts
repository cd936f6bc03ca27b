import { hash } from 'node:crypto';
import type { InBoth } from '@penalty-ledger/ledger/in-both';
import {
  counted,
  errorInBoth,
  LedgerZone,
  sentence,
  type Instant,
  type RulebookRegister,
  type Sentence,
} from '@penalty-ledger/ledger';
import {
  assertCurrent,
  openCheckpoint,
  VerificationError,
  type OpenedCheckpoint,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { checkAttachments } from './attachments.js';
import { questionOf } from './build-pack.js';
import { checkCompleteness } from './completeness.js';
import { computationText, compute, isSimulation, type Computation } from './computation.js';
import type { StatementData } from './content/records.js';
import { checkDecisions } from './decisions.js';
import { checkDisclosure, type Disclosed } from './disclosure.js';
import { followedKeys } from './followed-keys.js';
import { checkHeldCheckpoints, checkHeldReceipts, type Held } from './held.js';
import { readManifest, type Manifest } from './manifest.js';
import { checkManifestSignature } from './manifest-signature.js';
import { checkJoinedProof } from './multi-proof.js';
import { notChecked, partsOf, takenAsRecorded, type PackPart } from './pack-binding.js';
import { PackError } from './pack-error.js';
import { checkChains, readEvents, type PackEvent, type PackStreams } from './pack-events.js';
import {
  attachmentName,
  optionalFiles,
  packFiles,
  sha256OfAttachment,
  type PackFile,
} from './pack-files.js';
import { textOf } from './pack-json.js';
import { checkRulebooks } from './pack-rulebooks.js';
import type { PackStep } from './pack-step.js';
import { checkPrinted, isPrintedBy } from './printed-statement.js';
import { readProofs, type Proofs } from './proofs.js';
import { withheldFromOthers } from './redaction.js';
import { checkStatement } from './statement.js';
import { isStored, type ZipEntry } from './zip-form.js';
import { readZip } from './zip-read.js';
import { PrintingError } from './whole-pdf.js';
import type { StatementPrinter } from './statement-printer.js';
import { verifiedIn, verifiedLines, type Verified } from './verified.js';

/** One step: what was shown, or what is wrong. */
export interface PackCheck {
  readonly step: PackStep;
  /** `unchecked`: a step it needs did not hold. */
  readonly result: 'holds' | 'fails' | 'unchecked';
  /** The problem, by its name in the specification. */
  readonly problem?: string;
  readonly message: Sentence;
}

/** The steps of a verification, and what each proves. */
export interface PackReport {
  /** True when every step holds, and so every part is bound by something. */
  readonly holds: boolean;
  readonly checks: readonly PackCheck[];
  /** Each file of the pack, in order, and what binds its bytes. */
  readonly parts: readonly PackPart[];
  /** Parts that were not looked at, for want of something; empty when nothing was left out. */
  readonly notChecked: readonly Sentence[];
  /** The facts that it was verified for, when it holds. */
  readonly verified?: Verified;
  /** The pack's subject, once its manifest was read: proved only if the pack holds. */
  readonly manifest?: Manifest;
  /** The answers as the verifier computed them; proved only if the pack holds. */
  readonly computation?: Computation;
  /** The ledger's first event says that it is a simulation. */
  readonly simulation: boolean;
}

/**
 * The reader's own inputs: the ledger's verifier key, and the checkpoints and receipts kept from
 * earlier.
 */
export interface PackTrust extends Partial<Held> {
  readonly keys: readonly VerifierKey[];
  /**
   * Prints the statement again to compare it with `statement.pdf`, if both have the same producer.
   * Without it, only the manifest vouches for the PDF.
   */
  readonly printer?: StatementPrinter;
}

/**
 * Verifies an evidence pack, without a network and without the ledger. Never throws because of the
 * pack's content.
 *
 * @param zip the file's bytes, from any source
 * @throws PrintingError when the statement printed again is not a complete PDF
 */
export function verifyPack(
  zip: Uint8Array,
  { keys: given, checkpoints = [], receipts = [], printer }: PackTrust,
): PackReport {
  const keys = followedKeys(given, receipts);
  const steps = new Steps();
  const held = { checkpoints, receipts };
  const entries = steps.take(
    'zip',
    () => readZip(zip),
    (read) => ({
      en: `${counted(zip.length, 'byte')}, ${counted(read.length, 'entry', 'entries')}`,
      zh: `${zip.length} 字节，${read.length} 个条目`,
    }),
  );
  const manifest = steps.take(
    'manifest',
    () => readManifest(fileOf(need(entries), 'manifest.json')),
    (read) => aboutOf(read, asWritten),
  );
  const listed = steps.take(
    'files',
    () => checkFiles(need(entries), need(manifest)),
    () => ({
      en: 'every file is listed, and has the hash it is listed with',
      zh: '每个文件均已列出，哈希与所列一致',
    }),
  );
  const file = (name: PackFile): Uint8Array => fileOf(need(listed), name);
  const signedBy = steps.take(
    'signature',
    () =>
      checkManifestSignature(file('signature.txt'), keys, file('manifest.json'), need(manifest)),
    (signers) => {
      const names = signers.map(({ name }) => name).join(', ');
      return { en: `${names} signed the list of these files`, zh: `${names} 签署了这份文件清单` };
    },
  );
  const checkpoint = steps.take(
    'checkpoint',
    () => checkpointOf(file('checkpoint.txt'), keys, need(manifest), signedBy),
    (opened) => signedText(opened, asWritten),
  );
  const events = steps.take(
    'events',
    () => readEvents(file('events.ndjson')),
    (read) => ({ en: counted(read.length, 'event'), zh: `${read.length} 个事件` }),
  );
  const proofs = steps.take(
    'proofs',
    () => proofsOf(file('proofs.json'), need(entries)),
    () => ({ en: 'well formed', zh: '格式正确' }),
  );
  const streams = steps.take(
    'chains',
    () => checkedChains(need(events), need(manifest)),
    (found) => ({
      en: `${counted(found.size, 'stream')}, each an unbroken chain`,
      zh: `${found.size} 个事件流，哈希链均未中断`,
    }),
  );
  const register = steps.take(
    'rulebooks',
    () => checkRulebooks(need(streams)),
    ({ shipped, published }) => ({
      en: `${counted(shipped.length + published.length, 'rulebook')}, each under its own hash`,
      zh: `${shipped.length + published.length} 版规则，哈希均相符`,
    }),
  );
  steps.take(
    'inclusion',
    () => checkInclusion(need(checkpoint), need(events), need(proofs)),
    () => ({
      en: 'every event is in the tree the ledger signed for',
      zh: '每个事件均在账本所签署的默克尔树中',
    }),
  );
  steps.take(
    'completeness',
    () => checkedCompleteness(need(checkpoint), need(proofs), need(streams), need(manifest)),
    () => ({
      en: 'every stream ends where the ledger signed that it ends: no event was withheld',
      zh: '每个事件流均止于账本签署的末尾：没有事件被隐瞒',
    }),
  );
  steps.take(
    'consistency',
    () => checkHeldCheckpoints(held, keys, need(checkpoint), need(proofs)),
    (count) =>
      count === 0
        ? { en: 'no earlier checkpoint was given', zh: '未提供更早的检查点' }
        : { en: `follows from ${count} held`, zh: `与您保存的 ${count} 个检查点一致` },
  );
  steps.take(
    'receipts',
    () => checkHeldReceipts(held, keys, need(checkpoint), need(streams)),
    (count) =>
      count === 0
        ? { en: 'no receipt was given', zh: '未提供回执' }
        : {
            en: `${count} held, each for an event as it is here`,
            zh: `您保存的 ${count} 份回执，均与此处的事件相符`,
          },
  );
  const withheld = (): ReturnType<typeof withheldFromOthers> | undefined =>
    need(manifest).redacted.length === 0
      ? undefined
      : withheldFromOthers(need(streams), need(manifest).subject.agencyId);
  steps.take(
    'attachments',
    () => checkAttachments(need(entries), need(streams), withheld()),
    (count) => ({ en: `attached, and registered: ${count}`, zh: `已附并已登记：${count}` }),
  );
  steps.take(
    'disclosure',
    () => checkedDisclosure(need(entries), need(streams), need(events), withheld()),
    (count) =>
      count === 0
        ? { en: 'nothing is disclosed', zh: '没有披露的文字' }
        : {
            en: `${counted(count, 'text')}, each opened with its own key as it was sealed`,
            zh: `${count} 段文字，均以各自的密钥打开，与封存时一致`,
          },
  );
  const decided = steps.take(
    'decisions',
    () => checkDecisions(need(events), need(streams), need(register), need(manifest)),
    ({ decisions }) => ({
      en: `${counted(decisions, 'decision')}, each as the rulebooks have it`,
      zh: `${decisions} 项判定，均与规则相符`,
    }),
  );
  const computation = steps.take(
    'computation',
    () =>
      checkedComputation(
        file('computation.json'),
        need(streams),
        need(register),
        need(manifest),
        need(checkpoint),
      ),
    (computed) => recomputedText(computed, need(manifest), need(checkpoint)),
  );
  if (computation !== undefined) {
    // Only now the ledger's zone is proved.
    const at = (instant: string): string => inZone(computation.zone, instant as Instant);
    steps.sayAgain('manifest', aboutOf(need(manifest), at));
    steps.sayAgain('checkpoint', signedText(need(checkpoint), at));
  }
  const pdf = entries?.find(({ name }) => name === 'statement.pdf')?.content;
  const isComparable = pdf !== undefined && printer !== undefined && isPrintedBy(printer, pdf);
  steps.take(
    'statement',
    () => checkedStatement(need(listed), need(manifest)),
    () => ({ en: 'shows what the pack has', zh: '所示即证据包的内容' }),
  );
  if (isComparable)
    steps.take(
      'pdf',
      () =>
        checkPrinted(
          pdf,
          printer,
          printedData(need(listed), need(manifest), need(events), need(computation)),
        ),
      () => ({
        en: 'printed anew from what the pack has, it is the same to the byte',
        zh: '按证据包内容重新打印，逐字节一致',
      }),
    );
  const parts = partsOf(
    (entries ?? []).map(({ name }) => name),
    (step) => steps.holds(step),
    isComparable,
  );
  const holds = steps.checks.every(({ result }) => result === 'holds');
  return {
    holds,
    checks: steps.checks,
    parts,
    notChecked: [
      // It says that the ledger signed the file: only of one that is the file the ledger listed.
      ...(pdf === undefined || isComparable || !steps.holds('signature') ? [] : [notChecked.pdf]),
      ...(decided === undefined ? [] : takenAsRecorded(decided)),
      ...(checkpoints.length + receipts.length > 0 ? [] : [notChecked.history]),
    ].map(sentence),
    ...(holds && {
      verified: verifiedIn(need(manifest), need(computation), need(signedBy), need(checkpoint)),
    }),
    ...(manifest !== undefined && { manifest }),
    ...(computation !== undefined && { computation }),
    simulation: streams !== undefined && isSimulation(streams),
  };
}

/** A step could not run, because an earlier one that it needs failed. */
class Unchecked extends Error {}

/** The result of a step that this one needs. */
function need<T>(result: T | undefined): T {
  if (result === undefined) throw new Unchecked();
  return result;
}

class Steps {
  readonly checks: PackCheck[] = [];

  holds(step: PackStep): boolean {
    return this.checks.some((check) => check.step === step && check.result === 'holds');
  }

  /** Gives a step that holds another message. */
  sayAgain(step: PackStep, message: InBoth): void {
    const at = this.checks.findIndex((check) => check.step === step && check.result === 'holds');
    const said = this.checks[at];
    if (said !== undefined) this.checks[at] = { ...said, message: sentence(message) };
  }

  /** Takes one step; gives what it read, or `undefined` when it does not hold. */
  take<T>(step: PackStep, check: () => T, shown: (result: T) => InBoth): T | undefined {
    try {
      const result = check();
      this.checks.push({ step, result: 'holds', message: sentence(shown(result)) });
      return result;
    } catch (error) {
      if (error instanceof Unchecked) {
        this.checks.push({ step, result: 'unchecked', message: sentence(afterFailure) });
      } else if (error instanceof PackError || error instanceof VerificationError) {
        const { problem } = error;
        this.checks.push({ step, result: 'fails', problem, message: sentence(error.inBoth) });
      } else if (error instanceof PrintingError) {
        throw error;
      } else {
        const { en, zh } = errorInBoth(error);
        const message = {
          en: `the verifier itself failed: ${en}`,
          zh: `验证程序自身出错：${zh}`,
        };
        this.checks.push({
          step,
          result: 'fails',
          problem: 'unforeseen',
          message: sentence(message),
        });
      }
      return undefined;
    }
  }
}

const afterFailure: InBoth = { en: 'a step before it does not hold', zh: '此前的步骤未通过' };

function noFile(name: string): InBoth {
  return { en: `there is no ${name}`, zh: `缺少 ${name}` };
}

function fileOf(entries: readonly ZipEntry[], name: PackFile): Uint8Array {
  const entry = entries.find((each) => each.name === name);
  if (entry === undefined) throw new PackError('file_missing', noFile(name));
  return entry.content;
}

/** The balance at the E and K asked for, and as known at the end, in the ledger's zone. */
function recomputedText(
  { now, period, then, zone }: Computation,
  { effectiveAt, knownAt }: Manifest,
  { signedAt }: OpenedCheckpoint,
): InBoth {
  const at = (instant: string): string => inZone(zone, instant as Instant);
  const asked: InBoth =
    then === null
      ? { en: 'the agency was not recorded yet', zh: '当时尚未记录该机构' }
      : {
          en: `${counted(then.balance, 'point')} of ${period}`,
          zh: `${period} 年度 ${then.balance} 分`,
        };
  return {
    en:
      `recomputed: ${asked.en} at ${at(effectiveAt)} as known at ${at(knownAt)}; ` +
      `${counted(now.balance, 'point')} as known at ${at(signedAt)}, ` +
      'when the checkpoint was signed',
    zh:
      `重新计算：${at(effectiveAt)} 时，按 ${at(knownAt)} 所知，${asked.zh}；` +
      `按 ${at(signedAt)}（签署检查点时）所知，${now.balance} 分`,
  };
}

/** Writes what a pack was verified for, its instants in the ledger's zone. */
export function linesOfVerified(
  verified: Verified,
  { zone }: Pick<Computation, 'zone'>,
): ReturnType<typeof verifiedLines> {
  return verifiedLines(verified, (instant) => inZone(zone, instant));
}

/** An instant in a pack's zone; in UTC where this program knows no such zone. */
function inZone(zone: string, instant: Instant): string {
  try {
    return new LedgerZone(zone, '').format(instant);
  } catch (error) {
    if (error instanceof RangeError) return instant;
    throw error;
  }
}

/** Writes an instant for people. */
type Written = (instant: string) => string;

const asWritten: Written = (instant) => instant;

function signedText({ origin, size, signedAt }: OpenedCheckpoint, at: Written): InBoth {
  return {
    en: `${origin} signed for ${counted(size, 'event')} on ${at(signedAt)}`,
    zh: `${origin} 于 ${at(signedAt)} 签署，共 ${size} 个事件`,
  };
}

function aboutOf(
  { subject, period, effectiveAt, knownAt, redacted }: Manifest,
  at: Written,
): InBoth {
  const { agencyId, appealId } = subject;
  const what: InBoth =
    appealId === undefined
      ? { en: '', zh: '' }
      : { en: `appeal ${appealId} of `, zh: `，申诉 ${appealId}` };
  const redaction: InBoth =
    redacted.length === 0 ? { en: '', zh: '' } : { en: ', redacted', zh: '，有隐去的内容' };
  return {
    en:
      `${what.en}agency ${agencyId}, ${period}, ` +
      `at ${at(effectiveAt)} as known at ${at(knownAt)}${redaction.en}`,
    zh:
      `机构 ${agencyId}${what.zh}，${period} 年度，${at(effectiveAt)} 时，` +
      `按 ${at(knownAt)} 所知${redaction.zh}`,
  };
}

/** Files that the manifest cannot list: itself, and what is made of it. */
const unlisted: ReadonlySet<string> = new Set(['manifest.json', 'signature.txt']);

/** Every entry is listed, in order, and is what it is listed as. */
function checkFiles(
  entries: readonly ZipEntry[],
  { fileNames = {}, files }: Manifest,
): readonly ZipEntry[] {
  const others = entries.filter(({ name }) => !unlisted.has(name));
  for (const [at, { name }] of others.entries()) {
    if (files[at]?.name !== name)
      throw new PackError('file_unlisted', {
        en: `${name} is not where the manifest lists it`,
        zh: `${name} 不在清单所列的位置`,
      });
  }
  const missing =
    files[others.length]?.name ??
    packFiles.find(
      (name) => !optionalFiles.has(name) && !entries.some((entry) => entry.name === name),
    ) ??
    Object.keys(fileNames)
      .map(attachmentName)
      .find((name) => !entries.some((entry) => entry.name === name));
  if (missing !== undefined) throw new PackError('file_missing', noFile(missing));
  for (const [at, { name, content, packed }] of others.entries()) {
    const file = files[at];
    const isPacked = isStored(name)
      ? file?.packed === undefined
      : file?.packed?.bytes === packed.length &&
        file.packed.sha256 === hash('sha256', packed, 'hex');
    if (
      file?.bytes !== content.length ||
      file.sha256 !== hash('sha256', content, 'hex') ||
      !isPacked
    )
      throw new PackError('file_hash', {
        en: `${name} is not the file the manifest lists`,
        zh: `${name} 不是清单所列的文件`,
      });
  }
  return entries;
}

function checkpointOf(
  note: Uint8Array,
  keys: readonly VerifierKey[],
  manifest: Manifest,
  manifestSignedBy: readonly VerifierKey[] | undefined,
): OpenedCheckpoint {
  const checkpoint = openCheckpoint(note, keys);
  if (checkpoint.origin !== manifest.origin)
    throw new PackError('origin', {
      en: `the checkpoint is of "${checkpoint.origin}", the manifest of "${manifest.origin}"`,
      zh: `检查点属于 "${checkpoint.origin}"，清单属于 "${manifest.origin}"`,
    });
  if (manifest.knownAt > checkpoint.signedAt)
    throw new PackError('signed_before', {
      en: `signed ${checkpoint.signedAt}, and asked as known at ${manifest.knownAt}`,
      zh: `签署于 ${checkpoint.signedAt}，而所问的已知时点为 ${manifest.knownAt}`,
    });
  if (manifestSignedBy !== undefined) assertCurrent(manifestSignedBy, checkpoint);
  return checkpoint;
}

/** One index for each event is counted by lines, so that this step needs no event to be right. */
function proofsOf(bytes: Uint8Array, entries: readonly ZipEntry[]): Proofs {
  const lines = fileOf(entries, 'events.ndjson').reduce(
    (count, byte) => (byte === 0x0a ? count + 1 : count),
    0,
  );
  return readProofs(bytes, lines);
}

function checkedChains(events: readonly PackEvent[], manifest: Manifest): PackStreams {
  const { assessments, ledgerId, simulation = false, subject } = manifest;
  const streams = checkChains(events, ledgerId, subject.agencyId, assessments);
  if (isSimulation(streams) !== simulation) {
    const [en, zh] = simulation ? ['not a', '不属于'] : ['a', '属于'];
    throw new PackError('opening', {
      en: `the first event is ${en} simulation’s, and the manifest is otherwise`,
      zh: `首个事件${zh}模拟账本，而清单与此相反`,
    });
  }
  return streams;
}

function checkInclusion(
  checkpoint: OpenedCheckpoint,
  events: readonly PackEvent[],
  proofs: Proofs,
): true {
  if (proofs.indexes[0] !== 0)
    throw new VerificationError('inclusion_form', {
      en: 'the first event is not the first leaf',
      zh: '首个事件不是第一片叶',
    });
  const leaves = events.map(({ leafHash }, at) => ({ leafHash, index: proofs.indexes[at] ?? 0 }));
  checkJoinedProof(leaves, checkpoint.size, proofs.inclusion, checkpoint.root);
  return true;
}

function checkedCompleteness(
  { streamHeads }: OpenedCheckpoint,
  proofs: Proofs,
  streams: PackStreams,
  { subject, assessments = [] }: Manifest,
): true {
  checkCompleteness(streams, subject.agencyId, assessments, proofs, streamHeads.root);
  return true;
}

function checkedDisclosure(
  entries: readonly ZipEntry[],
  _chained: PackStreams,
  events: readonly PackEvent[],
  withheld: ReturnType<typeof withheldFromOthers> | undefined,
): number {
  if (!entries.some(({ name }) => name === 'disclosed.json')) return 0;
  return checkDisclosure(fileOf(entries, 'disclosed.json'), events, withheld).length;
}

function checkedComputation(
  bytes: Uint8Array,
  streams: PackStreams,
  register: RulebookRegister,
  manifest: Manifest,
  { signedAt }: OpenedCheckpoint,
): Computation {
  const computation = compute(streams, register, questionOf(manifest), signedAt as Instant);
  if (computationText(computation) !== textOf(bytes))
    throw new PackError('computation_differs', {
      en: 'computation.json is not what the events come to',
      zh: 'computation.json 与按事件计算的结果不一致',
    });
  return computation;
}

function checkedStatement(entries: readonly ZipEntry[], manifest: Manifest): true {
  const text = (name: PackFile): string => textOf(fileOf(entries, name)) ?? '';
  checkStatement(fileOf(entries, 'statement.html'), {
    manifest,
    names: entries.map(({ name }) => name),
    checkpoint: text('checkpoint.txt'),
    computation: text('computation.json'),
    ...(entries.some(({ name }) => name === 'disclosed.json') && {
      disclosed: text('disclosed.json'),
    }),
    events: text('events.ndjson'),
  });
  return true;
}

/** The data of a statement printed from these files. */
function printedData(
  entries: readonly ZipEntry[],
  { fileNames, ledgerId, knownAt, redacted }: Manifest,
  events: readonly PackEvent[],
  computation: Computation,
): StatementData {
  const text = (name: PackFile): string => textOf(fileOf(entries, name)) ?? '';
  return {
    attachments: entries.flatMap(({ name }) => sha256OfAttachment(name) ?? []),
    checkpoint: text('checkpoint.txt'),
    computation,
    ...(entries.some(({ name }) => name === 'disclosed.json') && {
      disclosed: JSON.parse(text('disclosed.json')) as readonly Disclosed[],
    }),
    events: events.map(({ event }) => event),
    ...(fileNames !== undefined && { fileNames }),
    knownAt,
    ledgerId,
    redacted,
  };
}
