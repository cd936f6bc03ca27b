import { type InBoth, SpokenError } from '@penalty-ledger/ledger';

/**
 * The subject's key was destroyed: its personal data are erased for good, and a subject never gets
 * a second key.
 */
export class KeyDestroyedError extends SpokenError {
  readonly code = 'key_destroyed';

  constructor(readonly subject: string) {
    super({
      en: `the key of "${subject}" was destroyed; nothing can be sealed for it any more`,
      zh: `"${subject}" 的密钥已销毁；不能再为其封存任何内容`,
    });
    this.name = 'KeyDestroyedError';
  }
}

/** Two key files have different keys under one name: they are not of one ledger. */
export class KeysDifferError extends SpokenError {
  readonly code = 'keys_differ';

  constructor(
    readonly file: string,
    readonly keyName: string,
  ) {
    super({
      en: `"${file}" has another key for "${keyName}": it is the key file of another ledger`,
      zh: `"${file}" 中 "${keyName}" 的密钥不同：它是另一个账本的密钥文件`,
    });
    this.name = 'KeysDifferError';
  }
}

/**
 * The key file lacks the key that the ledger signs with. Another key of the same name would look
 * like a fork to every holder of a checkpoint.
 */
export class SigningKeyLostError extends SpokenError {
  readonly code = 'signing_key_lost';
}

/** The key file is protected, and this program cannot open it. */
export class KeysLockedError extends SpokenError {
  readonly code = 'keys_locked';

  constructor(
    text: InBoth,
    readonly hint: InBoth,
  ) {
    super(text);
    this.name = 'KeysLockedError';
  }
}

/** The key file is another ledger's: neither may read or write with the other's keys. */
export class KeysOfAnotherLedgerError extends SpokenError {
  readonly code = 'keys_of_another_ledger';
  readonly hint: InBoth = {
    en:
      "give this ledger's own key file in LEDGER_KEYS; without LEDGER_KEYS the keys lie beside " +
      "the ledger's other files",
    zh:
      '请在 LEDGER_KEYS 中给出本账本自己的密钥文件；没有 LEDGER_KEYS 时密钥与账本的其他文件在' +
      '一起',
  };

  /** @param ledgerId the ledger that was opened; `undefined` for a new one */
  constructor(
    readonly file: string,
    readonly owner: string,
    ledgerId: string | undefined,
  ) {
    super({
      en:
        `"${file}" holds the keys of the ledger ${owner}, and ` +
        (ledgerId === undefined
          ? 'a new ledger needs a key file of its own'
          : `this one is ${ledgerId}`),
      zh:
        `"${file}" 中是账本 ${owner} 的密钥，而` +
        (ledgerId === undefined ? '新账本需要自己的密钥文件' : `当前账本是 ${ledgerId}`),
    });
    this.name = 'KeysOfAnotherLedgerError';
  }
}

/** The key file is there, and this user may not read it. */
export class KeysUnreadableError extends SpokenError {
  readonly code = 'keys_unreadable';

  constructor(
    file: string,
    /** The thing that cannot be done without the keys. */
    without: InBoth,
    readonly hint: InBoth,
  ) {
    super({
      en: `the keys in "${file}" cannot be read by this user: ${without.en}`,
      zh: `当前用户无权读取 "${file}" 中的密钥：${without.zh}`,
    });
    this.name = 'KeysUnreadableError';
  }
}
