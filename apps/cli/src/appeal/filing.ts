import { joined } from '@penalty-ledger/ledger';
import { appealIdFor, filingLines } from '@penalty-ledger/application/appeal-filing';
import { openReader, type Trial } from '@penalty-ledger/application';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { readBounded, readBytes } from '../terminal/input.js';
import { note, noteError, noteHint, printJson } from '../terminal/io.js';
import { didYouMean } from '../ledger/nearest-ids.js';
import { said } from '../terminal/language.js';
import { writeOutput } from '../terminal/output-file.js';
import { refusalText } from '../terminal/refusal-text.js';
import { count, figure } from '../terminal/words.js';
import { makePack } from '../evidence/pack.js';
import { attachedFiles, keepFiles } from '../record/attached-files.js';
import {
  consent,
  recordEach,
  tell,
  type Objection,
  type RecordOptions,
} from '../record/recording.js';
import { verdictOnPack } from '../verify/pack.js';
import { ownKeys } from '../keys/own-keys.js';

/** The options of `appeal file`. */
export interface FilingOptions extends RecordOptions {
  readonly deduction: string;
  readonly grounds: string;
  readonly appeal?: string;
  readonly attach?: readonly string[];
  readonly output?: string;
  /** Keeps copies of the attached files beside the ledger. */
  readonly keep?: boolean;
  readonly initiatedAt?: string;
  readonly submittedAt?: string;
}

/** The limit of the grounds: 20,000 characters of four bytes. */
const maxGroundsBytes = 80_000;

/**
 * Files an appeal: registers the evidence, initiates, submits, signs a checkpoint, writes the
 * evidence pack and verifies it. Run again after a failure, it says which steps were done, and goes
 * on.
 *
 * @throws UsageError
 */
export async function fileAppeal(options: FilingOptions): Promise<void> {
  const { store, deduction, by, initiatedAt, submittedAt, output } = options;
  // What will be recorded is printed there.
  if (output === '-')
    throw new UsageError(
      said('--output: the pack needs a file', '--output：证据包须写入文件'),
      said(
        'name one; "ledger evidence --appeal ID -o -" prints the pack of a filed appeal',
        '请指定文件；"ledger evidence --appeal ID -o -" 可打印已提交申诉的证据包',
      ),
    );
  const appealId = options.appeal ?? appealIdFor(deduction);
  const grounds = groundsIn(options.grounds, await readBounded(options.grounds, maxGroundsBytes));
  if (grounds === '')
    throw new UsageError(
      said(`--grounds: "${options.grounds}" is empty`, `--grounds："${options.grounds}" 是空文件`),
      said('write the grounds of the appeal in it', '请在其中写明申诉理由'),
    );
  const attachments = await attachedFiles(options.attach ?? [], '--attach');
  if (submittedAt !== undefined && attachments.length === 0)
    throw new UsageError(
      said('--submitted-at: there is no evidence to submit', '--submitted-at：没有要提交的证据'),
      said('attach its files with --attach', '请用 --attach 附上证据文件'),
    );
  const agencyId = await agencyOfDeduction(store, deduction);
  if (agencyId === undefined) return;
  const lines = filingLines({
    deductionId: deduction,
    agencyId,
    appealId,
    grounds,
    attachments,
    ...(by !== undefined && { by }),
    ...(initiatedAt !== undefined && { initiatedAt }),
    ...(submittedAt !== undefined && { submittedAt }),
  });
  if ('problems' in lines) throw new UsageError(refusalText('invalid', joined(lines.problems)));
  const late = (outcomes: Trial['outcomes']): Objection | undefined =>
    outcomes.some(isNewAndLate)
      ? { text: lateText(deduction), hint: lateHint(initiatedAt) }
      : undefined;
  if (!(await consent(lines, options, late))) return;
  if (options.keep === true) await keepFiles(store, attachments);
  const isRecorded = await recordEach(options, async (send) => {
    for (const line of lines) if (!tell(line.command.command, await send(line))) return false;
    return true;
  });
  if (!isRecorded) return;
  const packed = await packOrSayHow(appealId, options);
  if (options.json === true && packed !== undefined) await printJson({ appealId, ...packed });
}

/** Tells of an appeal that would be out of time as it is initiated, when the only one is spent. */
function isNewAndLate({ status, findings }: Trial['outcomes'][number]): boolean {
  return status === 'accepted' && findings.includes('appeal_late');
}

function lateText(deduction: string): string {
  return said(
    `the window to appeal against "${deduction}" is over, and there is one appeal to a deduction`,
    `扣分 "${deduction}" 的申诉期已过，而每项扣分只能申诉一次`,
  );
}

