import type { Instant } from '@penalty-ledger/ledger';
import type { SignerKey } from '@penalty-ledger/merkle-log';
import type { Clock } from '../../clock.js';
import type { AccessLog } from './access-log.js';

/** The parts that a log's age rests on. */
export interface AccessLogAgeParts {
  readonly log: Pick<AccessLog, 'cutBefore'>;
  readonly clock: Clock;
  /** The months kept beside the current one. */
  readonly months: number;
  /** The ledger's key; `undefined` on a node without it, which cuts nothing. */
  readonly signer: () => SignerKey | undefined;
  /** The last entry that the log's second place has; `undefined` where there is none. */
  readonly copied: () => number | undefined;
}

/**
 * Keeps the access log no longer than it is wanted: cuts off whole months once they are too old and
 * stand in the second place, if there is one.
 */
export class AccessLogAge {
  constructor(private readonly parts: AccessLogAgeParts) {}

  /** Cuts off what is too old. @throws as `AccessLog.cutBefore` */
  async keep(): Promise<void> {
    const { log, clock, months, signer, copied } = this.parts;
    const key = signer();
    if (key === undefined) return;
    await log.cutBefore(
      monthsBefore(clock.now(), months),
      key,
      copied() ?? Number.MAX_SAFE_INTEGER,
    );
  }
}

/** The first instant of a month that is so many before an instant's, in UTC. */
export function monthsBefore(instant: Instant, months: number): Instant {
  const count = Number(instant.slice(0, 4)) * 12 + Number(instant.slice(5, 7)) - 1 - months;
  const year = String(Math.floor(count / 12)).padStart(4, '0');
  const month = String((count % 12) + 1).padStart(2, '0');
  return `${year}-${month}-01T00:00:00.000Z` as Instant;
}
