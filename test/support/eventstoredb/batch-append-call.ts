import type { ServerDuplexStream } from '@grpc/grpc-js';
import { refusal } from './admission.js';
import { proposalOf, streamNameOf } from './append-call.js';
import { performAppend, type AppendReply } from './appending.js';
import type { NodeState } from './node-state.js';
import { protobufAny, protobufEmpty, rpcCode, rpcStatus, shared, streams } from './protocol.js';
import type { ExpectedRevision, ProposedEvent } from './wire-event.js';

type Call = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface Batch {
  readonly options: streams.BatchAppendReq.Options;
  readonly events: ProposedEvent[];
}

/**
 * The batch protocol: one call a connection with many appends, each answered under its correlation
 * id.
 */
export function batchAppendCall(node: NodeState): (call: Call) => void {
  return (call) => {
    const refused = refusal(node, 'batch-append', call);
    if (refused !== undefined) return void call.emit('error', refused);
    const batches = new Map<string, Batch>();
    call.on('data', (message: streams.BatchAppendReq) => {
      const id = message.getCorrelationId()?.getString() ?? '';
      const options = message.getOptions();
      if (options !== undefined) batches.set(id, { options, events: [] });
      const batch = batches.get(id);
      if (batch === undefined) return;
      batch.events.push(...message.getProposedMessagesList().map(proposalOf));
      if (!message.getIsFinal()) return;
      batches.delete(id);
      perform(node, call, id, batch);
    });
    call.on('error', () => undefined);
    call.on('end', () => call.end());
  };
}

function perform(
  node: NodeState,
  call: Call,
  correlationId: string,
  { options, events }: Batch,
): void {
  const stream = streamNameOf(options.getStreamIdentifier());
  const expected = expectedOf(options);
  const deadline = options.getDeadline();
  const reply = performAppend(node, call, {
    stream,
    expected,
    events,
    ...(deadline === undefined ? {} : { deadlineMs: deadline.toDate().getTime() }),
  });
  const send = (answer: AppendReply) => {
    if (answer === 'silence' || call.cancelled || call.destroyed) return;
    if (answer.kind === 'failure') return void call.emit('error', answer.failure);
    const message = messageOf(answer, expected);
    message.setCorrelationId(structured(correlationId));
    message.setStreamIdentifier(
      new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8')),
    );
    call.write(message);
  };
  if (reply instanceof Promise) void reply.then(send);
  else send(reply);
}

/** A UUID as two numbers, which is how a server writes it unless it is asked for text. */
function structured(uuid: string): shared.UUID {
  const hex = uuid.replaceAll('-', '');
  const half = (from: number): string =>
    String(BigInt.asIntN(64, BigInt(`0x${hex.slice(from, from + 16)}`)));
  const bits = new shared.UUID.Structured()
    .setMostSignificantBits(half(0))
    .setLeastSignificantBits(half(16));
  return new shared.UUID().setStructured(bits);
}

type Answer = Exclude<AppendReply, 'silence' | { kind: 'failure' }>;

function messageOf(answer: Answer, expected: ExpectedRevision): streams.BatchAppendResp {
  const message = new streams.BatchAppendResp();
  switch (answer.kind) {
    case 'appended':
    case 'repeated':
      return message.setSuccess(success(answer));
    case 'wrong-expected-version':
      return message.setError(
        refused(
          // As the servers have it: not FAILED_PRECONDITION, which the older call answers with.
          rpcCode.Code.ALREADY_EXISTS,
          'WrongExpectedVersion',
          wrongVersion(answer.current, expected),
        ),
      );
    case 'stream-deleted':
      return message.setError(
        refused(rpcCode.Code.FAILED_PRECONDITION, 'StreamDeleted', new shared.StreamDeleted()),
      );
    case 'too-large':
      return message.setError(
        refused(
          rpcCode.Code.INVALID_ARGUMENT,
          'MaximumAppendSizeExceeded',
          new shared.MaximumAppendSizeExceeded().setMaxappendsize(answer.limitBytes),
        ),
      );
    case 'timeout':
      return message.setError(
        refused(rpcCode.Code.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout()),
      );
    case 'access-denied':
      return message.setError(
        refused(rpcCode.Code.PERMISSION_DENIED, 'AccessDenied', new shared.AccessDenied()),
      );
  }
}

function success(
  answer: Extract<Answer, { kind: 'appended' | 'repeated' }>,
): streams.BatchAppendResp.Success {
  const done = new streams.BatchAppendResp.Success();
  if (answer.currentRevision < 0n) done.setNoStream(new protobufEmpty.Empty());
  else done.setCurrentRevision(answer.currentRevision.toString());
  if (answer.position === undefined) return done.setNoPosition(new protobufEmpty.Empty());
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(answer.position.commit.toString());
  position.setPreparePosition(answer.position.prepare.toString());
  return done.setPosition(position);
}

function wrongVersion(
  current: bigint | undefined,
  expected: ExpectedRevision,
): shared.WrongExpectedVersion {
  const wrong = new shared.WrongExpectedVersion();
  if (current === undefined) wrong.setCurrentNoStream(new protobufEmpty.Empty());
  else wrong.setCurrentStreamRevision(current.toString());
  if (expected === 'any') wrong.setExpectedAny(new protobufEmpty.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new protobufEmpty.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new protobufEmpty.Empty());
  else wrong.setExpectedStreamPosition(expected.toString());
  return wrong;
}

function refused(
  code: rpcCode.Code,
  name: string,
  details: { serializeBinary(): Uint8Array },
): rpcStatus.Status {
  const any = new protobufAny.Any();
  any.pack(details.serializeBinary(), `event_store.client.${name}`);
  return new rpcStatus.Status().setCode(code).setMessage(name).setDetails(any);
}

function expectedOf(options: streams.BatchAppendReq.Options): ExpectedRevision {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasStreamPosition() ? BigInt(options.getStreamPosition()) : 'any';
}
