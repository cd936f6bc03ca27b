import { epochMsOf, type Instant } from '@penalty-ledger/ledger';

/** The failed sign-ins of one minute that the access log names one by one. */
export const notedEachMinute = 60;

const minuteMs = 60_000;

/**
 * Decides which failed sign-ins are noted by themselves. The others of a minute are counted and
 * noted as one number, so that nobody without a key can fill the disk.
 */
export class FailedSignIns {
  #minute = -1;
  #noted = 0;
  #counted = 0;

  /** Says whether this one is noted by itself; otherwise it is counted. */
  isNoted(now: Instant): boolean {
    const minute = Math.floor(epochMsOf(now) / minuteMs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#noted = 0;
    }
    if (this.#noted < notedEachMinute) {
      this.#noted += 1;
      return true;
    }
    this.#counted += 1;
    return false;
  }

  /** Gives the number of those that were counted since the last call. */
  takeCount(): number {
    const count = this.#counted;
    this.#counted = 0;
    return count;
  }
}
