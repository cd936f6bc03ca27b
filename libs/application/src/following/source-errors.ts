/**
 * The source sent what does not verify: nothing of it was stored. The copy keeps what was good, and
 * somebody has to look.
 */
export class SourceRefusedError extends Error {
  readonly code = 'source_refused';
  /** The status of its answer, when that is why. */
  readonly status: number | undefined;

  constructor(
    problem: string,
    readonly hint = 'everything that the copy holds was verified; find out what the source sent',
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(`the source is refused: ${problem}`, options);
    this.name = 'SourceRefusedError';
    this.status = options?.status;
  }
}

/**
 * The source and the copy hold different histories of one ledger: somebody wrote to the source
 * after another machine took over, or it was restored from an older backup.
 */
export class HistoriesDifferError extends SourceRefusedError {
  constructor(problem: string) {
    super(
      problem,
      'do not delete either side; "ledger verify --checkpoint" shows which of them contradicts ' +
        'a checkpoint that you hold; then follow the right one into a new file',
    );
    this.name = 'HistoriesDifferError';
  }
}

/** The source cannot be reached, or is too busy or too slow. It is asked again later. */
export class SourceAwayError extends Error {
  readonly code = 'source_away';

  constructor(
    problem: string,
    /** The pause that the source asks for, in milliseconds. */
    readonly retryAfterMs = 0,
    options?: ErrorOptions,
  ) {
    super(`the source is away: ${problem}`, options);
    this.name = 'SourceAwayError';
  }
}

/** The source does not accept the token, or its role may not read everything. */
export class SourceForbidsError extends Error {
  readonly code = 'source_forbids';

  constructor(
    status: number,
    readonly hint: string,
  ) {
    super(
      status === 401
        ? 'the source does not accept the token: it is wrong, expired or revoked (HTTP 401)'
        : `the token's roles do not allow this at the source (HTTP ${status})`,
    );
    this.name = 'SourceForbidsError';
  }
}
