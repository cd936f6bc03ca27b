import { counted, type InBoth } from '@penalty-ledger/ledger';
/** A line of a file without its newline. Over the limit only its length is known. */
export interface LineBytes {
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** One line of a file of commands or queries, or why it cannot be read. */
export type ReadText =
  | {
      readonly line: number;
      readonly bytes: Uint8Array;
      readonly value: unknown;
      readonly problem?: undefined;
    }
  | { readonly line: number; readonly bytes: Uint8Array; readonly problem: InBoth };

/** A longer line is refused and passed over without being held. */
export const lineByteLimit = 262_144;

const newline = 0x0a;

/**
 * Splits a file into lines in bounded memory. The last line may lack its newline.
 *
 * @param limit the bytes of a line that are held; of a longer one only the length is known
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  limit: number = lineByteLimit,
): AsyncGenerator<readonly LineBytes[]> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let number = 0;
  const hold = (bytes: Uint8Array): void => {
    heldBytes += bytes.length;
    if (heldBytes <= limit) held.push(bytes);
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

/** Says what is wrong with a line over the limit. */
export function tooLong(bytes: number): InBoth {
  return {
    en: `the line has ${counted(bytes, 'byte')}; the limit is ${String(lineByteLimit)}`,
    zh: `该行有 ${bytes} 字节；上限为 ${String(lineByteLimit)}`,
  };
}

/** The bytes of a line without the byte order mark that a file may begin with. */
export function withoutMark({ line, bytes }: Pick<LineBytes, 'bytes' | 'line'>): Uint8Array {
  return line === 1 && hasByteOrderMark(bytes) ? bytes.subarray(3) : bytes;
}

export function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8; `undefined` when the bytes are something else. */
export function utf8TextOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
