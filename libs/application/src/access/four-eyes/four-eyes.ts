import { randomBytes } from 'node:crypto';
import {
  closed,
  described,
  endOfTime,
  IdSchema,
  plusHours,
  SpokenError,
  Sha256Schema,
  UtcInstantSchema,
  type InBoth,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { AccessFile } from '../access-file.js';
import type { ApiKeys } from '../api-keys/api-keys.js';
import type { Principal } from '../api-keys/principal.js';
import { bytesOf, HeldActSchema, sha256Of, type HeldAct } from './act.js';

/** An act that waits: for a second administrator, or for its asker to fetch the token. */
export type PendingAct = Shape<typeof PendingActSchema>;
export const PendingActSchema = closed(
  {
    id: Type.String(),
    act: described(HeldActSchema, 'all that it will do'),
    sha256: described(Sha256Schema, 'of the act’s canonical JSON; a confirmation names it'),
    askedBy: Type.String({ description: '`key:…` or `oidc:…`' }),
    holder: described(IdSchema, 'the holder of those credentials: somebody else must confirm'),
    askedAt: UtcInstantSchema,
    endsAt: described(UtcInstantSchema, 'from this instant on it cannot be confirmed or fetched'),
    confirmedBy: Type.Optional(
      Type.String({ description: 'of a key that is confirmed: its asker may fetch the token' }),
    ),
    keyId: Type.Optional(Type.String({ description: 'the key that was confirmed' })),
  },
  { $id: 'PendingAct' },
);

/** A request about pending acts that cannot be granted. */
export class PendingActError extends SpokenError {
  declare readonly inBoth: InBoth;
  constructor(
    readonly code: 'unknown_act' | 'own_act' | 'too_many_acts' | 'act_differs' | 'not_confirmed',
    text: InBoth,
  ) {
    super(text);
    this.name = 'PendingActError';
  }
}

/** The time in which an act is confirmed, and then in which its token is fetched. */
export const actHours = 24;

/** Acts that wait at the same time. */
export const maxPendingActs = 100;

interface ActRow {
  readonly id: string;
  readonly act: string;
  readonly askedBy: string;
  readonly holder: string;
  readonly askedAt: Instant;
  readonly endsAt: Instant;
  readonly confirmedBy: string | null;
  readonly confirmedHolder: string | null;
  readonly keyId: string | null;
}

const tables = {
  part: 'fourEyes',
  schemaVersion: 1,
  sql: `
    -- One row while a second administrator is needed.
    CREATE TABLE fourEyes (since TEXT NOT NULL) STRICT;
    CREATE TABLE pendingActs (
      id TEXT PRIMARY KEY,
      act TEXT NOT NULL,
      askedBy TEXT NOT NULL,
      holder TEXT NOT NULL,
      askedAt TEXT NOT NULL,
      endsAt TEXT NOT NULL,
      confirmedBy TEXT,
      confirmedHolder TEXT,
      keyId TEXT
    ) STRICT, WITHOUT ROWID;`,
};

/**
 * The setting by which certain acts need a second administrator, and the acts that wait for one.
 * Both are in the access file: they survive a restart, and nodes share them.
 *
 * An act ends by itself when a key of its asker or of its confirmer is revoked.
 */
export class FourEyes {
  readonly #file: AccessFile;
  readonly #keys: ApiKeys;
  readonly #selectSetting;
  #awaitsRestore: boolean;

  constructor(file: AccessFile, keys: ApiKeys) {
    file.prepare(tables);
    this.#file = file;
    this.#keys = keys;
    this.#selectSetting = file.statement('SELECT since FROM fourEyes');
    this.#awaitsRestore = this.#hasRestore();
  }

  /** Says whether acts need a second administrator. */
  get isOn(): boolean {
    return this.#selectSetting.get() !== undefined;
  }

  /**
   * Switches the need of a second administrator on or off. Done again, it changes nothing. Acts
   * that wait for one end when it is off.
   */
  switch(isOn: boolean, now: Instant): void {
    this.#file.inOneStep(() => {
      if (isOn && !this.isOn) this.#file.statement('INSERT INTO fourEyes VALUES (?)').run(now);
      if (isOn) return;
      this.#file.statement('DELETE FROM fourEyes').run();
      this.#file.statement('DELETE FROM pendingActs WHERE keyId IS NULL').run();
    });
  }

  /**
   * Says whether an administrator must confirm a restore before anything else. Only a file that was
   * just opened can begin so, and the file is asked again until it is confirmed.
   */
  get awaitsRestore(): boolean {
    this.#awaitsRestore &&= this.#hasRestore();
    return this.#awaitsRestore;
  }

  /**
   * Keeps the service closed until an administrator confirms that this file was restored. Acts that
   * waited in it end.
   *
   * @param by the user of this machine: `cli:1000`
   */
  holdRestore(events: number, by: string, now: Instant): void {
    this.#file.inOneStep(() => {
      this.#file.statement('DELETE FROM pendingActs').run();
      this.#insert({
        id: newActId(),
        act: { kind: 'accept-restore', events },
        askedBy: by,
        holder: by,
        askedAt: now,
        endsAt: endOfTime,
      });
    });
    this.#awaitsRestore = true;
  }

  /**
   * Keeps an act until another administrator confirms it.
   *
   * @throws PendingActError `too_many_acts`
   */
  ask(act: HeldAct, by: Principal, now: Instant): PendingAct {
    const id = newActId();
    return this.#file.inOneStep(() => {
      this.#dropEnded(now);
      if (this.list(now).length >= maxPendingActs)
        throw new PendingActError('too_many_acts', {
          en: `${maxPendingActs} acts wait for a second administrator: confirm or refuse some`,
          zh: `已有 ${maxPendingActs} 项待确认操作等待另一名管理员：请先确认或拒绝其中若干项`,
        });
      const endsAt = plusHours(now, actHours);
      this.#insert({ id, act, askedBy: by.id, holder: by.holder, askedAt: now, endsAt });
      return this.find(id, now);
    });
  }

  /** The acts that wait, in the order in which they were asked for. */
  list(now: Instant): readonly PendingAct[] {
    return this.#rows()
      .filter((row) => this.#isAlive(row, now))
      .map(pendingOf);
  }

  /**
   * Returns an act that waits.
   *
   * @throws PendingActError `unknown_act`
   */
  find(id: string, now: Instant): PendingAct {
    const row = this.#rows(id).find((each) => this.#isAlive(each, now));
    if (row === undefined)
      throw new PendingActError('unknown_act', {
        en: `no act "${id}" waits: it was done or refused, or it has ended`,
        zh: `没有待确认操作 "${id}"：已执行、已拒绝或已失效`,
      });
    return pendingOf(row);
  }

  /**
   * Confirms an act about a key. It waits on until its asker fetches the token.
   *
   * @param sha256 of the bytes that the confirmer read
   * @param begin does the act but for the token, in the same step, and returns the key's id
   * @throws PendingActError `unknown_act`, `own_act`, `act_differs`
   */
  confirm(
    id: string,
    sha256: string,
    by: Principal,
    now: Instant,
    begin: () => string,
  ): PendingAct {
    return this.#file.inOneStep(() => {
      this.#assertMayConfirm(id, sha256, by, now);
      this.#file
        .statement(
          `UPDATE pendingActs SET confirmedBy = ?, confirmedHolder = ?, keyId = ?, endsAt = ?
          WHERE id = ?`,
        )
        .run(by.id, by.holder, begin(), plusHours(now, actHours), id);
      return this.find(id, now);
    });
  }

  /**
   * Confirms an act that is done at once. It waits no more, so that it is done once at most.
   *
   * @throws as {@link confirm}
   */
  take(id: string, sha256: string, by: Principal, now: Instant): PendingAct {
    return this.#file.inOneStep(() => {
      const pending = this.#assertMayConfirm(id, sha256, by, now);
      this.#end(id);
      return pending;
    });
  }

  /**
   * Gives the token of a confirmed key to the holder who asked for it, once.
   *
   * @param give makes the token of a key, in the same step
   * @throws PendingActError `unknown_act`, also for another holder; `not_confirmed`
   */
  fetch<Token>(id: string, by: Principal, now: Instant, give: (keyId: string) => Token): Token {
    return this.#file.inOneStep(() => {
      const { holder, keyId } = this.find(id, now);
      if (holder !== by.holder)
        throw new PendingActError('unknown_act', {
          en: `no act "${id}" of yours waits`,
          zh: `您没有待确认操作 "${id}"`,
        });
      if (keyId === undefined)
        throw new PendingActError('not_confirmed', {
          en: `the act "${id}" waits for another administrator to confirm it`,
          zh: `待确认操作 "${id}" 须由另一名管理员确认`,
        });
      this.#end(id);
      return give(keyId);
    });
  }

  /**
   * Ends an act that is not to be done.
   *
   * @throws PendingActError `unknown_act`
   */
  refuse(id: string, now: Instant): PendingAct {
    return this.#file.inOneStep(() => {
      const pending = this.find(id, now);
      this.#end(id);
      return pending;
    });
  }

  /** Puts an act back that was taken and could not be done. */
  putBack(taken: PendingAct): void {
    this.#insert(taken);
  }

  #insert({ id, act, askedBy, holder, askedAt, endsAt }: Omit<PendingAct, 'sha256'>): void {
    this.#file
      .statement('INSERT INTO pendingActs VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)')
      .run(id, bytesOf(act), askedBy, holder, askedAt, endsAt);
  }

  #end(id: string): void {
    this.#file.statement('DELETE FROM pendingActs WHERE id = ?').run(id);
  }

  #hasRestore(): boolean {
    return this.#rows().some(({ endsAt }) => endsAt === endOfTime);
  }

  #assertMayConfirm(id: string, sha256: string, by: Principal, now: Instant): PendingAct {
    const pending = this.find(id, now);
    if (pending.confirmedBy !== undefined)
      throw new PendingActError('unknown_act', {
        en: `the act "${id}" is confirmed, and its asker can fetch the token`,
        zh: `待确认操作 "${id}" 已确认，申请人可领取令牌`,
      });
    if (pending.holder === by.holder)
      throw new PendingActError('own_act', {
        en: `"${by.holder}" asked for the act "${id}"; another administrator must confirm it`,
        zh: `"${by.holder}" 申请了待确认操作 "${id}"；须由另一名管理员确认`,
      });
    if (pending.sha256 !== sha256)
      throw new PendingActError('act_differs', {
        en: `the act "${id}" has the SHA-256 ${pending.sha256}; read it, and confirm that`,
        zh: `待确认操作 "${id}" 的 SHA-256 为 ${pending.sha256}；请阅读后按此确认`,
      });
    return pending;
  }

  #rows(id?: string): readonly ActRow[] {
    const rows: unknown[] = this.#file
      .statement('SELECT * FROM pendingActs WHERE id = coalesce(?, id) ORDER BY askedAt, id')
      .all(id ?? null);
    return rows as ActRow[];
  }

  #isAlive({ holder, confirmedHolder, askedAt, endsAt }: ActRow, now: Instant): boolean {
    // A restore: the person at the machine has no key that could be revoked.
    if (endsAt === endOfTime) return true;
    return (
      now < endsAt &&
      !this.#keys.lostSince(holder, askedAt) &&
      !(confirmedHolder !== null && this.#keys.lostSince(confirmedHolder, askedAt))
    );
  }

  #dropEnded(now: Instant): void {
    for (const row of this.#rows()) if (!this.#isAlive(row, now)) this.#end(row.id);
  }
}

function newActId(): string {
  return randomBytes(6).toString('hex');
}

function pendingOf({ id, act, confirmedBy, keyId, ...row }: ActRow): PendingAct {
  const { askedBy, holder, askedAt, endsAt } = row;
  return {
    id,
    act: JSON.parse(act) as HeldAct,
    // Of the bytes as they stand now: a file that was altered since has another one.
    sha256: sha256Of(act),
    askedBy,
    holder,
    askedAt,
    endsAt,
    ...(confirmedBy !== null && { confirmedBy }),
    ...(keyId !== null && { keyId }),
  };
}
