import type { InBoth } from '@penalty-ledger/application/language';
import { isInBoth, saidBy, saidIn } from './language.js';
import { systemErrorText } from './reason.js';

/** The exit codes (interchange §1). Errors become exit codes and hints in this file only. */
export const exitCodes = { done: 0, no: 1, usage: 2, store: 3 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A command line that cannot be carried out as it was given. */
export class UsageError extends Error {
  readonly code = 'usage';

  constructor(
    message: string,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The end of the program after an error: its code, and what people read. */
export interface Ending {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint?: string;
}

/** The next step of a reader who met damage. */
export const damageHint: InBoth = {
  en: '"ledger verify" lists all damage; restore the store from a backup',
  zh: '"ledger verify" 会列出全部损坏；请从备份恢复存储',
};

const makeRoom = {
  en: 'make room on the disk, or raise the quota, and run the same again',
  zh: '请腾出磁盘空间或提高配额，然后重新运行',
};
const checkPath = { en: 'check the path', zh: '请检查路径' };
const makeWritable = {
  en: 'make the file and its folder writable for this user, and run the same again',
  zh: '请让当前用户可以写入该文件及其文件夹，然后重新运行',
};

/** Endings by the stable `code` of an error; loading the classes would load every library. */
const endings: Readonly<Record<string, { readonly exitCode: ExitCode; readonly hint?: InBoth }>> = {
  usage: { exitCode: exitCodes.usage },
  sheet_file: { exitCode: exitCodes.usage },
  evidence_file: { exitCode: exitCodes.store },
  store_url: { exitCode: exitCodes.usage },
  ledger_settings: { exitCode: exitCodes.usage },
  copy_refused: { exitCode: exitCodes.usage },
  backup_refused: { exitCode: exitCodes.usage },
  restore_refused: { exitCode: exitCodes.usage },
  keys_file: { exitCode: exitCodes.usage },
  nothing_accepted: { exitCode: exitCodes.no },
  backup_damaged: {
    exitCode: exitCodes.store,
    hint: {
      en:
        '"ledger backup DIR --verify" lists all damage of a backup; restore another copy of it ' +
        'to the same place, and it continues',
      zh:
        '"ledger backup DIR --verify" 会列出备份的全部损坏；请在原位置换上备份的另一份副本，' +
        '即可继续',
    },
  },
  restore_unfinished: {
    exitCode: exitCodes.store,
    hint: {
      en:
        'run the same "ledger restore" again, or with another copy of a damaged backup, and it ' +
        'continues; to give it up, remove all files of that ledger and the one that ends in ' +
        '.restoring',
      zh:
        '请重新运行同一条 "ledger restore"，或换用损坏备份的另一份副本，即可继续；若要放弃，' +
        '请删除该账本的全部文件以及以 .restoring 结尾的文件',
    },
  },
  source_url: { exitCode: exitCodes.usage },
  not_a_follower: {
    exitCode: exitCodes.usage,
    hint: {
      en: 'give a new file, or one that follows',
      zh: '请给出一个新文件，或一个正在跟随的文件',
    },
  },
  follower: {
    exitCode: exitCodes.store,
    hint: {
      en: 'send commands to the ledger that it follows; "ledger promote" makes this the ledger',
      zh: '请把指令发送给它所跟随的账本；"ledger promote" 可将它提升为账本',
    },
  },
  fenced: {
    exitCode: exitCodes.store,
    hint: {
      en: 'work with the ledger that took over; this file can still be read',
      zh: '请改用已接管的账本；本文件仍可读取',
    },
  },
  promotion_refused: { exitCode: exitCodes.no },
  source_refused: { exitCode: exitCodes.store },
  source_forbids: { exitCode: exitCodes.store },
  source_away: {
    exitCode: exitCodes.store,
    hint: {
      en: 'check the URL and the network, and run it again; it goes on where it ended',
      zh: '请检查 URL 和网络，然后重新运行；它会从中断处继续',
    },
  },
  target_held: { exitCode: exitCodes.store },
  keys_differ: { exitCode: exitCodes.usage },
  keys_locked: { exitCode: exitCodes.usage },
  keys_unreadable: { exitCode: exitCodes.usage },
  keys_of_another_ledger: { exitCode: exitCodes.usage },
  source_moved: { exitCode: exitCodes.no },
  no_ledger: {
    exitCode: exitCodes.store,
    hint: { en: 'check --store and LEDGER_STORE', zh: '请检查 --store 和 LEDGER_STORE' },
  },
  store_unavailable: {
    exitCode: exitCodes.store,
    hint: {
      en: 'check --store and LEDGER_STORE; "simulate" or "import" makes a missing ledger',
      zh: '请检查 --store 和 LEDGER_STORE；"simulate" 或 "import" 会新建缺少的账本',
    },
  },
  store_locked: {
    exitCode: exitCodes.store,
    hint: {
      en:
        'only one process can write at a time; wait until it ends or stop it, and run the same ' +
        'again; others can read meanwhile',
      zh: '同一时间只有一个进程可以写入；请等它结束或将其停止，再重新运行；其他进程可以同时读取',
    },
  },
  integrity: { exitCode: exitCodes.store, hint: damageHint },
  foreign_event: { exitCode: exitCodes.store, hint: damageHint },
  lease_lost: {
    exitCode: exitCodes.store,
    hint: {
      en: 'run it again; it takes the lease, or says which node holds it',
      zh: '请重新运行；它会取得租约，或指出由哪个节点持有',
    },
  },
  signing_key_lost: {
    exitCode: exitCodes.store,
    hint: {
      en:
        'restore the key file from its backup; nodes on one engine share a key file ' +
        '(LEDGER_KEYS). If it is lost for good, move the ledger’s .log.db away and keep it, ' +
        'because the old key still proves what it signed; then give the new key ("ledger ' +
        'keys") to everyone who verifies',
      zh:
        '请从备份恢复密钥文件；同一引擎上的节点共用一个密钥文件（LEDGER_KEYS）。若已无法找回，' +
        '请将账本的 .log.db 移到别处保存，因为旧密钥仍可证明其签署的内容；' +
        '然后把新密钥（"ledger keys"）交给所有验证方',
    },
  },
  printing: {
    exitCode: exitCodes.store,
    hint: {
      en: 'run the same command on the Node version that the README recommends, and report this',
      zh: '请在 README 推荐的 Node 版本上运行同一条命令，并报告此问题',
    },
  },
  schema_too_new: { exitCode: exitCodes.store },
  unknown_event: { exitCode: exitCodes.store },
  store_closed: { exitCode: exitCodes.store },
  access_log_stopped: { exitCode: exitCodes.store },
  access_log_damaged: { exitCode: exitCodes.store },
  access_file_too_new: { exitCode: exitCodes.store },
  ENOSPC: { exitCode: exitCodes.store, hint: makeRoom },
  EDQUOT: { exitCode: exitCodes.store, hint: makeRoom },
  EROFS: { exitCode: exitCodes.store, hint: makeWritable },
  EACCES: { exitCode: exitCodes.store, hint: makeWritable },
  EPERM: { exitCode: exitCodes.store, hint: makeWritable },
  EFBIG: { exitCode: exitCodes.store, hint: makeRoom },
  EISDIR: { exitCode: exitCodes.usage, hint: checkPath },
  ENAMETOOLONG: { exitCode: exitCodes.usage, hint: checkPath },
  ENOENT: { exitCode: exitCodes.usage, hint: checkPath },
  ENOTDIR: { exitCode: exitCodes.usage, hint: checkPath },
};

/** Any other error. */
const unforeseen: { readonly exitCode: ExitCode; readonly hint: InBoth } = {
  exitCode: exitCodes.store,
  hint: { en: 'LEDGER_DEBUG=1 prints where it happened', zh: 'LEDGER_DEBUG=1 会打印出错的位置' },
};

/** Finds the ending for anything that was thrown. */
export function endingOf(error: unknown): Ending {
  const { code, hint, message } = describedError(causeThatStopped(error));
  const known = endings[code] ?? unforeseen;
  const advice = hint ?? (known.hint && saidIn(known.hint));
  return { exitCode: known.exitCode, message, ...(advice !== undefined && { hint: advice }) };
}

/** A stopped ledger is reported by what stopped it; several failures by the first. */
function causeThatStopped(error: unknown): unknown {
  if (error instanceof AggregateError) return causeThatStopped(error.errors[0]);
  const stopped = error instanceof Error && 'code' in error && error.code === 'ledger_stopped';
  return stopped && error.cause instanceof Error ? error.cause : error;
}

function describedError(error: unknown): {
  readonly code: string;
  readonly hint?: string;
  readonly message: string;
} {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const hint = 'hint' in error ? spoken(error.hint) : undefined;
  const message = systemErrorText(error) ?? saidBy(error);
  return { code, message, ...(hint !== undefined && { hint }) };
}

/** A text of an error: one that was said already, or one that is kept in both languages. */
function spoken(text: unknown): string | undefined {
  if (typeof text === 'string') return text;
  return isInBoth(text) ? saidIn(text) : undefined;
}
