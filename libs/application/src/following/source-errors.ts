import { SpokenError, type InBoth } from '@penalty-ledger/ledger';

/**
 * The source sent what does not verify: nothing of it was stored. The copy keeps what was good, and
 * somebody has to look.
 */
export class SourceRefusedError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'source_refused';
  /** The status of its answer, when that is why. */
  readonly status: number | undefined;

  constructor(
    problem: InBoth,
    readonly hint: InBoth = {
      en: 'everything that the copy holds was verified; find out what the source sent',
      zh: '副本所存内容均已核验；请查明源发送了什么',
    },
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(
      { en: `the source is refused: ${problem.en}`, zh: `拒绝接受该源：${problem.zh}` },
      options,
    );
    this.name = 'SourceRefusedError';
    this.status = options?.status;
  }
}

/**
 * The source and the copy hold different histories of one ledger: somebody wrote to the source
 * after another machine took over, or it was restored from an older backup.
 */
export class HistoriesDifferError extends SourceRefusedError {
  constructor(problem: InBoth) {
    super(problem, {
      en:
        'do not delete either side; "ledger verify --checkpoint" shows which of them contradicts ' +
        'a checkpoint that you hold; then follow the right one into a new file',
      zh:
        '请勿删除任何一方；"ledger verify --checkpoint" 可显示哪一方与您所持的检查点矛盾；' +
        '然后将正确的一方跟随到新文件',
    });
    this.name = 'HistoriesDifferError';
  }
}

/** The source cannot be reached, or is too busy or too slow. It is asked again later. */
export class SourceAwayError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'source_away';

  constructor(
    problem: InBoth,
    /** The pause that the source asks for, in milliseconds. */
    readonly retryAfterMs = 0,
    options?: ErrorOptions,
  ) {
    super({ en: `the source is away: ${problem.en}`, zh: `源无法访问：${problem.zh}` }, options);
    this.name = 'SourceAwayError';
  }
}

/** The source does not accept the token, or its role may not read everything. */
export class SourceForbidsError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'source_forbids';

  constructor(
    status: number,
    readonly hint: InBoth,
  ) {
    super(
      status === 401
        ? {
            en: 'the source does not accept the token: it is wrong, expired or revoked (HTTP 401)',
            zh: '源不接受该令牌：令牌有误、已过期或已吊销（HTTP 401）',
          }
        : {
            en: `the token's roles do not allow this at the source (HTTP ${status})`,
            zh: `令牌的角色在源上无此权限（HTTP ${status}）`,
          },
    );
    this.name = 'SourceForbidsError';
  }
}
