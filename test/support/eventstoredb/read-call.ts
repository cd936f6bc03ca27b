import { refusal } from './admission.js';
import { Delivery } from './delivery.js';
import { readFromEnd, streamDeleted } from './errors.js';
import type { NodeState } from './node-state.js';
import { filterOf } from './filters.js';
import { streams } from './protocol.js';
import { startOf, streamOf, type ReadCall } from './read-request.js';
import { WireSubscription } from './wire-subscription.js';
import type { WireEvent } from './wire-event.js';
import type { WireLog } from './wire-log.js';

/**
 * Reads of a stream and of `$all`, and subscriptions to either: the protocol has one call for all.
 */
export function readCall(
  node: NodeState,
  subscriptions: Set<WireSubscription>,
): (call: ReadCall) => void {
  return (call) => {
    call.on('error', () => undefined);
    const options = call.request.getOptions() ?? new streams.ReadReq.Options();
    const subscribing = options.hasSubscription();
    const refused = refusal(node, subscribing ? 'subscribe' : 'read', call);
    if (refused !== undefined) return void call.emit('error', refused);
    if (subscribing) {
      const subscription = new WireSubscription(node, call, options);
      subscriptions.add(subscription);
      void subscription.run().finally(() => subscriptions.delete(subscription));
    } else {
      void read(node, call, options);
    }
  };
}

async function read(
  node: NodeState,
  call: ReadCall,
  options: streams.ReadReq.Options,
): Promise<void> {
  const delivery = new Delivery(node, call, node.faults.meet('read')?.fault);
  const events = readEvents(node.log, options);
  if (events === 'from-end') {
    delivery.fail(readFromEnd());
    return;
  }
  if (events === 'deleted') {
    delivery.fail(streamDeleted(streamOf(options)));
    return;
  }
  if (events === 'not-found') {
    const missing = new streams.ReadResp.StreamNotFound();
    missing.setStreamIdentifier(options.getStream()?.getStreamIdentifier());
    await delivery.send(new streams.ReadResp().setStreamNotFound(missing));
  } else {
    for (const event of events) if (!(await delivery.sendEvent(event))) return;
  }
  delivery.end();
}

/** The events that a read asks for. */
export function readEvents(
  log: WireLog,
  options: streams.ReadReq.Options,
): Iterable<WireEvent> | 'not-found' | 'deleted' | 'from-end' {
  const direction =
    options.getReadDirection() === streams.ReadReq.Options.ReadDirection.FORWARDS
      ? 'forwards'
      : 'backwards';
  const maxCount = Number(options.getCount());
  const stream = options.getStream();
  if (stream === undefined) {
    const from = startOf(options.getAll());
    const filter = filterOf(options);
    return log.readAll({ from, direction, maxCount, ...filter });
  }
  const from = stream.hasRevision()
    ? BigInt(stream.getRevision())
    : stream.hasEnd()
      ? 'end'
      : 'start';
  // A server has nothing behind the end, and says so with an error.
  if (from === 'end' && direction === 'forwards') return 'from-end';
  return log.readStream(streamOf(options), { from, direction, maxCount });
}
