import { randomUUID } from 'node:crypto';
import type { Position } from '@penalty-ledger/event-store';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  plusHours,
  SpokenError,
  UtcInstantSchema,
  type InBoth,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { KeysLockedError } from '../../keys/key-store.js';
import type { AccessFile } from '../access-file.js';
import { DeliveryProblemSchema, type DeliveryProblem } from './delivery-problem.js';
import {
  maxWithinHours,
  Notified,
  wishes,
  WithinHoursSchema,
  type NotifiedMatter,
  type WithinHours,
} from './notified.js';
import { newWebhookSecret, WebhookSecrets } from './webhook-secret.js';
import { problemOfUrl, publicTargetsOnly, type AllowedTargets } from './webhook-target.js';

/** A subscription: the wishes of a receiver. */
export interface NewWebhook {
  readonly url: string;
  /** Event types (`DeductionImposed`), 1–100; every type unless given. */
  readonly types?: readonly string[];
  /**
   * Only events that this agency sees in the feed: of its own stream, and of its sessions; and only
   * its deadlines and months.
   */
  readonly agencyId?: string;
  /** Deadlines to be notified of; none by default. */
  readonly deadlines?: WithinHours;
  /** Months to be notified of that may not pass their assessment, or cannot; none by default. */
  readonly outlook?: WithinHours;
}

/** A subscription, without its secret. */
export type Webhook = Shape<typeof WebhookSchema>;
export const WebhookSchema = closed(
  {
    id: Type.String(),
    url: Type.String(),
    types: Type.Optional(
      Type.Array(Type.String(), { description: 'event types; every type when left out' }),
    ),
    agencyId: Type.Optional(
      described(
        IdSchema,
        'only what this agency sees in the feed, and only its deadlines and months',
      ),
    ),
    deadlines: Type.Optional(WithinHoursSchema),
    outlook: Type.Optional(WithinHoursSchema),
    createdAt: UtcInstantSchema,
    cursor: Type.Optional(
      Type.String({ description: 'the last event that was delivered or not asked for' }),
    ),
    state: enumOf(
      ['active', 'paused', 'disabled'],
      'disabled after failing too long or when the receiver says it is gone; paused by a person',
    ),
    failures: Type.Integer({ description: 'attempts that failed since the last that did not' }),
    failingSince: Type.Optional(UtcInstantSchema),
    lastProblem: Type.Optional(DeliveryProblemSchema),
    lastDeliveredAt: Type.Optional(UtcInstantSchema),
  },
  { $id: 'Webhook' },
);

/** A delivery that a receiver accepted: everything up to and with a position, or notices. */
export type Delivered =
  { readonly cursor: Position } | { readonly notified: readonly NotifiedMatter[] };

/** A webhook and the secret its receiver checks signatures with, given this once. */
export type WithSecret = Shape<typeof WithSecretSchema>;
export const WithSecretSchema = closed(
  { webhook: WebhookSchema, secret: Type.String({ description: 'shown this once' }) },
  { $id: 'WebhookWithSecret' },
);

/** A request about webhooks that cannot be granted. */
export class WebhookError extends SpokenError {
  declare readonly inBoth: InBoth;
  constructor(
    readonly code: 'invalid' | 'unknown_webhook' | 'too_many_webhooks',
    text: InBoth,
  ) {
    super(text);
    this.name = 'WebhookError';
  }
}

/** Each follows the events by itself. */
export const maxWebhooks = 100;

/** The webhooks that one sender has added. */
export const maxWebhooksOfOne = 10;

interface WebhookRow {
  readonly id: string;
  readonly url: string;
  readonly types: string | null;
  readonly agencyId: string | null;
  readonly createdAt: Instant;
  readonly cursor: Position | null;
  readonly state: Webhook['state'];
  readonly failures: number;
  readonly failingSince: Instant | null;
  readonly lastProblem: DeliveryProblem | null;
  readonly lastDeliveredAt: Instant | null;
  /** Sealed. */
  readonly secret: Uint8Array;
  readonly earlierSecret: Uint8Array | null;
  readonly earlierEndsAt: Instant | null;
  readonly deadlinesHours: number | null;
  readonly outlookHours: number | null;
}