/** The way to go on with an appeal that would be out of time the moment it is initiated. */
function lateHint(initiatedAt: string | undefined): string {
  const untilWhen = said(
    'nothing was recorded; "ledger appealable" says until when',
    '未作任何记录；"ledger appealable" 显示申诉截止时间',
  );
  const next =
    initiatedAt === undefined
      ? said(
          'if it was initiated in time, say when with --initiated-at',
          '如当时已按时发起，请用 --initiated-at 写明',
        )
      : said(
          `check --initiated-at ${initiatedAt}; "ledger record InitiateAppeal" records it as late`,
          `请核对 --initiated-at ${initiatedAt}；"ledger record InitiateAppeal" 可按逾期申诉记录`,
        );
  return said(`${untilWhen}; ${next}`, `${untilWhen}；${next}`);
}

/** The text of the grounds, without the mark of a byte order. @throws UsageError */
function groundsIn(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch (error) {
    throw new UsageError(
      said(`--grounds: "${file}" is not text in UTF-8`, `--grounds："${file}" 不是 UTF-8 文本`),
      said('save it as UTF-8', '请另存为 UTF-8'),
      { cause: error },
    );
  }
}

/** Packs the appeal; where that fails, says that the appeal stands, and how to go on. */
async function packOrSayHow(appealId: string, options: FilingOptions): Promise<Packed | undefined> {
  let written: string | undefined;
  let packed: Packed | undefined;
  try {
    written = await writePack(appealId, options);
    if (written === undefined) return undefined;
    packed = await verifyWritten(written, options.store);
    return packed;
  } finally {
    if (packed === undefined) note(unfinishedText(appealId, written));
  }
}

function unfinishedText(appealId: string, output: string | undefined): string {
  return output === undefined
    ? said(
        `appeal "${appealId}" is recorded, its pack is not written; run the same again`,
        `申诉 "${appealId}" 已记录，证据包尚未写入；请再次运行同一命令`,
      )
    : said(
        `appeal "${appealId}" is recorded, its pack is in ${output} and was not verified; ` +
          'run the same again',
        `申诉 "${appealId}" 已记录，证据包已写入 ${output}，但尚未核验；请再次运行同一命令`,
      );
}

/** A pack as it was written, and whether it verifies. */
interface Packed {
  readonly pack: string;
  readonly holds: boolean;
}

async function agencyOfDeduction(url: string, deductionId: string): Promise<string | undefined> {
  const opened = await openReader(url);
  let hint: string | undefined;
  try {
    const agencyId = await opened.reader.agencyOf('deduction', deductionId);
    if (agencyId !== undefined) return agencyId;
    hint = didYouMean(await opened.reader.nearestIds('deduction', deductionId));
  } finally {
    await opened.close();
  }
  const text = refusalText(
    'unknown_deduction',
    said(
      `no deduction "${deductionId}" was recorded; check the id`,
      `未记录扣分 "${deductionId}"，请核对编号`,
    ),
  );
  noteError(text);
  if (hint !== undefined) noteHint(hint);
  process.exitCode = exitCodes.no;
  return undefined;
}

/** Signs a checkpoint and writes the pack. @returns the file */
async function writePack(
  appealId: string,
  { store, attach, output = `${appealId.replaceAll(':', '-')}.zip` }: FilingOptions,
): Promise<string | undefined> {
  const pack = await makePack(store, {
    appeal: appealId,
    disclose: true,
    ...(attach !== undefined && { attach }),
  });
  if (pack === undefined) return undefined;
  await writeOutput(output, pack.zip);
  const bytes = pack.zip.length;
  const size = said(count(bytes, 'byte'), `${figure(bytes)} 字节`);
  note(said(`wrote the evidence pack to ${output}: ${size}`, `证据包已写入 ${output}：${size}`));
  return output;
}

/** Verifies a pack as it was written to its file. */
async function verifyWritten(output: string, store: string): Promise<Packed> {
  const verdict = await verdictOnPack(await readBytes(output), await ownKeys(store), {
    receipts: [],
    checkpoints: [],
  });
  const { holds, message } = verdict;
  if (!holds) process.exitCode = exitCodes.no;
  note(
    holds
      ? // Nothing that was kept elsewhere is compared here.
        said(
          'verified: the evidence pack holds in all that was checked',
          '已核验：证据包在已检查的各项上核验通过',
        )
      : said(
          `error: the evidence pack does not hold: ${message?.en ?? ''}`,
          `错误：证据包核验未通过：${message?.zh ?? ''}`,
        ),
  );
  return { pack: output, holds };
}
