import { open } from 'node:fs/promises';
import { splitLines } from '../../intake/file-lines.js';
import { noEntry, readEntry, type AccessEntry, type Anchor } from './entry.js';

/** The first thing that is wrong with an access log. */
export interface AccessLogDamage {
  /** Of the entry that is wrong, or would stand there. */
  readonly seq: number;
  /** Where in the file it begins, in bytes. */
  readonly offset: number;
  readonly kind: 'form' | 'order' | 'chain' | 'time' | 'unfinished';
  /** As a sentence goes on after the place. */
  readonly problem: string;
}

/** How far a log is whole. */
export interface Walked {
  /** The last entry before the damage, or of the log. */
  readonly last: AccessEntry | undefined;
  /** Where the next entry begins, in bytes. */
  readonly offset: number;
  readonly damage?: AccessLogDamage;
  /** The entry that `visit` ended the walk at. */
  readonly refused?: AccessEntry;
}

/** Where to begin: after an entry that is known, at the byte where the next one starts. */
export interface WalkFrom {
  readonly offset: number;
  readonly after: Anchor | undefined;
  /** Where to end, in bytes; the file's end unless given. */
  readonly upTo?: number;
}

/** A log's beginning. */
export const beginning: WalkFrom = { offset: 0, after: undefined };

/**
 * Reads entry by entry, in bounded memory, and stops at the first that is not what the chain says. `visit` sees every entry that is whole and ends the
 * walk by giving false.
 */
export async function walk(
  path: string,
  { offset, after, upTo }: WalkFrom,
  visit: (entry: AccessEntry) => boolean = () => true,
): Promise<Walked> {
  const file = await open(path, 'r');
  try {
    const size = upTo ?? (await file.stat()).size;
    if (size <= offset) return { last: undefined, offset };
    let at = offset;
    let last: AccessEntry | undefined;
    let before = after;
    for await (const lines of splitLines(
      file.createReadStream({ start: offset, end: size - 1, autoClose: false }),
    )) {
      for (const { bytes, length } of lines) {
        const seq = (before?.seq ?? -1) + 1;
        if (at + length + 1 > size) {
          return {
            last,
            offset: at,
            damage: { seq, offset: at, kind: 'unfinished', problem: 'has no end' },
          };
        }
        const entry = readEntry(Buffer.from(bytes).toString('utf8'));
        if (typeof entry === 'string') {
          return { last, offset: at, damage: { seq, offset: at, kind: 'form', problem: entry } };
        }
        const damage = problemOf(entry, before, last);
        if (damage !== undefined)
          return { last, offset: at, damage: { seq, offset: at, ...damage } };
        if (!visit(entry)) return { last, offset: at, refused: entry };
        last = entry;
        before = entry;
        at += length + 1;
      }
    }
    return { last, offset: at };
  } finally {
    await file.close();
  }
}

function problemOf(
  entry: AccessEntry,
  before: Anchor | undefined,
  last: AccessEntry | undefined,
): Pick<AccessLogDamage, 'kind' | 'problem'> | undefined {
  const seq = (before?.seq ?? -1) + 1;
  if (entry.seq !== seq)
    return { kind: 'order', problem: `is entry ${entry.seq}: entries are missing or were moved` };
  if (entry.previous !== (before?.hash ?? noEntry)) {
    return {
      kind: 'chain',
      problem: 'does not follow the entry before it: one of the two was replaced',
    };
  }
  if (last !== undefined && entry.at < last.at)
    return { kind: 'time', problem: 'is earlier than the entry before it' };
  return undefined;
}
