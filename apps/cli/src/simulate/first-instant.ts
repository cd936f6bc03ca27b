import type { ReadText } from '@penalty-ledger/application';
import { instantOfLine, type Instant } from '@penalty-ledger/ledger';

/**
 * About how much is held while looking for the first instant. A file without one in its first lines
 * opens its ledger at the earliest instant.
 */
const maxPeekedBytes = 8_000_000;
const bytesOfAnyLine = 200;

/** Finds the first readable `at` of a file, and gives all its lines nevertheless. */
export async function peekInstant<Text extends ReadText>(
  lines: AsyncGenerator<readonly Text[]>,
): Promise<{ readonly firstInstant?: Instant; readonly lines: AsyncGenerator<readonly Text[]> }> {
  const held: (readonly Text[])[] = [];
  let heldBytes = 0;
  while (heldBytes < maxPeekedBytes) {
    const next: IteratorResult<readonly Text[], unknown> = await lines.next();
    if (next.done === true) break;
    held.push(next.value);
    for (const text of next.value) {
      heldBytes += text.bytes.length + bytesOfAnyLine;
      const firstInstant = text.problem === undefined ? instantOfLine(text.value) : undefined;
      if (firstInstant !== undefined) return { firstInstant, lines: chained(held, lines) };
    }
  }
  return { lines: chained(held, lines) };
}

async function* chained<Text>(
  first: readonly (readonly Text[])[],
  rest: AsyncGenerator<readonly Text[]>,
): AsyncGenerator<readonly Text[]> {
  yield* first;
  yield* rest;
}
