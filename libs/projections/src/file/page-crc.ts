import { crc32 } from 'node:zlib';

/** The CRC-32 of a page, begun with its number, so that a page at another's place shows. */
export function pageSum(page: number, content: Uint8Array): number {
  return crc32(content, page);
}

const runSums = new Map<number, RunSum>();

/**
 * The CRC-32 of several pages of one size in a row, from their sums: as many bytes as a megabyte
 * are then checked in one call, at half the cost of one call a page.
 */
export class RunSum {
  /** The checksum that a checksum becomes when a page of zeros follows it; linear over bits. */
  readonly #shifted: readonly Uint32Array[];

  /** Its tables take a millisecond to compute. */
  static of(pageSize: number): RunSum {
    let found = runSums.get(pageSize);
    if (found === undefined) {
      found = new RunSum(pageSize);
      runSums.set(pageSize, found);
    }
    return found;
  }

  private constructor(pageSize: number) {
    const zeros = new Uint8Array(pageSize);
    // A checksum of zeros begun with 0 has a constant part, from CRC-32's inversions.
    const constant = crc32(zeros, 0);
    this.#shifted = [0, 8, 16, 24].map((bits) =>
      Uint32Array.from(
        { length: 256 },
        (_, byte) => (crc32(zeros, (byte << bits) >>> 0) ^ constant) >>> 0,
      ),
    );
  }

  /** The CRC-32 of a run and the page after it. */
  append(run: number, page: number, sum: number): number {
    return (this.#shift((run ^ page) >>> 0) ^ sum) >>> 0;
  }

  #shift(sum: number): number {
    const [one, two, three, four] = this.#shifted;
    return (
      (one?.[sum & 255] ?? 0) ^
      (two?.[(sum >>> 8) & 255] ?? 0) ^
      (three?.[(sum >>> 16) & 255] ?? 0) ^
      (four?.[sum >>> 24] ?? 0)
    );
  }
}
