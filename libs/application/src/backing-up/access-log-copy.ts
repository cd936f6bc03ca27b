import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { counted, Sentence } from '@penalty-ledger/ledger';
import {
  damagedLog,
  firstLineProblem,
  sentenceOf,
  lineOf,
  lineOfCut,
  startOf,
  walk,
  type LogCut,
  type WalkFrom,
} from '../access/access-log/index.js';
import { BackupRefusedError } from './backup-folder.js';
import type { Manifest } from './backup-manifest.js';
import type { SegmentWriter } from './segment-writer.js';

type CopiedLog = NonNullable<Manifest['accessLog']>;

/** The entries that are read before they are written. */
const entriesAtOnce = 10_000;

/**
 * Adds the entries of an access log that a backup does not have yet, up to the last whole one.
 *
 * @param path the log; the service may be writing it
 * @returns the part of the manifest; `undefined` where there is no log
 * @throws BackupRefusedError when the log does not continue what the backup has;
 * AccessLogDamagedError when it is damaged
 */
export async function copyAccessLog(
  path: string,
  before: CopiedLog | undefined,
  writer: SegmentWriter,
): Promise<CopiedLog | undefined> {
  if (!existsSync(path)) return before;
  const { upTo, cut } = await durablePart(path);
  const { entries = 0, bytes = 0, lastHash = '' } = before ?? {};
  if (upTo < bytes) throw anotherLog(path, entries);
  if (cut !== undefined && before !== undefined && bytes < cut.bytes)
    throw new BackupRefusedError({
      en:
        `the access log "${path}" was cut off after entry ${cut.seq}, and the backup ends with ` +
        `entry ${entries - 1}: those between are gone; the events are backed up. ` +
        'Back up into another folder, more often than the log is cut',
      zh:
        `访问日志 "${path}" 在第 ${cut.seq} 条记录之后被截除，而备份止于第 ${entries - 1} 条：` +
        '其间的记录已不存在；事件已备份。请备份到另一个文件夹，并比截除更频繁地备份',
    });
  if (cut !== undefined && before === undefined) await writer.add([lineOfCut(cut)]);
  let reached =
    before === undefined && cut !== undefined
      ? { entries: cut.seq + 1, bytes: cut.bytes, lastHash: cut.hash }
      : { entries, bytes, lastHash };
  for (let goesOn = true; goesOn;) {
    const from: WalkFrom = {
      offset: reached.bytes,
      after:
        reached.entries === 0 ? undefined : { seq: reached.entries - 1, hash: reached.lastHash },
      upTo,
    };
    const lines: string[] = [];
    const { last, offset, damage, refused } = await walk(path, from, (entry) => {
      if (lines.length === entriesAtOnce) return false;
      lines.push(lineOf(entry));
      return true;
    });
    if (damage !== undefined && damage.kind !== 'unfinished') {
      if (damage.seq === entries && entries > 0) throw anotherLog(path, entries);
      const { en, zh } = sentenceOf(damage);
      throw damagedLog(path, {
        en: `${en}; "ledger verify --access-log" checks it`,
        zh: `${zh}；可用 "ledger verify --access-log" 检查`,
      });
    }
    await writer.add(lines);
    if (last !== undefined) reached = { entries: last.seq + 1, bytes: offset, lastHash: last.hash };
    goesOn = refused !== undefined;
  }
  const cutEntries = before === undefined && cut !== undefined ? cut.seq + 1 : before?.cutEntries;
  return reached.entries === 0
    ? before
    : {
        ...reached,
        ...(cutEntries !== undefined && { cutEntries }),
        segments: await writer.finish(),
      };
}

/**
 * Makes what a log holds durable, and returns the place of its end. A backup must not hold entries
 * that a power loss can still take from the log: it would not continue the backup afterwards.
 */
async function durablePart(path: string): Promise<{ upTo: number; cut: LogCut | undefined }> {
  const file = await open(path, 'r');
  try {
    const start = await startOf(file);
    if (start instanceof Sentence) throw damagedLog(path, firstLineProblem(start));
    const { size } = await file.stat();
    await file.datasync();
    return { upTo: size - start.shift, cut: start.cut };
  } finally {
    await file.close();
  }
}

function anotherLog(path: string, entries: number): BackupRefusedError {
  return new BackupRefusedError({
    en:
      `the access log "${path}" does not continue the ` +
      `${counted(entries, 'entry', 'entries')} of the backup: ` +
      'it was replaced or cut off; the events are backed up. Back up into another folder',
    zh:
      `访问日志 "${path}" 与备份中的 ${entries} 条记录不衔接：它被替换或截断；事件已备份。` +
      '请备份到另一个文件夹',
  });
}
