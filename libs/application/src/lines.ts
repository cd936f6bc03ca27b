/** One line of an NDJSON file, or why it cannot be read. */
export type ReadText =
  | { readonly line: number; readonly bytes: Uint8Array; readonly value: unknown; readonly problem?: undefined }
  | { readonly line: number; readonly bytes: Uint8Array; readonly problem: string };

/** A line longer than this is refused and passed over without being held. */
export const lineByteLimit = 262_144;

const newline = 0x0a;

/**
 * Reads NDJSON in bounded memory: each line is checked for length, UTF-8 and JSON by itself, so a wrong one never stops the rest. A byte
 * order mark before the first line and a carriage return at a line's end are passed over; a missing newline at the end is no matter.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ReadText[]> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let number = 0;
  const hold = (bytes: Uint8Array): void => {
    heldBytes += bytes.length;
    if (heldBytes <= lineByteLimit) held.push(bytes);
    else held = [];
  };
  const finish = (): ReadText => {
    number += 1;
    const text = heldBytes > lineByteLimit ? tooLong(number, heldBytes) : readLine(number, Buffer.concat(held));
    held = [];
    heldBytes = 0;
    return text;
  };
  for await (const chunk of chunks) {
    const lines: ReadText[] = [];
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

function tooLong(line: number, bytes: number): ReadText {
  return {
    line,
    bytes: new Uint8Array(),
    problem: `the line has ${String(bytes)} bytes; ${String(lineByteLimit)} is the most`,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readLine(line: number, given: Uint8Array): ReadText {
  const bytes = line === 1 && given[0] === 0xef && given[1] === 0xbb && given[2] === 0xbf ? given.subarray(3) : given;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { line, bytes, problem: 'the line is not UTF-8; save the file as UTF-8' };
  }
  try {
    return { line, bytes, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { line, bytes, problem: `the line is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
