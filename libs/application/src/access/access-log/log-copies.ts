import { beginning, walk } from './walk.js';
import type { AccessFile } from '../access-file.js';
import type { AccessLog } from './access-log.js';
import { lineOf, type Anchor } from './entry.js';

/** A second place of an access log: a collector on another machine, or a file on another disk. */
export interface CopyTarget {
  /** Its address, under which it is remembered how far it was sent. */
  readonly url: string;
  /**
   * Sends lines, each an entry without its line feed, in order. Resolves when the other side has
   * them, and rejects otherwise: then they are sent again.
   */
  send(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The last entry that a target has, and the byte of the log at which the next one begins. */
interface Place extends Anchor {
  readonly bytes: number;
}

const tables = {
  part: 'accessLogCopies',
  schemaVersion: 1,
  sql: `
    CREATE TABLE accessLogCopies (
      url TEXT PRIMARY KEY,
      seq INTEGER NOT NULL,
      hash TEXT NOT NULL,
      bytes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;`,
};

/** Entries sent together, at most: some 150 kB. */
const maxTogether = 500;

/**
 * Sends an access log to a second place, from where it stopped. After a failure or a crash some
 * entries are sent again, in order; `seq` tells them.
 */
export class AccessLogCopier {
  readonly #select;
  readonly #put;

  /** @param file the file with the log's anchors, held: the driver closes one without a holder */
  constructor(
    private readonly path: string,
    private readonly log: Pick<AccessLog, 'durableBytes' | 'head'>,
    readonly file: AccessFile,
    private readonly target: CopyTarget,
  ) {
    file.prepare(tables);
    this.#select = file.statement('SELECT seq, hash, bytes FROM accessLogCopies WHERE url = ?');
    this.#put = file.statement(
      `INSERT INTO accessLogCopies VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE
       SET seq = excluded.seq, hash = excluded.hash, bytes = excluded.bytes`,
    );
  }

  /** The last entry that the target has; -1 for none. */
  get copied(): number {
    return this.#place()?.seq ?? -1;
  }

  /** Durable entries that the target does not have yet. */
  get lag(): number {
    return (this.log.head?.seq ?? -1) - this.copied;
  }

  /**
   * Sends all durable entries that the target does not have.
   *
   * @throws what the target throws; an Error when the log does not follow from what was sent
   */
  async copyOn(): Promise<void> {
    while (this.lag > 0) {
      const from = this.#place();
      const lines: string[] = [];
      let last: Anchor | undefined;
      const upTo = this.log.durableBytes;
      const start =
        from === undefined ? { ...beginning, upTo } : { offset: from.bytes, after: from, upTo };
      const { offset, damage } = await walk(this.path, start, (entry) => {
        if (lines.length === maxTogether) return false;
        lines.push(lineOf(entry));
        last = { seq: entry.seq, hash: entry.hash };
        return true;
      });
      if (last === undefined)
        throw new Error(`the access log does not go on after entry ${from?.seq ?? -1}`);
      await this.target.send(lines);
      this.#put.run(this.target.url, last.seq, last.hash, offset);
      if (damage !== undefined)
        throw new Error(`entry ${damage.seq} of the access log ${damage.problem.en}`);
    }
  }

  close(): Promise<void> {
    return this.target.close();
  }

  #place(): Place | undefined {
    return this.#select.get(this.target.url) as Place | undefined;
  }
}
