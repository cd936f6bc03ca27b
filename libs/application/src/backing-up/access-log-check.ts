import {
  followProblem,
  isCutLine,
  readCut,
  readEntry,
  type AccessEntry,
} from '../access/access-log/index.js';
import type { Manifest } from './backup-manifest.js';

/** The check of an access log's copy: form, order, chain and end. */
export class AccessLogCheck {
  readonly #expected: NonNullable<Manifest['accessLog']>;
  #last: Pick<AccessEntry, 'at' | 'hash' | 'seq'> | undefined;
  #problem: string | undefined;
  #bytes = 0;

  constructor(expected: NonNullable<Manifest['accessLog']>) {
    this.#expected = expected;
  }

  /** Whole entries, with those that were cut off before. */
  get entries(): number {
    return (this.#last?.seq ?? -1) + 1;
  }

  /** The first damage, as a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Takes the next lines; does nothing after the first damage. */
  take(lines: readonly string[]): void {
    for (const line of lines) {
      if (this.#problem !== undefined) return;
      if (this.#last === undefined && isCutLine(line)) {
        this.#takeCut(line);
        continue;
      }
      const entry = readEntry(line);
      const problem =
        typeof entry === 'string' ? entry : followProblem(entry, this.#last, this.#last)?.problem;
      if (typeof entry === 'string' || problem !== undefined)
        this.#problem = `entry ${this.entries} ${problem ?? ''}`;
      else this.#last = entry;
      this.#bytes += Buffer.byteLength(line) + 1;
    }
  }

  #takeCut(line: string): void {
    const cut = readCut(line);
    if (typeof cut === 'string') {
      this.#problem = `its first line ${cut}`;
      return;
    }
    if (cut.seq + 1 !== this.#expected.cutEntries)
      this.#problem = `it begins after entry ${cut.seq}, and the manifest says otherwise`;
    this.#last = cut;
    this.#bytes = cut.bytes;
  }

  finish(): void {
    const { bytes, entries, lastHash } = this.#expected;
    if (this.#problem !== undefined) return;
    if (this.entries !== entries || this.#bytes !== bytes || this.#last?.hash !== lastHash)
      this.#problem = `it ends with entry ${this.entries - 1}, and the manifest says otherwise`;
  }
}
