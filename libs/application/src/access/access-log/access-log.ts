import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeLastingFolder, syncFolder } from '@penalty-ledger/event-store';
import type { Clock } from '../../clock.js';
import { laterOf, Sentence, SpokenError, type InBoth, type Instant } from '@penalty-ledger/ledger';
import type { SignerKey, VerifierKey } from '@penalty-ledger/merkle-log';
import type { Anchors, PlacedAnchor } from './anchors.js';
import { entryOf, lineOf, type Access, type AccessEntry, type Anchor } from './entry.js';
import { isSignedBy, lineOfCut, signCut, startOf, type LogCut, type LogStart } from './log-cut.js';
import { beginning, walk, type AccessLogDamage } from './walk.js';

/** The log cannot be written on: what stands there is not what was written. */
export class AccessLogDamagedError extends SpokenError {
  readonly code = 'access_log_damaged';
}

/** An entry could not be made durable; nothing may be answered that would go unlogged. */
export class AccessLogStoppedError extends SpokenError {
  readonly code = 'access_log_stopped';
}

/** More entries wait for the disk than {@link pendingLimit}: let requests wait outside. */
export class AccessLogBusyError extends SpokenError {
  readonly code = 'access_log_busy';
}

/** The parts of an access log. It does not own the anchors. */
export interface AccessLogParts {
  readonly path: string;
  readonly anchors: Anchors;
  readonly clock: Clock;
  /** The ledger's keys, by one of which a cut must be signed; none where they are not at hand. */
  readonly signers?: readonly VerifierKey[];
}

/** Entries that may wait for the disk. */
export const pendingLimit = 10_000;

/**
 * An anchor is written when the log is closed, and after this many entries or milliseconds: as much
 * as a cut could take unseen while the service runs.
 */
const anchorEvery = { entries: 1_000, ms: 60_000 };

/** The place that the next entry follows. */
type Tip = Pick<AccessEntry, 'seq' | 'hash' | 'at'>;

interface Waiting {
  readonly line: string;
  readonly entry: AccessEntry;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The record of who read or exported what: an append-only file, each entry chained to the one
 * before it. {@link record} resolves when the entry is durable, so that an answer never leaves
 * before its entry.
 *
 * Entries that come while the disk is busy are written together in the next group, with one flush
 * (`fdatasync`) in libuv's pool: the event loop never waits, and a request waits for two flushes at
 * most.
 */
export class AccessLog {
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #stopped: AccessLogStoppedError | undefined;
  #last: Tip | undefined;
  /** The last entry of the group that is being written. */
  #chained: Tip | undefined;
  #size: number;
  #start: LogStart;
  #file: FileHandle;
  /** Puts another file in place of the log's, between two groups. */
  #exchange: (() => Promise<void>) | undefined;
  #anchored: { readonly seq: number; readonly at: number } | undefined;

  private constructor(
    private readonly parts: AccessLogParts,
    file: FileHandle,
    from: { readonly last: Tip | undefined; readonly size: number; readonly start: LogStart },
  ) {
    this.#file = file;
    this.#last = from.last;
    this.#size = from.size;
    this.#start = from.start;
  }

