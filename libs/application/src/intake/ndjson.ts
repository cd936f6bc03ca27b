import { misreadPlaces, misreadReasons, type MisreadPlace } from './json-text.js';

/** One line of an NDJSON file, or why it cannot be read. */
export type ReadText =
  | {
      readonly line: number;
      readonly bytes: Uint8Array;
      readonly value: unknown;
      readonly problem?: undefined;
    }
  | { readonly line: number; readonly bytes: Uint8Array; readonly problem: string };

/** A line longer than this is refused and passed over without being held. */
export const lineByteLimit = 262_144;

const newline = 0x0a;

/** A line of a file without its newline. Of one over {@link lineByteLimit} only the length is known, and `bytes` is empty. */
export interface LineBytes {
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Splits a file into lines in bounded memory. A missing newline at the end is no matter. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly LineBytes[]> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let number = 0;
  const hold = (bytes: Uint8Array): void => {
    heldBytes += bytes.length;
    if (heldBytes <= lineByteLimit) held.push(bytes);
    else held = [];
  };
  const finish = (): LineBytes => {
    number += 1;
    const line = { line: number, bytes: Buffer.concat(held), length: heldBytes };
    held = [];
    heldBytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    const lines: LineBytes[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      hold(chunk.subarray(from, at));
      lines.push(finish());
      from = at + 1;
    }
    if (from < chunk.length) hold(chunk.slice(from));
    if (lines.length > 0) yield lines;
  }
  if (heldBytes > 0) yield [finish()];
}

/**
 * Reads NDJSON in bounded memory: each line is checked for length, UTF-8, JSON and what JSON leaves open by itself, so a wrong one never stops the rest. A byte
 * order mark before the first line and a carriage return at a line's end are passed over.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ReadText[]> {
  for await (const lines of splitLines(chunks)) {
    yield lines.map(({ line, bytes, length }) =>
      length > lineByteLimit ? { line, bytes, problem: tooLong(length) } : readLine(line, bytes),
    );
  }
}

/** What is wrong with a line over the limit. */
export function tooLong(bytes: number): string {
  return `the line has ${String(bytes)} bytes; ${String(lineByteLimit)} is the most`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readLine(line: number, given: Uint8Array): ReadText {
  const bytes = line === 1 && hasByteOrderMark(given) ? given.subarray(3) : given;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { line, bytes, problem: 'the line is not UTF-8; save the file as UTF-8' };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      line,
      bytes,
      problem: `the line is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const misread = misreadPlaces(text, value);
  return misread.length === 0
    ? { line, bytes, value }
    : { line, bytes, problem: misread.map(sentenceOf).join('; ') };
}

function sentenceOf({ kind, path }: MisreadPlace): string {
  return `${path === '' ? 'line' : path}: ${misreadReasons[kind]}`;
}

export function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
