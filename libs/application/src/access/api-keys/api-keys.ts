import { timingSafeEqual } from 'node:crypto';
import { BoundedCache } from '@penalty-ledger/event-store';
import type { AccessFile } from '../access-file.js';
import {
  checkOf,
  closed,
  described,
  earlierOf,
  IdSchema,
  plusHours,
  SpokenError,
  UtcInstantSchema,
  type InBoth,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import type { PagePlace } from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import {
  problemOfMayGrant,
  problemOfRoles,
  roles,
  RoleSchema,
  type Principal,
  type Role,
} from './principal.js';
import { hashOfSecret, newKeyId, newSecret, readToken, tokenOf } from './token.js';

/** A key without its secret. */
export type ApiKey = Shape<typeof ApiKeySchema>;
export const ApiKeySchema = closed(
  {
    id: Type.String(),
    label: Type.String({
      description: 'what it is for, chosen by its issuer: a system’s name, not a person’s',
    }),
    holder: described(
      IdSchema,
      'the person or system that holds it; for one who signs in through an issuer, the `oidc:…` ' +
        'that the access log has',
    ),
    roles: Type.Array(RoleSchema),
    agencyId: Type.Optional(IdSchema),
    mayGrant: Type.Optional(
      described(Type.Array(RoleSchema), 'of an administrator: the roles that it may grant'),
    ),
    createdAt: UtcInstantSchema,
    expiresAt: described(UtcInstantSchema, 'from this instant on it opens nothing'),
    revokedAt: Type.Optional(UtcInstantSchema),
    // To the hour, so that the file is not a record of who worked when.
    lastUsedAt: Type.Optional(described(UtcInstantSchema, 'to the hour')),
    rotatingUntil: Type.Optional(
      described(UtcInstantSchema, 'while a rotation is under way: when the earlier secret stops'),
    ),
  },
  { $id: 'ApiKey' },
);

/** The terms of a new key. */
export interface NewApiKey {
  /** 1–200 characters. */
  readonly label: string;
  /** The id of the person or system that will hold it. */
  readonly holder: string;
  readonly roles: readonly Role[];
  readonly agencyId?: string;
  /** With the role `administrator` alone; no role unless given. */
  readonly mayGrant?: readonly Role[];
  /** Later than now and at most {@link maxLifeHours} ahead, which is also the default. */
  readonly expiresAt?: Instant;
}

/** A key and its token. The token is given this once: only a hash of it is kept. */
export type IssuedKey = Shape<typeof IssuedKeySchema>;
export const IssuedKeySchema = closed(
  { key: ApiKeySchema, token: Type.String({ description: 'shown this once' }) },
  { $id: 'IssuedKey' },
);

/** A reason why a token opens nothing. It is for logs; the sender learns only that it does not. */
export type TokenProblem =
  'malformed' | 'checksum' | 'unknown' | 'wrong_secret' | 'secret_ended' | 'expired' | 'revoked';

export type Verified =
  | { readonly principal: Principal; readonly problem?: never }
  | { readonly problem: TokenProblem; readonly principal?: never };

/** A request about keys that cannot be granted. */
export class ApiKeyError extends SpokenError {
  declare readonly inBoth: InBoth;
  constructor(
    readonly code:
      | 'invalid'
      | 'unknown_key'
      | 'key_revoked'
      | 'key_expired'
      | 'own_key'
      | 'beyond_own_rights'
      | 'too_many_keys',
    text: InBoth,
  ) {
    super(text);
    this.name = 'ApiKeyError';
  }
}

/** 366 days. */
export const maxLifeHours = 366 * 24;
/** For how long an earlier secret still opens after a rotation, unless said. */
export const defaultGraceHours = 7 * 24;
/** 30 days. */
export const maxGraceHours = 30 * 24;

const firstAdministrator: NewApiKey = {
  label: 'first administrator',
  holder: 'first-administrator',
  roles: ['administrator'],
  mayGrant: roles,
};

/** Keys in the file, in use or ended. */
export const maxKeys = 10_000;
/** The days after its end for which a key stays in the file: the access log names it by its id. */
export const keptDays = 400;

interface KeyRow {
  readonly id: string;
  readonly label: string;
  readonly holder: string;
  readonly roles: string;
  readonly agencyId: string | null;
  readonly mayGrant: string | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly rotatingUntil: Instant | null;
}

interface SecretRow {
  readonly sha256: Uint8Array;
  readonly endsAt: Instant | null;
}

const tables = {
  part: 'apiKeys',
  schemaVersion: 1,
  sql: `
    CREATE TABLE apiKeys (
      id TEXT PRIMARY KEY,
      label TEXT NOT NULL,
      holder TEXT NOT NULL,
      roles TEXT NOT NULL,
      agencyId TEXT,
      mayGrant TEXT,
      createdAt TEXT NOT NULL,
      expiresAt TEXT NOT NULL,
      revokedAt TEXT,
      lastUsedAt TEXT
    ) STRICT, WITHOUT ROWID;
    -- endsAt is NULL for the newest secret of a key, which ends with the key.
    CREATE TABLE apiKeySecrets (
      keyId TEXT NOT NULL REFERENCES apiKeys (id),
      sha256 BLOB NOT NULL,
      createdAt TEXT NOT NULL,
      endsAt TEXT,
      PRIMARY KEY (keyId, sha256)
    ) STRICT, WITHOUT ROWID;`,
};

const columns = `*,
  (SELECT max(endsAt) FROM apiKeySecrets WHERE keyId = id AND endsAt > ?) AS rotatingUntil`;

/** A key and its secrets, as they were last read. */
interface Held {
  readonly key: ApiKey;
  readonly secrets: readonly SecretRow[];
}

/** A key, and the secret of it that was sent. */
interface Opened {
  readonly key: ApiKey;
  readonly secret: SecretRow;
}

/** The number of keys remembered; the last 10,000 always are. */
const maxHeld = 20_000;

/** Stands in for secrets that are not there, so that it takes as long as a wrong secret. */
const noSecrets: readonly SecretRow[] = [{ sha256: Buffer.alloc(32), endsAt: null }];

/**
 * The API keys of one ledger. A key stays for {@link keptDays} after its end, because the access
 * log names it by its id.
 */
export class ApiKeys {
  readonly #file: AccessFile;
  readonly #selectKey;
  readonly #selectSecrets;
  readonly #selectLost;
  readonly #touch;
  readonly #selectVersion;
  readonly #held = new BoundedCache<string, Held>(maxHeld);
  #version: number | undefined;

  constructor(file: AccessFile) {
    file.prepare(tables);
    this.#file = file;
    this.#selectKey = file.statement(`SELECT ${columns} FROM apiKeys WHERE id = ?`);
    this.#selectSecrets = file.statement(
      'SELECT sha256, endsAt FROM apiKeySecrets WHERE keyId = ?',
    );
    this.#selectLost = file.statement(
      'SELECT 1 AS found FROM apiKeys WHERE holder = ? AND revokedAt >= ?',
    );
    this.#selectVersion = file.statement('PRAGMA data_version');
    this.#touch = file.statement('UPDATE apiKeys SET lastUsedAt = ? WHERE id = ?');
  }

  /**
   * Makes a key.
   *
   * @throws ApiKeyError `invalid`, saying which field and what to give; `too_many_keys`
   */
  issue(wanted: NewApiKey, now: Instant): IssuedKey {
    return this.#file.inOneStep(() => this.giveToken(this.reserve(wanted, now).id, now));
  }

  /**
   * Makes a key without a token: it opens nothing until {@link giveToken}.
   *
   * @throws ApiKeyError `invalid`, saying which field and what to give; `too_many_keys`
   */
  reserve(wanted: NewApiKey, now: Instant): ApiKey {
    const { label, holder, roles: held, agencyId, mayGrant, expiresAt } = this.checked(wanted, now);
    this.#makeRoom(now);
    const id = newKeyId();
    this.#file
      .statement('INSERT INTO apiKeys VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)')
      .run(
        id,
        label,
        holder,
        JSON.stringify(held),
        agencyId ?? null,
        mayGrant === undefined ? null : JSON.stringify(mayGrant),
        now,
        expiresAt,
      );
    return this.#keyAt(id, now);
  }

  /**
   * Returns the terms of a new key, with the instant of its expiry.
   *
   * @throws ApiKeyError `invalid`, saying which field and what to give
   */
  checked(wanted: NewApiKey, now: Instant): NewApiKey & { readonly expiresAt: Instant } {
    const { expiresAt = plusHours(now, maxLifeHours) } = wanted;
    const problem = problemOfNewKey(wanted, expiresAt, now);
    if (problem !== undefined) throw new ApiKeyError('invalid', problem);
    return { ...wanted, expiresAt };
  }

  /**
   * Gives a key one more token.
   *
   * @throws ApiKeyError `unknown_key`, `key_revoked`, `key_expired`
   */
  giveToken(id: string, now: Instant): IssuedKey {
    this.#assertInUse(this.#keyAt(id, now), now);
    const secret = newSecret();
    this.#file
      .statement('INSERT INTO apiKeySecrets VALUES (?, ?, ?, NULL)')
      .run(id, hashOfSecret(secret), now);
    this.#held.delete(id);
    return { key: this.#keyAt(id, now), token: tokenOf({ id, secret }) };
  }

  /**
   * Issues the administrator's key a new ledger starts with, which may grant every role. Returns
   * `undefined` when there was a key before, even a revoked one.
   */
  issueFirst(now: Instant): IssuedKey | undefined {
    // In one step: another node may be starting on the same file.
    return this.#file.inOneStep(() =>
      this.list(now).length > 0 ? undefined : this.issue(firstAdministrator, now),
    );
  }

  /** Returns the principal of a token, or the reason why it opens nothing. */
  verify(token: string, now: Instant): Verified {
    const parts = readToken(token);
    if (typeof parts === 'string') return { problem: parts };
    const sent = hashOfSecret(parts.secret);
    const opened = this.#opened(parts.id, sent, now);
    if (typeof opened === 'string') return { problem: opened };
    const { key, secret } = opened;
    if (key.revokedAt !== undefined) return { problem: 'revoked' };
    if (now >= key.expiresAt) return { problem: 'expired' };
    if (secret.endsAt !== null && now >= secret.endsAt) return { problem: 'secret_ended' };
    this.#noteUse(key, now);
    return { principal: principalOf(key) };
  }

  /**
   * Gives a key a new secret. The earlier one still opens for `graceHours` (default 168, at most
   * 720; 0 ends it now), so that its users can change over without a gap. A secret that was already
   * ending ends no later than it would have. Neither the id nor the expiry changes.
   *
   * @throws ApiKeyError `unknown_key`, `key_revoked`, `key_expired`, `invalid`
   */
  rotate(id: string, now: Instant, graceHours: number = defaultGraceHours): IssuedKey {
    return this.#file.inOneStep(() => {
      this.beginRotation(id, now, graceHours);
      return this.giveToken(id, now);
    });
  }

  /**
   * Does the first half of a rotation: the earlier secret opens for the grace period alone.
   *
   * @throws as {@link rotate}
   */
  beginRotation(id: string, now: Instant, graceHours: number): ApiKey {
    const key = this.rotatable(id, now, graceHours);
    const endsAt = earlierOf(plusHours(now, graceHours), key.expiresAt);
    this.#file
      .statement(
        'UPDATE apiKeySecrets SET endsAt = ? WHERE keyId = ? AND (endsAt IS NULL OR endsAt > ?)',
      )
      .run(endsAt, id, endsAt);
    this.#held.delete(id);
    return this.#keyAt(id, now);
  }

  /**
   * Returns a key that can be rotated so.
   *
   * @throws as {@link rotate}
   */
  rotatable(id: string, now: Instant, graceHours: number): ApiKey {
    if (!Number.isInteger(graceHours) || graceHours < 0 || graceHours > maxGraceHours) {
      throw new ApiKeyError('invalid', {
        en: `graceHours: give an integer from 0 to ${maxGraceHours}`,
        zh: `graceHours：须为 0 至 ${maxGraceHours} 的整数`,
      });
    }
    const key = this.#keyAt(id, now);
    this.#assertInUse(key, now);
    return key;
  }

  /**
   * Ends a key, with all its secrets, at once and for good. Done again, it changes nothing.
   *
   * @throws ApiKeyError `unknown_key`
   */
  revoke(id: string, now: Instant): ApiKey {
    this.#keyAt(id, now);
    this.#file
      .statement('UPDATE apiKeys SET revokedAt = ? WHERE id = ? AND revokedAt IS NULL')
      .run(now, id);
    this.#held.delete(id);
    return this.#keyAt(id, now);
  }

  /**
   * Returns a key.
   *
   * @throws ApiKeyError `unknown_key`
   */
  get(id: string, now: Instant): ApiKey {
    return this.#keyAt(id, now);
  }

  /** Says whether a key of this holder was revoked at an instant or since. */
  lostSince(holder: string, at: Instant): boolean {
    return this.#selectLost.get(holder, at) !== undefined;
  }

  /**
   * Keys with those that have ended, in order of their creation; all of them unless said.
   *
   * @param after the key after which they begin, by its creation and its id
   */
  list(
    now: Instant,
    { after, limit = maxKeys }: { readonly after?: PagePlace; readonly limit?: number } = {},
  ): readonly ApiKey[] {
    const { key, id } = after ?? { key: '', id: '' };
    const rows: unknown[] = this.#file
      .statement(
        `SELECT ${columns} FROM apiKeys WHERE (createdAt, id) > (?, ?)
         ORDER BY createdAt, id LIMIT ?`,
      )
      .all(now, key, id, limit);
    return (rows as KeyRow[]).map(keyOf);
  }

  /**
   * Finds the key that a secret is of. It is kept in memory until the file changes: reading it for
   * every request was a tenth of a request's processor time. Ids that were never issued are not
   * kept, so that guesses fill no memory.
   *
   * A key is found sooner, or read at all, with a secret of its own alone. Otherwise an id that
   * exists costs one row of 32 bytes more than one that does not. To read the key as well took
   * 50 µs, and timers do not hide it: their milliseconds begin when the event loop waits, which is
   * after this.
   */
  #opened(id: string, sent: Buffer, now: Instant): Opened | 'unknown' | 'wrong_secret' {
    const { data_version: version } = this.#selectVersion.get() as {
      readonly data_version: number;
    };
    // Raised by whatever another connection wrote: it may have revoked a key.
    if (version !== this.#version) this.#held.clear();
    this.#version = version;
    const held = this.#held.get(id);
    const [known] = fittingIn(held?.secrets ?? noSecrets, sent);
    if (held !== undefined && known !== undefined) return { key: held.key, secret: known };
    const secrets = this.#selectSecrets.all(id) as unknown as SecretRow[];
    const [secret] = fittingIn(secrets.length === 0 ? noSecrets : secrets, sent);
    if (secret === undefined) return secrets.length === 0 ? 'unknown' : 'wrong_secret';
    const key = this.#find(id, now);
    // Its row was damaged.
    if (key === undefined) return 'unknown';
    this.#held.set(id, { key, secrets });
    return { key, secret };
  }

  #find(id: string, now: Instant): ApiKey | undefined {
    const row = this.#selectKey.get(now, id) as KeyRow | undefined;
    return row === undefined ? undefined : keyOf(row);
  }

  #keyAt(id: string, now: Instant): ApiKey {
    const key = this.#find(id, now);
    if (key === undefined)
      throw new ApiKeyError('unknown_key', {
        en: `there is no key "${id}": list the keys for their ids`,
        zh: `没有密钥 "${id}"：请列出密钥以查看编号`,
      });
    return key;
  }

  #assertInUse({ id, revokedAt, expiresAt }: ApiKey, now: Instant): void {
    if (revokedAt !== undefined)
      throw new ApiKeyError('key_revoked', {
        en: `the key "${id}" was revoked: issue another one`,
        zh: `密钥 "${id}" 已吊销：请另行签发`,
      });
    if (now >= expiresAt)
      throw new ApiKeyError('key_expired', {
        en: `the key "${id}" has expired: issue another one`,
        zh: `密钥 "${id}" 已过期：请另行签发`,
      });
  }

  /** Removes keys that ended long ago. @throws ApiKeyError `too_many_keys` when there is no room */
  #makeRoom(now: Instant): void {
    const endedBefore = plusHours(now, -24 * keptDays);
    const ended = 'min(expiresAt, coalesce(revokedAt, expiresAt)) < ?';
    this.#file
      .statement(`DELETE FROM apiKeySecrets WHERE keyId IN (SELECT id FROM apiKeys WHERE ${ended})`)
      .run(endedBefore);
    this.#file.statement(`DELETE FROM apiKeys WHERE ${ended}`).run(endedBefore);
    const { keys } = this.#file.statement('SELECT count(*) AS keys FROM apiKeys').get() as {
      readonly keys: number;
    };
    if (keys >= maxKeys)
      throw new ApiKeyError('too_many_keys', {
        en:
          `there are ${maxKeys} keys, and no more are issued: ` +
          `a key leaves the file ${keptDays} days after its end`,
        zh: `已有 ${maxKeys} 个密钥，不再签发：密钥失效 ${keptDays} 天后移出文件`,
      });
  }

  /** Written once an hour and key, because it waits for the disk. */
  #noteUse({ id, lastUsedAt }: ApiKey, now: Instant): void {
    const hour = `${now.slice(0, 13)}:00:00.000Z`;
    if (lastUsedAt !== undefined && lastUsedAt >= hour) return;
    this.#touch.run(hour, id);
    this.#held.delete(id);
  }
}

