import { randomUUID } from 'node:crypto';
import type { Instant } from '@penalty-ledger/ledger';
import type { AccessFile } from '../access-file.js';
import type { AccessLog } from './access-log.js';
import type { Access } from './entry.js';

/** An act on the machine of the ledger itself, without a request. */
export interface Act {
  /** The actor: `cli:1000`, with the operating system's number for the user, or `service`. */
  readonly principal: string;
  /** The act: `api-keys revoke`. */
  readonly route: string;
  /** The ids it was about, by name. */
  readonly subject: Readonly<Record<string, string>>;
}

/** The user of this machine as a principal, by the number that the operating system gave them. */
export const localUser = (): string => `cli:${process.getuid?.() ?? 'local'}`;

interface ActRow {
  readonly number: number;
  readonly access: string;
}

const tables = {
  part: 'unloggedActs',
  schemaVersion: 1,
  sql: `
    CREATE TABLE unloggedActs (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      access TEXT NOT NULL
    ) STRICT;`,
};

/**
 * Acts on the access file that wait for their entry in the access log. The log has one writer, the
 * service. A program that changes the file leaves the act here, in the same step as the change, and
 * the service moves it into the log.
 */
export class UnloggedActs {
  readonly #file: AccessFile;

  constructor(file: AccessFile) {
    file.prepare(tables);
    this.#file = file;
  }

  /**
   * Leaves an act. Called within `inOneStep` it is stored with the change, or not at all. @param at
   * the instant of the act; the entry has it in `subject`
   */
  leave({ principal, route, subject }: Act, at: Instant): void {
    const access: Access = {
      principal,
      role: null,
      method: 'LOCAL',
      route,
      subject: { ...subject, actedAt: at },
      status: 200,
      requestId: randomUUID(),
    };
    this.#file
      .statement('INSERT INTO unloggedActs (access) VALUES (?)')
      .run(JSON.stringify(access));
  }

  /** The number of waiting acts. */
  get waiting(): number {
    return this.#rows().length;
  }

  /**
   * Moves every act into the log, in order. After a crash in between one may stand there twice,
   * with the same `requestId`.
   *
   * @throws as {@link AccessLog.record}; acts that are not in the log yet wait on
   */
  async moveInto(log: AccessLog): Promise<void> {
    for (const { number, access } of this.#rows()) {
      await log.record(JSON.parse(access) as Access);
      this.#file.statement('DELETE FROM unloggedActs WHERE number = ?').run(number);
    }
  }

  #rows(): readonly ActRow[] {
    const rows: unknown[] = this.#file
      .statement('SELECT number, access FROM unloggedActs ORDER BY number')
      .all();
    return rows as ActRow[];
  }
}
