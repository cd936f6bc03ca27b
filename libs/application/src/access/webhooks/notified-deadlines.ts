import { closed, type Instant, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { Deadline } from '../../answering/deadlines.js';
import type { AccessFile } from '../access-file.js';

/** A wish to be notified before deadlines, and how long before. */
export type DeadlinesWanted = Shape<typeof DeadlinesWantedSchema>;
export const DeadlinesWantedSchema = closed({
  withinHours: Type.Integer({ description: 'how long before, in hours' }),
});

/** 30 days: longer than every window, and a bound on the first notification of a webhook. */
export const maxWithinHours = 720;

/** A part of its own, beside the webhooks: a file of an earlier version is used as it is. */
const tables = {
  part: 'webhookDeadlines',
  schemaVersion: 1,
  sql: `
    CREATE TABLE webhookDeadlines (
      webhookId TEXT PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
      withinHours INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE notifiedDeadlines (
      webhookId TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
      uid TEXT NOT NULL,
      -- The instant last notified: a deadline that has moved is notified again.
      at TEXT NOT NULL,
      PRIMARY KEY (webhookId, uid)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX notifiedDeadlinesByInstant ON notifiedDeadlines (at);`,
};

/**
 * The webhooks that are notified of deadlines, and the deadlines each was notified of. They stand
 * in the file of the webhooks, so that they hold for any node that delivers next.
 */
export class NotifiedDeadlines {
  readonly #file: AccessFile;

  /** @param file that has the webhooks' tables already */
  constructor(file: AccessFile) {
    file.prepare(tables);
    this.#file = file;
  }

  /** Begins to notify a webhook of deadlines. */
  want(webhookId: string, { withinHours }: DeadlinesWanted): void {
    this.#file.statement('INSERT INTO webhookDeadlines VALUES (?, ?)').run(webhookId, withinHours);
  }

  /** The instant of each deadline, by uid, when a webhook was last notified of it. */
  notifiedTo(webhookId: string): ReadonlyMap<string, Instant> {
    const rows: unknown[] = this.#file
      .statement('SELECT uid, at FROM notifiedDeadlines WHERE webhookId = ?')
      .all(webhookId);
    return new Map((rows as { uid: string; at: Instant }[]).map(({ uid, at }) => [uid, at]));
  }

  /** Notes what a receiver has accepted. A webhook that was removed meanwhile does not matter. */
  note(webhookId: string, deadlines: readonly Pick<Deadline, 'uid' | 'at'>[]): void {
    const put = this.#file.statement(
      'INSERT OR REPLACE INTO notifiedDeadlines SELECT id, ?, ? FROM webhooks WHERE id = ?',
    );
    for (const { uid, at } of deadlines) put.run(uid, at, webhookId);
  }

  /** Forgets deadlines whose instant has passed: they are not notified any more. */
  forgetPassed(now: Instant): void {
    this.#file.statement('DELETE FROM notifiedDeadlines WHERE at <= ?').run(now);
  }
}
