import { open } from 'node:fs/promises';
import { Sentence } from '@penalty-ledger/ledger';
import { splitLines } from '../../intake/file-lines.js';
import { noEntry, readEntry, type AccessEntry, type Anchor } from './entry.js';
import { startOf, type LogCut } from './log-cut.js';

/** The first thing that is wrong with an access log. */
export interface AccessLogDamage {
  /** The number of the wrong entry, or of the one that would stand there. */
  readonly seq: number;
  /** The byte at which it begins in the file; of a log that was cut, not its place in the log. */
  readonly offset: number;
  readonly kind: 'form' | 'order' | 'chain' | 'time' | 'unfinished';
  /** As a sentence goes on after the place. */
  readonly problem: Sentence;
}

/** The whole part of a log. */
export interface Walked {
  /** The last entry before the damage, or of the log. */
  readonly last: AccessEntry | undefined;
  /** The place in the log at which the next entry begins, in bytes. */
  readonly offset: number;
  /** The cut that the log begins with. */
  readonly cut?: LogCut | undefined;
  readonly damage?: AccessLogDamage;
  /** The entry that `visit` ended the walk at. */
  readonly refused?: AccessEntry;
}

/**
 * The start of a walk: after a known entry, at the place where the next one starts; of a log that
 * was cut there or later, the cut.
 */
export interface WalkFrom {
  readonly offset: number;
  readonly after: Anchor | undefined;
  /** The place at which to end; the file's end by default. */
  readonly upTo?: number;
}

/** A log's beginning. */
export const beginning: WalkFrom = { offset: 0, after: undefined };

/**
 * Reads entry by entry, in bounded memory, and stops at the first that breaks the chain. `visit`
 * sees every whole entry, and ends the walk by giving false.
 */
export async function walk(
  path: string,
  { offset, after, upTo }: WalkFrom,
  visit: (entry: AccessEntry) => boolean = () => true,
): Promise<Walked> {
  const file = await open(path, 'r');
  try {
    const start = await startOf(file);
    if (start instanceof Sentence)
      return {
        last: undefined,
        offset,
        damage: { seq: 0, offset: 0, kind: 'form', problem: start },
      };
    const { cut, shift } = start;
    const size = upTo ?? (await file.stat()).size - shift;
    const isCutThere = cut !== undefined && offset < cut.bytes;
    let at = isCutThere ? cut.bytes : offset;
    let last: AccessEntry | undefined;
    let before = isCutThere ? cut : after;
    if (size <= at) return { last, offset: at, cut };
    for await (const lines of splitLines(
      file.createReadStream({ start: at + shift, end: size + shift - 1, autoClose: false }),
    )) {
      for (const { bytes, length } of lines) {
        const seq = (before?.seq ?? -1) + 1;
        if (at + length + 1 > size) {
          return {
            last,
            offset: at,
            cut,
            damage: { seq, offset: at + shift, kind: 'unfinished', problem: torn.end },
          };
        }
        // A power loss leaves zeros where a part of the last group did not reach the disk, and
        // nothing from there on was acknowledged. Other zeros are damage: no entry holds one.
        if (isTorn(bytes, at + shift)) {
          return {
            last,
            offset: at,
            cut,
            damage: { seq, offset: at + shift, kind: 'unfinished', problem: torn.hole },
          };
        }
        const entry = readEntry(Buffer.from(bytes).toString('utf8'));
        if (entry instanceof Sentence) {
          return {
            last,
            offset: at,
            cut,
            damage: { seq, offset: at + shift, kind: 'form', problem: entry },
          };
        }
        const damage = followProblem(entry, before, last ?? (isCutThere ? cut : undefined));
        if (damage !== undefined)
          return { last, offset: at, cut, damage: { seq, offset: at + shift, ...damage } };
        if (!visit(entry)) return { last, offset: at, cut, refused: entry };
        last = entry;
        before = entry;
        at += length + 1;
      }
    }
    return { last, offset: at, cut };
  } finally {
    await file.close();
  }
}

const torn = {
  end: new Sentence({ en: 'has no end', zh: '没有结尾' }),
  hole: new Sentence({ en: 'has a hole of zeros', zh: '中有一段为零的空洞' }),
};

/** Disks write sectors of this size, or multiples of it, whole. */
const sectorBytes = 512;

/**
 * Says whether a line has zeros, and only such as a torn write leaves: from the line's start or
 * that of a sector on, up to the end of a sector.
 *
 * @param start the line's place in the file
 */
function isTorn(line: Uint8Array, start: number): boolean {
  let isHole = false;
  for (let from = line.indexOf(0); from !== -1; from = line.indexOf(0, from)) {
    let to = from;
    while (line[to] === 0) to += 1;
    const begins = from === 0 || (start + from) % sectorBytes === 0;
    if (!begins || (start + to) % sectorBytes !== 0) return false;
    isHole = true;
    from = to;
  }
  return isHole;
}

/**
 * The reason why an entry does not follow another; `undefined` when it does.
 *
 * @param last the entry before, when its time is known
 */
export function followProblem(
  entry: AccessEntry,
  before: Anchor | undefined,
  last: Pick<AccessEntry, 'at'> | undefined,
): Pick<AccessLogDamage, 'kind' | 'problem'> | undefined {
  const seq = (before?.seq ?? -1) + 1;
  if (entry.seq !== seq)
    return {
      kind: 'order',
      problem: new Sentence({
        en: `is entry ${entry.seq}: entries are missing or were moved`,
        zh: `实为第 ${entry.seq} 条：有记录缺失或被移动`,
      }),
    };
  if (entry.previous !== (before?.hash ?? noEntry)) {
    return {
      kind: 'chain',
      problem: new Sentence({
        en: 'does not follow the entry before it: one of the two was replaced',
        zh: '与前一条不相接：两者之一被替换',
      }),
    };
  }
  if (last !== undefined && entry.at < last.at)
    return {
      kind: 'time',
      problem: new Sentence({ en: 'is earlier than the entry before it', zh: '早于前一条' }),
    };
  return undefined;
}
