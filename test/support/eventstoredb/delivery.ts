import { accessDenied, notLeader, unavailable, type Failure } from './errors.js';
import type { ReadFault } from './faults.js';
import type { NodeState } from './node-state.js';
import { shared, streams } from './protocol.js';
import type { ReadCall } from './read-request.js';
import type { WireEvent } from './wire-event.js';

/**
 * The messages of one read to its client: heeds back-pressure, counts events, and meets the
 * requested fault.
 */
export class Delivery {
  readonly #node: NodeState;
  readonly #call: ReadCall;
  #fault: ReadFault | undefined;
  #sent = 0;
  #closed = false;
  #onClose: () => void = () => undefined;

  constructor(node: NodeState, call: ReadCall, fault: ReadFault | undefined) {
    this.#node = node;
    this.#call = call;
    this.#fault = fault;
    const close = () => {
      this.#closed = true;
      this.#onClose();
    };
    call.on('cancelled', close);
    call.on('close', close);
  }

  /** True when nothing more can be sent. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Calls `listener` once nothing can be sent any more. */
  whenClosed(listener: () => void): void {
    this.#onClose = listener;
  }

  /** Sends a message other than an event; returns false when the call is over. */
  async send(message: streams.ReadResp): Promise<boolean> {
    if (this.#closed) return false;
    if (!this.#call.write(message)) await this.#drained();
    return !this.#closed;
  }

  /** Sends an event and meets the fault where it is due; false when the call is over. */
  async sendEvent(event: WireEvent): Promise<boolean> {
    if (!(await this.#meetFault(undefined))) return false;
    if (!(await this.send(eventMessage(event)))) return false;
    this.#sent += 1;
    return this.#meetFault(event);
  }

  /** Ends the call as if all had been sent. */
  end(): void {
    if (!this.#closed) this.#call.end();
    this.#closed = true;
  }

  /** Ends the call with an error. */
  fail(failure: Failure): void {
    if (!this.#closed) this.#call.emit('error', failure);
    this.#closed = true;
  }

  async #meetFault(last: WireEvent | undefined): Promise<boolean> {
    const fault = this.#fault;
    if (fault === undefined || this.#sent < (fault.afterEvents ?? 0)) return !this.#closed;
    if (fault.kind === 'duplicate') {
      if (last === undefined) return true;
      this.#fault = undefined;
      return this.send(eventMessage(last));
    }
    this.#fault = undefined;
    switch (fault.kind) {
      case 'break':
        this.#node.connections.break(this.#call.getPeer());
        this.#closed = true;
        break;
      case 'hang':
        this.#closed = true;
        break;
      case 'end':
        this.end();
        break;
      case 'unavailable':
        this.fail(unavailable());
        break;
      case 'access-denied':
        this.fail(accessDenied());
        break;
      case 'not-leader':
        this.fail(notLeader(fault.leader));
        break;
    }
    return false;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#call.off('drain', done);
        this.#call.off('close', done);
        this.#call.off('cancelled', done);
        resolve();
      };
      this.#call.once('drain', done);
      this.#call.once('close', done);
      this.#call.once('cancelled', done);
    });
  }
}

/** An event as the server sends it. */
export function eventMessage(event: WireEvent): streams.ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(new shared.UUID().setString(event.id));
  recorded.setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(event.stream, 'utf8')),
  );
  recorded.setStreamRevision(event.revision.toString());
  recorded.setCommitPosition(event.position.commit.toString());
  recorded.setPreparePosition(event.position.prepare.toString());
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', event.createdTicks.toString());
  recorded.setCustomMetadata(event.metadata);
  recorded.setData(event.data);
  const message = new streams.ReadResp.ReadEvent();
  message.setEvent(recorded);
  message.setCommitPosition(event.position.commit.toString());
  return new streams.ReadResp().setEvent(message);
}
