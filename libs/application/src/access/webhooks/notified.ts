import { closed, type Instant, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { AccessFile } from '../access-file.js';

/** 30 days: longer than every window, and a bound on the first notification of a webhook. */
export const maxWithinHours = 720;

/** A wish to be notified of something before its instant, and how long before. */
export type WithinHours = Shape<typeof WithinHoursSchema>;
export const WithinHoursSchema = closed({
  withinHours: Type.Integer({
    minimum: 1,
    maximum: maxWithinHours,
    description: 'how long before, in hours',
  }),
});

/** The matters that a webhook is notified of on demand: deadlines, and months that may not pass. */
export const wishes = ['deadlines', 'outlook'] as const;
export type Wish = (typeof wishes)[number];

/** A deadline, or a month that may not pass or cannot, that a receiver was notified of. */
export interface NotifiedMatter {
  readonly uid: string;
  /** The instant it was notified with. With another one it is notified again. */
  readonly at: Instant;
}

/** Parts of their own, beside the webhooks: a file of an earlier version is used as it is. */
const deadlineTables = {
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
      -- The instant last notified: a deadline that has moved is notified again. Of a month its end.
      at TEXT NOT NULL,
      PRIMARY KEY (webhookId, uid)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX notifiedDeadlinesByInstant ON notifiedDeadlines (at);`,
};

const outlookTables = {
  part: 'webhookOutlook',
  schemaVersion: 1,
  sql: `
    CREATE TABLE webhookOutlook (
      webhookId TEXT PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
      withinHours INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;`,
};

const insertWish: Readonly<Record<Wish, string>> = {
  deadlines: 'INSERT INTO webhookDeadlines VALUES (?, ?)',
  outlook: 'INSERT INTO webhookOutlook VALUES (?, ?)',
};

/**
 * The matters that webhooks want to be notified of, and what each was notified of. They stand in
 * the file of the webhooks, so that they hold for any node that delivers next.
 */
export class Notified {
  readonly #file: AccessFile;

  /** @param file that has the webhooks' tables already */
  constructor(file: AccessFile) {
    file.prepare(deadlineTables);
    file.prepare(outlookTables);
    this.#file = file;
  }

  /** Begins to notify a webhook of a matter. */
  want(webhookId: string, wish: Wish, { withinHours }: WithinHours): void {
    this.#file.statement(insertWish[wish]).run(webhookId, withinHours);
  }

  /** The instant of each matter, by uid, when a webhook was last notified of it. */
  notifiedTo(webhookId: string): ReadonlyMap<string, Instant> {
    const rows: unknown[] = this.#file
      .statement('SELECT uid, at FROM notifiedDeadlines WHERE webhookId = ?')
      .all(webhookId);
    return new Map((rows as NotifiedMatter[]).map(({ uid, at }) => [uid, at]));
  }

  /** Notes what a receiver has accepted. A webhook that was removed meanwhile does not matter. */
  note(webhookId: string, matters: readonly NotifiedMatter[]): void {
    const put = this.#file.statement(
      'INSERT OR REPLACE INTO notifiedDeadlines SELECT id, ?, ? FROM webhooks WHERE id = ?',
    );
    for (const { uid, at } of matters) put.run(uid, at, webhookId);
  }

  /** Forgets matters whose instant has passed: they are not notified any more. */
  forgetPassed(now: Instant): void {
    this.#file.statement('DELETE FROM notifiedDeadlines WHERE at <= ?').run(now);
  }
}