  /**
   * Opens a log, or makes it (mode 0600). Entries since the last anchor are checked. An unfinished
   * end that a crash or a power loss left, which was never acknowledged, is cut off.
   *
   * @throws AccessLogDamagedError when the log ends before its anchor or does not chain from it;
   * nothing is changed then
   */
  static async open(parts: AccessLogParts): Promise<AccessLog> {
    const { path, anchors } = parts;
    makeLastingFolder(dirname(path));
    const anchor = anchors.lastBefore();
    if (anchor !== undefined && !existsSync(path))
      throw damaged(path, {
        en: 'is gone, and an anchor says it had entries',
        zh: '已不存在，而锚点表明其中曾有记录',
      });
    const file = await open(path, 'a+', 0o600);
    try {
      // Also for a file that exists: the process that made it may have ended before this.
      syncFolder(dirname(path));
      const start = await startOf(file);
      if (start instanceof Sentence) throw damaged(path, firstLineProblem(start));
      const { cut, shift } = start;
      const { size } = await file.stat();
      if (anchor !== undefined && size - shift < anchor.bytes) {
        throw damaged(path, {
          en: `ends before entry ${anchor.seq}, which was durable: its tail was cut off`,
          zh: `在已落盘的第 ${anchor.seq} 条记录之前结束：其末尾被截去`,
        });
      }
      if (cut !== undefined) checkCut(parts, cut);
      if (anchor !== undefined && anchor.bytes > (cut?.bytes ?? 0))
        await checkAnchoredEntry(path, anchor, shift);
      const from = anchor === undefined ? beginning : { offset: anchor.bytes, after: anchor };
      const { last, offset, damage } = await walk(path, from);
      if (damage !== undefined && damage.kind !== 'unfinished')
        throw damaged(path, sentenceOf(damage));
      if (damage !== undefined) await file.truncate(offset + shift);
      // Entries of a process that was killed may not be on the disk, and an anchor must not be
      // ahead of it.
      await file.datasync();
      // An older access file can have lost the anchors since the cut.
      const known = (anchor?.seq ?? -1) < (cut?.seq ?? -1) ? cut : anchor;
      const log = new AccessLog(parts, file, { last: last ?? known, size: offset, start });
      if (last !== undefined) log.#putAnchor(last);
      return log;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Entries that wait for the disk. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** The last durable entry, to be kept elsewhere; `undefined` for an empty log. */
  get head(): Anchor | undefined {
    return this.#last === undefined ? undefined : { seq: this.#last.seq, hash: this.#last.hash };
  }

  /**
   * The length of the log up to and with the last durable entry, in bytes: it can be verified that
   * far while it is written.
   */
  get durableBytes(): number {
    return this.#size;
  }

  /** Says whether the disk ended it: opened again, it may go on. */
  get hasStopped(): boolean {
    return this.#stopped !== undefined && !(this.#stopped.cause instanceof AccessLogDamagedError);
  }

  /** @throws AccessLogStoppedError when no entry can be written any more */
  assertOpen(): void {
    if (this.#stopped !== undefined) throw this.#stopped;
  }

  /**
   * Writes an entry, and resolves when it is durable.
   *
   * @throws AccessLogStoppedError once anything could not be written, and after {@link close}
   * @throws AccessLogBusyError when {@link pendingLimit} entries wait
   */
  async record(access: Access): Promise<void> {
    this.assertOpen();
    if (this.#waiting.length >= pendingLimit) {
      throw new AccessLogBusyError({
        en: `${pendingLimit} entries of the access log wait for the disk; try again later`,
        zh: `访问日志有 ${pendingLimit} 条记录等待写盘；请稍后重试`,
      });
    }
    const before = this.#waiting.at(-1)?.entry ?? this.#chained ?? this.#last;
    const now = this.parts.clock.now();
    // A clock that was set back does not make the log go back.
    const at = before === undefined ? now : laterOf(now, before.at);
    const entry = entryOf(access, at, before);
    const durable = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ line: lineOf(entry), entry, resolve, reject });
    });
    this.#writing ??= this.#writeAll();
    await durable;
  }

  /**
   * Cuts off the days that ended before an instant, up to an anchor, and puts what the ledger signs
   * of them in their place. An entry says so before. Entries are written on meanwhile.
   *
   * @param upTo the last entry that may be cut off: one that is elsewhere, if it is to be
   * @returns the cut; `undefined` when there is nothing to cut off
   * @throws AccessLogStoppedError; what the disk throws, and then the log is as it was
   */
  async cutBefore(before: Instant, signer: SignerKey, upTo: number): Promise<LogCut | undefined> {
    const anchor = this.parts.anchors.lastEndedBefore(before, upTo);
    const earlier = this.#start.cut;
    if (anchor === undefined || anchor.seq <= (earlier?.seq ?? -1)) return undefined;
    const entries = anchor.seq - (earlier?.seq ?? -1);
    await this.record({
      principal: 'service',
      role: null,
      method: 'LOCAL',
      route: 'access log cut',
      subject: { entries: String(entries), upTo: String(anchor.seq), lastHash: anchor.hash },
      status: 200,
      requestId: randomUUID(),
    });
    const cut = signCut(anchor, signer);
    await this.#replaceBy(cut);
    return cut;
  }

