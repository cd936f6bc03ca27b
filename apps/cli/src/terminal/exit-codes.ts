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
export const damageHint = '"ledger verify" lists all damage; restore the store from a backup';

const makeRoom = 'make room on the disk, or raise the quota, and run the same again';
const makeWritable = 'make the file and its folder writable for this user, and run the same again';

/** Endings by the stable `code` of an error; loading the classes would load every library. */
const endings: Readonly<Record<string, { readonly exitCode: ExitCode; readonly hint?: string }>> = {
  usage: { exitCode: exitCodes.usage },
  sheet_file: { exitCode: exitCodes.usage },
  evidence_file: { exitCode: exitCodes.store },
  store_url: { exitCode: exitCodes.usage },
  ledger_settings: { exitCode: exitCodes.usage },
  copy_refused: { exitCode: exitCodes.usage },
  backup_refused: { exitCode: exitCodes.usage },
  restore_refused: { exitCode: exitCodes.usage },
  keys_file: { exitCode: exitCodes.usage },
  backup_damaged: {
    exitCode: exitCodes.store,
    hint:
      '"ledger backup DIR --verify" lists all damage of a backup; restore another copy of it to ' +
      'the same place, and it continues',
  },
  restore_unfinished: {
    exitCode: exitCodes.store,
    hint:
      'run the same "ledger restore" again, or with another copy of a damaged backup, and it ' +
      'continues; to give it up, remove all files of that ledger and the one that ends in ' +
      '.restoring',
  },
  source_url: { exitCode: exitCodes.usage },
  not_a_follower: { exitCode: exitCodes.usage, hint: 'give a new file, or one that follows' },
  follower: {
    exitCode: exitCodes.store,
    hint: 'send commands to the ledger that it follows; "ledger promote" makes this the ledger',
  },
  fenced: {
    exitCode: exitCodes.store,
    hint: 'work with the ledger that took over; this file can still be read',
  },
  promotion_refused: { exitCode: exitCodes.no },
  source_refused: { exitCode: exitCodes.store },
  source_forbids: { exitCode: exitCodes.store },
  source_away: {
    exitCode: exitCodes.store,
    hint: 'check the URL and the network, and run it again; it goes on where it ended',
  },
  target_held: { exitCode: exitCodes.store },
  keys_differ: { exitCode: exitCodes.usage },
  keys_locked: { exitCode: exitCodes.usage },
  keys_of_another_ledger: { exitCode: exitCodes.usage },
  source_moved: { exitCode: exitCodes.no },
  no_ledger: { exitCode: exitCodes.store, hint: 'check --store and LEDGER_STORE' },
  store_unavailable: {
    exitCode: exitCodes.store,
    hint: 'check --store and LEDGER_STORE; "simulate" or "import" makes a missing ledger',
  },
  store_locked: {
    exitCode: exitCodes.store,
    hint: 'only one process can write at a time; others can read meanwhile',
  },
  integrity: { exitCode: exitCodes.store, hint: damageHint },
  foreign_event: { exitCode: exitCodes.store, hint: damageHint },
  lease_lost: {
    exitCode: exitCodes.store,
    hint: 'run it again; it takes the lease, or says which node holds it',
  },
  signing_key_lost: {
    exitCode: exitCodes.store,
    hint:
      'restore the key file from its backup; nodes on one engine share a key file (LEDGER_KEYS). ' +
      'If it is lost for good, move the ledger’s .log.db away and keep it, because the old key ' +
      'still proves what it signed; then give the new key ("ledger keys") to everyone who verifies',
  },
  printing: {
    exitCode: exitCodes.store,
    hint: 'run the same command on the Node version that the README recommends, and report this',
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
};

/** Any other error. */
const unforeseen = {
  exitCode: exitCodes.store,
  hint: 'LEDGER_DEBUG=1 prints where it happened',
} as const;

/** Finds the ending for anything that was thrown. */
export function endingOf(error: unknown): Ending {
  const { code, hint, message } = describedError(causeThatStopped(error));
  const known = endings[code] ?? unforeseen;
  const advice = hint ?? known.hint;
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
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
  return { code, message: error.message, ...(hint !== undefined && { hint }) };
}