const tables = {
  part: 'webhooks',
  schemaVersion: 2,
  sql: `
    CREATE TABLE webhooks (
      id TEXT PRIMARY KEY,
      url TEXT NOT NULL,
      types TEXT,
      agencyId TEXT,
      createdAt TEXT NOT NULL,
      cursor TEXT,
      state TEXT NOT NULL,
      failures INTEGER NOT NULL,
      failingSince TEXT,
      lastProblem TEXT,
      lastDeliveredAt TEXT,
      -- Both sealed.
      secret BLOB NOT NULL,
      earlierSecret BLOB,
      earlierEndsAt TEXT
    ) STRICT, WITHOUT ROWID;`,
};

/** A part of its own, beside the webhooks: a file of an earlier version is used as it is. */
const ownerTables = {
  part: 'webhookOwners',
  schemaVersion: 1,
  sql: `
    CREATE TABLE webhookOwners (
      webhookId TEXT PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
      owner TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;`,
};

const select = `
  SELECT webhooks.*, d.withinHours AS deadlinesHours, o.withinHours AS outlookHours FROM webhooks
    LEFT JOIN webhookDeadlines AS d ON d.webhookId = id
    LEFT JOIN webhookOutlook AS o ON o.webhookId = id`;

/** The parts that webhooks rest on beside their file. */
export interface WebhookParts {
  /** Left out where no secret is made or read. */
  readonly secrets?: WebhookSecrets;
  /** Public addresses alone unless given. */
  readonly allowed?: AllowedTargets | undefined;
}

/** The subscriptions of one ledger, with how far each is. */
export class Webhooks {
  readonly notified: Notified;
  readonly allowed: AllowedTargets;
  readonly #file: AccessFile;
  readonly #secrets: WebhookSecrets;

  constructor(file: AccessFile, { secrets, allowed = publicTargetsOnly }: WebhookParts = {}) {
    this.allowed = allowed;
    this.#secrets = secrets ?? new WebhookSecrets(() => undefined);
    file.prepare(tables);
    file.prepare(ownerTables);
    this.notified = new Notified(file);
    this.#file = file;
  }

