import { type InBoth, sameInBoth, SpokenError } from '@penalty-ledger/ledger';
import type { ExpectedRevision } from './event-store.js';

/** The stream moved on since the writer looked. Read it again and decide anew. */
export class ConflictError extends SpokenError {
  readonly code = 'conflict';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly found: ExpectedRevision,
    /** Tells the two apart when the numbers are equal. */
    readonly difference?: InBoth,
  ) {
    const but: InBoth =
      difference === undefined
        ? sameInBoth('')
        : { en: `, but ${difference.en}`, zh: `，但${difference.zh}` };
    super({
      en:
        `stream "${stream}": expected revision ${String(expected)}, ` +
        `found ${String(found)}${but.en}`,
      zh: `事件流 "${stream}"：预期流内序号 ${String(expected)}，实为 ${String(found)}${but.zh}`,
    });
    this.name = 'ConflictError';
  }
}

/**
 * Stored bytes are not those that were stored, or events are missing. Never retried, swallowed or
 * disguised: the ledger stops.
 */
export class IntegrityError extends SpokenError {
  readonly code = 'integrity';
  /** The next thing to do, where it is not the event store that is damaged. */
  readonly hint: InBoth | undefined;
  /** The damage in English, without the place. */
  readonly problem: string;

  constructor(
    /** The damage, without the place. */
    readonly damage: InBoth,
    readonly place: {
      readonly stream?: string;
      readonly revision?: number;
      readonly position?: string;
    },
    options?: ErrorOptions & { readonly hint?: InBoth | undefined },
  ) {
    const where = Object.entries(place).map(([name, value]) => `${name} ${value}`);
    const head: InBoth =
      where.length === 0
        ? { en: 'damaged store', zh: '存储损坏' }
        : {
            en: `damaged event (${where.join(', ')})`,
            zh: `事件损坏（${where.join('，')}）`,
          };
    super({ en: `${head.en}: ${damage.en}`, zh: `${head.zh}：${damage.zh}` }, options);
    this.name = 'IntegrityError';
    this.problem = damage.en;
    this.hint = options?.hint;
  }
}

/** The store cannot be reached, opened or written at all. */
export class StoreUnavailableError extends SpokenError {
  readonly code = 'store_unavailable';
  /** The next thing to do, where it is known. */
  readonly hint: InBoth | undefined;

  constructor(text: InBoth, options?: ErrorOptions & { readonly hint?: InBoth | undefined }) {
    super(text, options);
    this.name = 'StoreUnavailableError';
    this.hint = options?.hint;
  }
}

/** Another process has this store open for writing. */
export class StoreLockedError extends SpokenError {
  readonly code = 'store_locked';
  /** The process that has it, and since when, in brackets; empty where that is not known. */
  readonly heldBy: InBoth;

  constructor(text: InBoth, options?: ErrorOptions & { readonly heldBy?: InBoth }) {
    super(text, options);
    this.name = 'StoreLockedError';
    this.heldBy = options?.heldBy ?? { en: '', zh: '' };
  }
}

/**
 * The store is not to be written by this program: it follows another machine's ledger, or another
 * machine took over from it, or it is a ledger of its own and not a copy.
 */
export class CustodyError extends SpokenError {
  readonly code;

  constructor(
    readonly file: string,
    /** The role that the file has. */
    readonly role: 'writer' | 'follower' | 'fenced',
    /** The URL of the other machine; empty when it is unknown. */
    readonly other: string,
  ) {
    const named: InBoth =
      other === '' ? { en: 'another machine', zh: '另一台机器' } : sameInBoth(other);
    super(
      {
        writer: {
          en: `"${file}" is a ledger that takes commands, not a copy that follows another`,
          zh: `"${file}" 是接受指令的账本，不是跟随另一账本的副本`,
        },
        follower: {
          en: `"${file}" follows ${named.en} and takes no commands`,
          zh: `"${file}" 正在跟随 ${named.zh}，不接受指令`,
        },
        fenced: {
          en: `"${file}" is fenced: ${named.en} took over from it, and it takes no commands`,
          zh: `"${file}" 已被隔离：${named.zh} 已接替它，它不再接受指令`,
        },
      }[role],
    );
    this.name = 'CustodyError';
    this.code = ({ writer: 'not_a_follower', follower: 'follower', fenced: 'fenced' } as const)[
      role
    ];
  }
}

/** A newer release wrote this store; this one does not know what it would overlook. */
export class SchemaTooNewError extends SpokenError {
  readonly code = 'schema_too_new';

  constructor(
    readonly file: string,
    readonly found: number,
    readonly known: number,
  ) {
    super({
      en:
        `"${file}" has schema ${found}, and this release knows up to ${known}: ` +
        'use the release that wrote it, or a later one',
      zh:
        `"${file}" 的结构版本为 ${found}，而此版本最多支持 ${known}：` +
        '请使用写入它的版本或更新的版本',
    });
    this.name = 'SchemaTooNewError';
  }
}

/** The store was closed; open it again. */
export class StoreClosedError extends SpokenError {
  readonly code = 'store_closed';

  constructor() {
    super({ en: 'the event store is closed', zh: '事件存储已关闭' });
    this.name = 'StoreClosedError';
  }
}
