import type { Clock, NodeOptions } from '@penalty-ledger/application';
import { openLog, type OpenedLog } from '@penalty-ledger/application/open-log';
import { comparePositions, type Position } from '@penalty-ledger/event-store';
import { NotYetSignedError } from '@penalty-ledger/sequencer';
import { ApiProblem } from '../http/problems/api-problem.js';

/**
 * The Merkle log while the service runs: opened at its first use, used by one at a time, and signed
 * from time to time. On a shared engine it takes in published checkpoints before each use, so that
 * a node that never signs proves under the checkpoints of the node that does.
 */
export class ServedLog {
  #opened: OpenedLog | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** The number of uses that run or wait. */
  #uses = 0;
  #opens = true;
  #isClosed = false;
  #signedSize: number | undefined;

  constructor(
    private readonly store: string,
    private readonly clock: Clock,
    private readonly node?: NodeOptions,
  ) {}

  /**
   * Works with the log while no other use runs.
   *
   * @throws ApiProblem `not_ready` for events that no checkpoint covers yet, `unavailable` once
   *   closed
   */
  use<Result>(work: (log: OpenedLog) => Promise<Result> | Result): Promise<Result> {
    return this.#inTurn(async (log) => {
      await log.takeIn();
      return work(log);
    });
  }

  /**
   * Events in the latest checkpoint, as of the last use: for what must not wait until the leaves of
   * an import are made.
   */
  async signedSize(): Promise<number> {
    if (this.#signedSize === undefined) await this.#inTurn(() => undefined);
    return this.#signedSize ?? 0;
  }

  /**
   * Says whether the log opens. It does not wait for a running use: making leaves of what was
   * imported can take minutes, and is not a failure.
   */
  async isOpen(): Promise<boolean> {
    if (this.#uses === 0) await this.#inTurn(() => undefined).catch(() => undefined);
    return this.#opens && !this.#isClosed;
  }

  /**
   * Works with the log as {@link use} does, once its latest checkpoint holds everything up to a
   * position.
   *
   * @throws ApiProblem `not_ready` while it does not
   */
  signedUpTo<Result>(
    position: Position | undefined,
    work: (log: OpenedLog) => Promise<Result> | Result,
  ): Promise<Result> {
    return this.use((log) => {
      if (position !== undefined && comparePositions(log.sequencer.signedUpTo, position) < 0) {
        const detail = {
          en: `no checkpoint holds position ${position} yet`,
          zh: `尚无检查点包含位置 ${position}`,
        };
        throw new ApiProblem('not_ready', detail, { retryAfter: 30 });
      }
      return work(log);
    });
  }

  /**
   * Signs for everything recorded so far.
   *
   * @throws StoreLockedError when there is something to sign for and another node has the lease
   */
  sign(): Promise<string> {
    return this.#inTurn((log) => log.checkpoint());
  }

  /** Waits for the running use, and closes the log. */
  async close(): Promise<void> {
    const last = this.#turn;
    this.#isClosed = true;
    await last;
    await this.#opened?.close();
  }

  #inTurn<Result>(work: (log: OpenedLog) => Promise<Result> | Result): Promise<Result> {
    this.#uses += 1;
    const turn = this.#turn
      .then(async () => {
        if (this.#isClosed)
          throw new ApiProblem('unavailable', { en: 'the service is closing', zh: '服务正在停止' });
        const log = await this.#open();
        this.#signedSize ??= log.sequencer.latest?.checkpoint.size ?? 0;
        const result = await work(log);
        this.#signedSize = log.sequencer.latest?.checkpoint.size ?? 0;
        return result;
      })
      .catch((error: unknown) => {
        if (error instanceof NotYetSignedError)
          throw new ApiProblem('not_ready', error.inBoth, { retryAfter: 30 });
        throw error;
      })
      .finally(() => {
        this.#uses -= 1;
      });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #open(): Promise<OpenedLog> {
    const { clock, node } = this;
    try {
      this.#opened ??= await openLog(this.store, { clock, ...(node !== undefined && { node }) });
      this.#opens = true;
      return this.#opened;
    } catch (error) {
      this.#opens = false;
      throw error;
    }
  }
}