  /**
   * Subscribes.
   *
   * @param after the last event that is not sent: the store's head, for new events only;
   * `undefined` for everything from the first on
   * @param owner the sender who adds it (`Principal.id`), if a sender does
   * @throws WebhookError `invalid`, saying which field and what to give; `too_many_webhooks`
   * @throws KeysLockedError without the ledger's keys
   */
  add(wanted: NewWebhook, after: Position | undefined, now: Instant, owner?: string): WithSecret {
    const problem = problemOfNewWebhook(wanted, this.allowed);
    if (problem !== undefined) throw new WebhookError('invalid', problem);
    return this.#file.inOneStep(() => {
      this.#assertRoom(owner);
      return this.#insert(wanted, after, now, owner);
    });
  }

  #assertRoom(owner: string | undefined): void {
    if (this.list().length >= maxWebhooks)
      throw new WebhookError('too_many_webhooks', {
        en: `there are ${maxWebhooks} webhooks, and no more are taken: remove one first`,
        zh: `已有 ${maxWebhooks} 个订阅，不再受理：请先删除一个`,
      });
    const { owned } = this.#file
      .statement('SELECT count(*) AS owned FROM webhookOwners WHERE owner = ?')
      .get(owner ?? '') as { readonly owned: number };
    if (owned >= maxWebhooksOfOne)
      throw new WebhookError('too_many_webhooks', {
        en:
          `"${owner ?? ''}" has ${maxWebhooksOfOne} webhooks, and no more are taken: ` +
          'remove one first',
        zh: `"${owner ?? ''}" 已有 ${maxWebhooksOfOne} 个订阅，不再受理：请先删除一个`,
      });
  }

  #insert(
    wanted: NewWebhook,
    after: Position | undefined,
    now: Instant,
    owner: string | undefined,
  ): WithSecret {
    const id = randomUUID();
    const secret = newWebhookSecret();
    const types = wanted.types === undefined ? null : JSON.stringify(wanted.types);
    this.#file
      .statement(
        `INSERT INTO webhooks
           (id, url, types, agencyId, createdAt, cursor, state, failures, secret)
         VALUES (?, ?, ?, ?, ?, ?, 'active', 0, ?)`,
      )
      .run(
        id,
        wanted.url,
        types,
        wanted.agencyId ?? null,
        now,
        after ?? null,
        this.#secrets.seal(id, secret),
      );
    if (owner !== undefined)
      this.#file.statement('INSERT INTO webhookOwners VALUES (?, ?)').run(id, owner);
    for (const wish of wishes) {
      const within = wanted[wish];
      if (within !== undefined) this.notified.want(id, wish, within);
    }
    return { webhook: this.get(id), secret };
  }

  /** @throws WebhookError `unknown_webhook` */
  get(id: string): Webhook {
    return webhookOf(this.#row(id));
  }

  /** Every webhook, the oldest first. */
  list(): readonly Webhook[] {
    const rows: unknown[] = this.#file.statement(`${select} ORDER BY createdAt, id`).all();
    return (rows as WebhookRow[]).map(webhookOf);
  }

  /**
   * Stops deliveries until {@link resume}; nothing is lost meanwhile. @throws WebhookError
   * `unknown_webhook`
   */
  pause(id: string): Webhook {
    this.get(id);
    this.#file.statement("UPDATE webhooks SET state = 'paused' WHERE id = ?").run(id);
    return this.get(id);
  }

  /**
   * Continues at the cursor, after a pause or when a disabled receiver works again. @throws
   * WebhookError `unknown_webhook`
   */
  resume(id: string): Webhook {
    this.get(id);
    this.#file
      .statement(
        `UPDATE webhooks
         SET state = 'active', failures = 0, failingSince = NULL, lastProblem = NULL
         WHERE id = ?`,
      )
      .run(id);
    return this.get(id);
  }

  /** @throws WebhookError `unknown_webhook` */
  remove(id: string): void {
    this.get(id);
    this.#file.statement('DELETE FROM webhooks WHERE id = ?').run(id);
    this.#secrets.destroy(id);
  }

  /**
   * Makes a new secret. For 24 hours messages carry signatures by both, unless the key of the
   * earlier one was lost.
   *
   * @throws WebhookError `unknown_webhook`
   * @throws KeysLockedError without the ledger's keys
   */
  rotateSecret(id: string, now: Instant): WithSecret {
    const { secret: before } = this.#row(id);
    const earlier = this.#secrets.open(id, before) === undefined ? null : before;
    const secret = newWebhookSecret();
    this.#file
      .statement(
        'UPDATE webhooks SET earlierSecret = ?, earlierEndsAt = ?, secret = ? WHERE id = ?',
      )
      .run(earlier, plusHours(now, 24), this.#secrets.seal(id, secret), id);
    return { webhook: this.get(id), secret };
  }

  /**
   * The secrets that hold now, the newest first.
   *
   * @throws WebhookError `unknown_webhook`; KeysLockedError when the key file lacks their key
   */
  secretsOf(id: string, now: Instant): readonly string[] {
    const { secret, earlierSecret, earlierEndsAt } = this.#row(id);
    const isHeld = earlierSecret !== null && earlierEndsAt !== null && now < earlierEndsAt;
    return (isHeld ? [secret, earlierSecret] : [secret]).map((sealed) => {
      const opened = this.#secrets.open(id, sealed);
      if (opened !== undefined) return opened;
      throw new KeysLockedError(
        {
          en: `the secret of the webhook "${id}" does not open: the key file lacks its key`,
          zh: `webhook "${id}" 的机密无法打开：密钥文件中缺少其密钥`,
        },
        {
          en: `restore the key file, or make another secret: POST /webhooks/${id}/rotate`,
          zh: `请恢复密钥文件，或另建机密：POST /webhooks/${id}/rotate`,
        },
      );
    });
  }

  /**
   * Notes that nothing up to and with a position remains to be sent. A webhook that was removed
   * meanwhile does not matter.
   */
  moveCursor(id: string, cursor: Position): void {
    this.#file.statement('UPDATE webhooks SET cursor = ? WHERE id = ?').run(cursor, id);
  }

  /** Notes a delivery, with the cursor it moves or what it notified of, in one step. */
  noteDelivered(id: string, delivered: Delivered, now: Instant): void {
    this.#file.inOneStep(() => {
      if ('cursor' in delivered) this.moveCursor(id, delivered.cursor);
      else this.notified.note(id, delivered.notified);
      this.#file
        .statement(
          `UPDATE webhooks
           SET lastDeliveredAt = ?, failures = 0, failingSince = NULL, lastProblem = NULL
           WHERE id = ?`,
        )
        .run(now, id);
    });
  }

  /**
   * Notes that a failed delivery is no longer needed: without further attempts the receiver counts
   * as not failing.
   */
  noteNothingLeft(id: string): void {
    this.#file.statement('UPDATE webhooks SET failingSince = NULL WHERE id = ?').run(id);
  }

  /** Notes a failed attempt; with `disable` it was the last one until somebody resumes. */
  noteFailure(id: string, problem: DeliveryProblem, now: Instant, disable: boolean): void {
    this.#file
      .statement(
        `UPDATE webhooks SET failures = failures + 1,
           failingSince = coalesce(failingSince, ?), lastProblem = ?,
          state = CASE WHEN ? AND state = 'active' THEN 'disabled' ELSE state END WHERE id = ?`,
      )
      .run(now, problem, disable ? 1 : 0, id);
  }

  #row(id: string): WebhookRow {
    const row: unknown = this.#file.statement(`${select} WHERE id = ?`).get(id);
    if (row === undefined)
      throw new WebhookError('unknown_webhook', {
        en: `there is no webhook "${id}": list them for their ids`,
        zh: `没有订阅 "${id}"：请列出订阅以查看编号`,
      });
    return row as WebhookRow;
  }
}

