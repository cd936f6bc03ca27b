import { randomUUID } from 'node:crypto';
import { Delivery, eventMessage } from './delivery.js';
import { streamDeleted, unavailable } from './errors.js';
import { filterOf, type WireFilter } from './filters.js';
import type { NodeState } from './node-state.js';
import { streams } from './protocol.js';
import { startOf, streamOf, type ReadCall } from './read-request.js';
import type { WireEvent, WirePosition } from './wire-event.js';

/** A subscription to a stream or to `$all`, from the server's side. */
export class WireSubscription {
  readonly id = randomUUID();
  /** The stream, or `$all`. */
  readonly target: string;

  readonly #node: NodeState;
  readonly #delivery: Delivery;
  readonly #filter: WireFilter | undefined;
  readonly #afterRevision: bigint;
  #index: number;
  #seenSinceCheckpoint = 0;
  #caughtUp = false;
  #last: WireEvent | undefined;
  #wake: () => void = () => undefined;

  constructor(node: NodeState, call: ReadCall, options: streams.ReadReq.Options) {
    this.#node = node;
    this.#delivery = new Delivery(node, call, node.faults.meet('subscribe')?.fault);
    this.#filter = filterOf(options);
    const stream = options.getStream();
    this.target = stream === undefined ? '$all' : streamOf(options);
    const from =
      stream === undefined ? startOf(options.getAll()) : stream.hasEnd() ? 'end' : 'start';
    this.#afterRevision = stream?.hasRevision() === true ? BigInt(stream.getRevision()) : -1n;
    this.#index =
      from === 'start'
        ? 0
        : from === 'end'
          ? node.log.slots.length
          : node.log.indexFrom(from, true);
  }

  /**
   * The number of events between checkpoints; `undefined` without a filter, which never sends any.
   */
  get checkpointEvery(): number | undefined {
    return this.#filter?.checkpointEvery;
  }

  /** Delivers until either side ends it. */
  async run(): Promise<void> {
    const { log, sendsCaughtUp } = this.#node;
    const stop = log.onChange(() => this.#wake());
    this.#delivery.whenClosed(() => this.#wake());
    try {
      await this.#delivery.send(
        new streams.ReadResp().setConfirmation(
          new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(this.id),
        ),
      );
      while (!this.#delivery.closed) {
        // When the log was cut shorter than our index, the subscription goes on with the next new
        // events.
        if (this.#index > log.slots.length) this.#index = log.slots.length;
        const slot = log.slots[this.#index];
        if (slot !== undefined) {
          this.#index += 1;
          if (slot.event !== undefined) await this.#offer(slot.event, slot.position);
        } else if (!this.#caughtUp) {
          this.#caughtUp = true;
          if (sendsCaughtUp) await this.announce('caught-up');
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      stop();
    }
  }

  /** Ends it with an error, as a server that goes away does. */
  drop(): void {
    this.#delivery.fail(unavailable());
    this.#wake();
  }

  /** Ends it without an error: to the client just the end of its iterator. */
  end(): void {
    this.#delivery.end();
    this.#wake();
  }

  /** Sends the last event once more. */
  async deliverAgain(): Promise<void> {
    if (this.#last !== undefined) await this.#delivery.send(eventMessage(this.#last));
  }

  /** Says that the subscription is at the end of the log, or no longer. */
  async announce(what: 'caught-up' | 'fell-behind'): Promise<void> {
    const message = new streams.ReadResp();
    if (what === 'caught-up') message.setCaughtUp(new streams.ReadResp.CaughtUp());
    else message.setFellBehind(new streams.ReadResp.FellBehind());
    await this.#delivery.send(message);
  }

  async #offer(event: WireEvent, position: WirePosition): Promise<void> {
    if (this.target !== '$all') {
      if (event.stream !== this.target) return;
      if (event.type === '$streamDeleted') {
        this.#delivery.fail(streamDeleted(this.target));
        return;
      }
      if (event.revision <= this.#afterRevision || !this.#node.log.shows(event)) return;
    }
    if (this.#filter?.passes(event) !== false) {
      this.#last = event;
      if (!(await this.#delivery.sendEvent(event))) return;
    }
    if (this.#filter === undefined) return;
    this.#seenSinceCheckpoint += 1;
    if (this.#seenSinceCheckpoint < this.#filter.checkpointEvery) return;
    this.#seenSinceCheckpoint = 0;
    const checkpoint = new streams.ReadResp.Checkpoint();
    checkpoint.setCommitPosition(position.commit.toString());
    checkpoint.setPreparePosition(position.prepare.toString());
    await this.#delivery.send(new streams.ReadResp().setCheckpoint(checkpoint));
  }
}
