import { placed, joined } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/ledger';
import {
  lineByteLimit,
  splitLines,
  tooLong,
  utf8TextOf,
  withoutMark,
  type LineBytes,
  type ReadText,
} from './file-lines.js';
import {
  brokenBound,
  maxDepth,
  maxMembers,
  maxValues,
  misreadPlaces,
  misreadReasons,
  type MisreadPlace,
} from './json-text.js';

/**
 * Reads NDJSON in bounded memory. Each line is checked by itself, so a wrong one never stops the
 * rest: its length, its UTF-8, its JSON, and what JSON leaves open.
 * Its depth and the number of its values are bounded, too. A byte order mark before the
 * first line and a carriage return at a line's end are passed over.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ReadText[]> {
  for await (const lines of splitLines(chunks)) yield lines.map(readLine);
}

function readLine(given: LineBytes): ReadText {
  const { line, length } = given;
  if (length > lineByteLimit) return { line, bytes: given.bytes, problem: tooLong(length) };
  const bytes = withoutMark(given);
  const text = utf8TextOf(bytes);
  if (text === undefined)
    return {
      line,
      bytes,
      problem: {
        en: 'the line is not UTF-8; save the file as UTF-8',
        zh: '该行不是 UTF-8；请将文件保存为 UTF-8',
      },
    };
  const broken = brokenBound(text);
  if (broken !== undefined) return { line, bytes, problem: boundProblems[broken] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      line,
      bytes,
      problem: { en: `the line is not JSON: ${reason}`, zh: `该行不是 JSON：${reason}` },
    };
  }
  const misread = misreadPlaces(text, value);
  return misread.length === 0
    ? { line, bytes, value }
    : { line, bytes, problem: joined(misread.map(sentenceOf)) };
}

const boundProblems = {
  depth: { en: `the line is nested deeper than ${maxDepth}`, zh: `该行嵌套超过 ${maxDepth} 层` },
  members: {
    en: `an object of the line has more than ${maxMembers.toLocaleString('en-US')} members`,
    zh: `该行有对象的成员超过 ${maxMembers.toLocaleString('en-US')} 个`,
  },
  values: {
    en: `the line has more than ${maxValues.toLocaleString('en-US')} members and items`,
    zh: `该行的成员和列表项合计超过 ${maxValues.toLocaleString('en-US')} 个`,
  },
} as const;

function sentenceOf({ kind, path }: MisreadPlace): InBoth {
  return placed(path === '' ? 'line' : path, misreadReasons[kind]);
}