  /** Finishes what was taken, writes an anchor and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    this.#stopped ??= new AccessLogStoppedError({
      en: 'the access log is closed',
      zh: '访问日志已关闭',
    });
    if (this.#last !== undefined) this.#putAnchor(this.#last);
    await this.#file.close();
  }

  /** Writes the rest of the log behind a cut into another file, and puts it in the log's place. */
  async #replaceBy(cut: LogCut): Promise<void> {
    const { path } = this.parts;
    const made = `${path}-cut`;
    await rm(made, { force: true });
    const file = await open(made, 'ax+', 0o600);
    try {
      const first = Buffer.from(`${lineOfCut(cut)}\n`);
      await file.appendFile(first);
      const start: LogStart = { cut, shift: first.length - cut.bytes };
      // The most is copied while entries are written; the rest, and the exchange, between groups.
      const copied = await this.#copyOn(file, cut.bytes);
      await file.datasync();
      await new Promise<void>((resolve, reject) => {
        this.#exchange = async () => {
          try {
            await this.#copyOn(file, copied);
            await file.sync();
            await rename(made, path);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          const replaced = this.#file;
          this.#file = file;
          this.#start = start;
          resolve();
          // An entry behind it must not be lost with the name of the file.
          syncFolder(dirname(path));
          await replaced.close();
        };
        this.#writing ??= this.#writeAll();
      });
    } catch (error) {
      if (this.#file !== file) {
        await file.close();
        await rm(made, { force: true });
      }
      throw error;
    }
  }

  /** Copies the log from a place on, and returns the place that is reached. */
  async #copyOn(to: FileHandle, from: number): Promise<number> {
    const chunk = Buffer.alloc(1 << 20);
    let at = from;
    for (const end = this.#size; at < end;) {
      const length = Math.min(chunk.length, end - at);
      const { bytesRead } = await this.#file.read(chunk, 0, length, at + this.#start.shift);
      if (bytesRead === 0)
        throw new AccessLogDamagedError({
          en: 'the access log became shorter',
          zh: '访问日志变短了',
        });
      await to.appendFile(chunk.subarray(0, bytesRead));
      at += bytesRead;
    }
    return at;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 || this.#exchange !== undefined) {
      const exchange = this.#exchange;
      this.#exchange = undefined;
      if (exchange !== undefined) {
        await this.#orStop(exchange);
        continue;
      }
      const group = this.#waiting;
      this.#waiting = [];
      this.#chained = group.at(-1)?.entry;
      await this.#orStop(async () => {
        await this.#write(group);
        for (const { resolve } of group) resolve();
      }, group);
    }
    this.#chained = undefined;
    this.#writing = undefined;
  }

  /** Does a step, and stops the log for good when it fails. */
  async #orStop(step: () => Promise<void>, group: readonly Waiting[] = []): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#stopped = new AccessLogStoppedError(
        {
          en:
            `the access log "${this.parts.path}" cannot be written; ` +
            'make room or mend the disk, and start again',
          zh: `无法写入访问日志 "${this.parts.path}"；请腾出空间或修复磁盘，然后重新启动`,
        },
        { cause: error },
      );
      for (const { reject } of [...group, ...this.#waiting]) reject(this.#stopped);
      this.#waiting = [];
    }
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const { size } = await this.#file.stat();
    if (size !== this.#size + this.#start.shift)
      throw new AccessLogDamagedError({
        en: 'another process writes to the same access log',
        zh: '另一个进程也在写入同一访问日志',
      });
    const bytes = Buffer.from(`${group.map(({ line }) => line).join('\n')}\n`);
    await this.#file.appendFile(bytes);
    await this.#file.datasync();
    this.#size += bytes.length;
    const last = group.at(-1)?.entry;
    if (last === undefined) return;
    this.#last = last;
    const since = this.#anchored;
    if (
      since === undefined ||
      last.seq - since.seq >= anchorEvery.entries ||
      Date.parse(last.at) - since.at >= anchorEvery.ms
    ) {
      this.#putAnchor(last);
    }
  }

  #putAnchor({ seq, hash, at }: Tip): void {
    this.parts.anchors.put({ seq, hash, at, bytes: this.#size });
    this.#anchored = { seq, at: Date.parse(at) };
  }
}

/** @throws AccessLogDamagedError when a cut contradicts an anchor, or the ledger did not sign it */
function checkCut({ path, anchors, signers = [] }: AccessLogParts, cut: LogCut): void {
  if (signers.length > 0 && !isSignedBy(cut, signers))
    throw damaged(path, {
      en: `was cut after entry ${cut.seq}, and the ledger did not sign that`,
      zh: `在第 ${cut.seq} 条记录之后被截除，而账本并未签署`,
    });
  const anchor = anchors.lastBefore(cut.seq);
  if (anchor?.seq === cut.seq && (anchor.hash !== cut.hash || anchor.bytes !== cut.bytes))
    throw damaged(path, {
      en: `was cut after another entry ${cut.seq} than was written`,
      zh: `截除处的第 ${cut.seq} 条记录与写入的不同`,
    });
}

/** The anchored entry is the line that ends at the anchor's last byte. */
async function checkAnchoredEntry(
  path: string,
  { seq, hash, bytes }: PlacedAnchor,
  shift: number,
): Promise<void> {
  const file = await open(path, 'r');
  try {
    const end = bytes + shift;
    const length = Math.min(end, 65_536);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, end - length);
    const lines = buffer.toString('utf8').split('\n');
    const isThere = lines.at(-1) === '' && (lines.at(-2) ?? '').includes(`"hash":"${hash}"`);
    if (!isThere)
      throw damaged(path, {
        en: `does not hold entry ${seq} where it was written`,
        zh: `在写入处已没有第 ${seq} 条记录`,
      });
  } finally {
    await file.close();
  }
}

/** Names a damage and its place. */
export function sentenceOf({ seq, offset, problem }: AccessLogDamage): InBoth {
  return {
    en: `entry ${seq}, at byte ${offset}, ${problem.en}`,
    zh: `第 ${seq} 条记录（位于字节 ${offset}）${problem.zh}`,
  };
}

/** A problem of the line that states a cut. */
export function firstLineProblem({ en, zh }: InBoth): InBoth {
  return { en: `its first line ${en}`, zh: `首行${zh}` };
}

/** The error of a log by what is wrong with it. */
export function damagedLog(path: string, { en, zh }: InBoth): AccessLogDamagedError {
  return new AccessLogDamagedError({
    en: `the access log "${path}": ${en}`,
    zh: `访问日志 "${path}"：${zh}`,
  });
}

function damaged(path: string, { en, zh }: InBoth): AccessLogDamagedError {
  return damagedLog(path, {
    en:
      `${en}. Nothing is written on it; ` +
      'keep it and its anchors for an examination, and start with another log',
    zh: `${zh}。不会再写入；请保留该日志及其锚点以备检查，并改用另一份日志启动`,
  });
}