/** The secrets that were sent. Every one is compared, whichever fits: the time says nothing. */
function fittingIn(secrets: readonly SecretRow[], sent: Buffer): readonly SecretRow[] {
  return secrets.filter(({ sha256 }) => timingSafeEqual(sha256, sent));
}

const problemsOfId = checkOf(IdSchema, 'holder');

function principalOf({ id, holder, roles: held, agencyId, mayGrant }: ApiKey): Principal {
  return {
    id: `key:${id}`,
    holder,
    roles: held,
    ...(agencyId !== undefined && { agencyId }),
    ...(mayGrant !== undefined && { mayGrant }),
  };
}

function problemOfNewKey(
  { label, holder, roles: wanted, agencyId, mayGrant }: NewApiKey,
  expiresAt: Instant,
  now: Instant,
): InBoth | undefined {
  if (label.length === 0 || label.length > 200)
    return { en: 'label: give 1 to 200 characters', zh: 'label：须为 1 至 200 个字符' };
  if (problemsOfId(holder).length > 0)
    return {
      en: 'holder: give 1 to 64 characters of A-Z a-z 0-9 . _ : -',
      zh: 'holder：须为 1 至 64 个字符，仅限 A-Z a-z 0-9 . _ : -',
    };
  if (expiresAt <= now)
    return {
      en: 'expiresAt: give an instant later than now',
      zh: 'expiresAt：须为晚于现在的时点',
    };
  if (expiresAt > plusHours(now, maxLifeHours))
    return {
      en: `expiresAt: give an instant no more than ${maxLifeHours / 24} days ahead`,
      zh: `expiresAt：距今不得超过 ${maxLifeHours / 24} 天`,
    };
  return problemOfRoles(wanted, agencyId) ?? problemOfMayGrant(wanted, mayGrant);
}

function keyOf({ id, label, holder, createdAt, expiresAt, ...row }: KeyRow): ApiKey {
  return {
    id,
    label,
    holder,
    roles: JSON.parse(row.roles) as Role[],
    ...(row.agencyId !== null && { agencyId: row.agencyId }),
    ...(row.mayGrant !== null && { mayGrant: JSON.parse(row.mayGrant) as Role[] }),
    createdAt,
    expiresAt,
    ...(row.revokedAt !== null && { revokedAt: row.revokedAt }),
    ...(row.lastUsedAt !== null && { lastUsedAt: row.lastUsedAt }),
    ...(row.rotatingUntil !== null && { rotatingUntil: row.rotatingUntil }),
  };
}