const typeForm = /^[A-Z][A-Za-z]{2,63}$/;
const idForm = /^[A-Za-z0-9._:-]{1,64}$/;

function problemOfNewWebhook(
  { url, types, agencyId, ...wanted }: NewWebhook,
  allowed: AllowedTargets,
): InBoth | undefined {
  if (types !== undefined && (types.length === 0 || types.length > 100))
    return { en: 'types: give 1 to 100, or leave them out', zh: 'types：须为 1 至 100 项，或省略' };
  const odd = types?.findIndex((type) => !typeForm.test(type)) ?? -1;
  if (odd >= 0)
    return {
      en: `types[${odd}]: give the name of an event type such as DeductionImposed`,
      zh: `types[${odd}]：须为事件类型的名称，如 DeductionImposed`,
    };
  if (agencyId !== undefined && !idForm.test(agencyId))
    return {
      en: 'agencyId: give 1 to 64 characters of A–Z a–z 0–9 . _ : -',
      zh: 'agencyId：须为 1 至 64 个字符，仅限 A–Z a–z 0–9 . _ : -',
    };
  for (const wish of wishes) {
    const within = wanted[wish];
    if (within !== undefined && !isInteger(within.withinHours, 1, maxWithinHours))
      return {
        en: `${wish}.withinHours: give an integer from 1 to ${maxWithinHours}`,
        zh: `${wish}.withinHours：须为 1 至 ${maxWithinHours} 的整数`,
      };
  }
  return problemOfUrl(url, allowed);
}

function isInteger(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

function webhookOf({ id, url, createdAt, state, failures, ...row }: WebhookRow): Webhook {
  return {
    id,
    url,
    ...(row.types !== null && { types: JSON.parse(row.types) as string[] }),
    ...(row.agencyId !== null && { agencyId: row.agencyId }),
    ...(row.deadlinesHours !== null && { deadlines: { withinHours: row.deadlinesHours } }),
    ...(row.outlookHours !== null && { outlook: { withinHours: row.outlookHours } }),
    createdAt,
    ...(row.cursor !== null && { cursor: row.cursor }),
    state,
    failures,
    ...(row.failingSince !== null && { failingSince: row.failingSince }),
    ...(row.lastProblem !== null && { lastProblem: row.lastProblem }),
    ...(row.lastDeliveredAt !== null && { lastDeliveredAt: row.lastDeliveredAt }),
  };
}
