import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { meetFault, refusal } from './admission.js';
import { expectedOf, streamNameOf } from './append-call.js';
import { streamDeleted, wrongExpectedVersion, type Failure } from './errors.js';
import type { NodeState } from './node-state.js';
import { shared, streams } from './protocol.js';
import type { WirePosition } from './wire-event.js';

/** Soft delete. */
export function deleteCall(node: NodeState) {
  return (
    call: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
    answer: sendUnaryData<streams.DeleteResp>,
  ): void => {
    const done = perform(node, 'delete', call, call.request.getOptions());
    if (done === 'silence') return;
    if (done instanceof Error) {
      answer(done);
      return;
    }
    answer(
      null,
      new streams.DeleteResp().setPosition(placed(new streams.DeleteResp.Position(), done)),
    );
  };
}

/** Hard delete. */
export function tombstoneCall(node: NodeState) {
  return (
    call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
    answer: sendUnaryData<streams.TombstoneResp>,
  ): void => {
    const done = perform(node, 'tombstone', call, call.request.getOptions());
    if (done === 'silence') return;
    if (done instanceof Error) {
      answer(done);
      return;
    }
    answer(
      null,
      new streams.TombstoneResp().setPosition(placed(new streams.TombstoneResp.Position(), done)),
    );
  };
}

function perform(
  node: NodeState,
  method: 'delete' | 'tombstone',
  call: Parameters<typeof refusal>[2],
  options: streams.DeleteReq.Options | undefined,
): WirePosition | Failure | 'silence' {
  const refused = refusal(node, method, call) ?? meetFault(node, 'delete', call);
  if (refused !== undefined) return refused;
  const stream = streamNameOf(options?.getStreamIdentifier() ?? new shared.StreamIdentifier());
  const expected = options === undefined ? 'any' : expectedOf(options);
  const result =
    method === 'delete'
      ? node.log.deleteStream(stream, expected)
      : node.log.tombstone(stream, expected);
  if (result.kind === 'stream-deleted') return streamDeleted(stream);
  if (result.kind === 'appended' && result.position !== undefined) return result.position;
  // A server names −1 whatever the stream's revision is.
  return wrongExpectedVersion(stream, typeof expected === 'bigint' ? expected : -1n, -1n);
}

function placed<
  Message extends {
    setCommitPosition(value: string): unknown;
    setPreparePosition(value: string): unknown;
  },
>(message: Message, position: WirePosition): Message {
  message.setCommitPosition(position.commit.toString());
  message.setPreparePosition(position.prepare.toString());
  return message;
}
