import { Sentence, type InBoth } from '@penalty-ledger/ledger';
import {
  firstLineProblem,
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
  #problem: InBoth | undefined;
  #bytes = 0;

  constructor(expected: NonNullable<Manifest['accessLog']>) {
    this.#expected = expected;
  }

  /** Whole entries, with those that were cut off before. */
  get entries(): number {
    return (this.#last?.seq ?? -1) + 1;
  }

  /** The first damage, as a sentence. */
  get problem(): InBoth | undefined {
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
        entry instanceof Sentence ? entry : followProblem(entry, this.#last, this.#last)?.problem;
      if (problem !== undefined)
        this.#problem = {
          en: `entry ${this.entries} ${problem.en}`,
          zh: `第 ${this.entries} 条记录${problem.zh}`,
        };
      else if (!(entry instanceof Sentence)) this.#last = entry;
      this.#bytes += Buffer.byteLength(line) + 1;
    }
  }

  #takeCut(line: string): void {
    const cut = readCut(line);
    if (cut instanceof Sentence) {
      this.#problem = firstLineProblem(cut);
      return;
    }
    if (cut.seq + 1 !== this.#expected.cutEntries)
      this.#problem = {
        en: `it begins after entry ${cut.seq}, and the manifest says otherwise`,
        zh: `它从第 ${cut.seq} 条记录之后开始，与清单不符`,
      };
    this.#last = cut;
    this.#bytes = cut.bytes;
  }

  finish(): void {
    const { bytes, entries, lastHash } = this.#expected;
    if (this.#problem !== undefined) return;
    if (this.entries !== entries || this.#bytes !== bytes || this.#last?.hash !== lastHash)
      this.#problem = {
        en: `it ends with entry ${this.entries - 1}, and the manifest says otherwise`,
        zh: `它止于第 ${this.entries - 1} 条记录，与清单不符`,
      };
  }
}
