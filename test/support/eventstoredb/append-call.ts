import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { refusal } from './admission.js';
import { performAppend, type AppendReply } from './appending.js';
import { accessDenied, maximumAppendSize, serverTimeout, streamDeleted } from './errors.js';
import type { NodeState } from './node-state.js';
import { shared, streams } from './protocol.js';
import type { ExpectedRevision, ProposedEvent } from './wire-event.js';

type Call = ServerReadableStream<streams.AppendReq, streams.AppendResp>;
type Answer = sendUnaryData<streams.AppendResp>;

/** The older append: one call an append, options first and then an event a message. */
export function appendCall(node: NodeState): (call: Call, answer: Answer) => void {
  return (call, answer) => {
    const refused = refusal(node, 'append', call);
    if (refused !== undefined) {
      answer(refused);
      return;
    }
    let options: streams.AppendReq.Options | undefined;
    const events: ProposedEvent[] = [];
    call.on('data', (message: streams.AppendReq) => {
      options ??= message.getOptions();
      const proposed = message.getProposedMessage();
      if (proposed !== undefined) events.push(proposalOf(proposed));
    });
    call.on('error', () => undefined);
    call.on('end', () => {
      if (options === undefined || call.cancelled) return;
      const stream = streamNameOf(options.getStreamIdentifier());
      const expected = expectedOf(options);
      const reply = performAppend(node, call, { stream, expected, events });
      if (reply instanceof Promise) void reply.then((late) => send(late, stream, expected, answer));
      else send(reply, stream, expected, answer);
    });
  };
}

function send(
  reply: AppendReply,
  stream: string,
  expected: ExpectedRevision,
  answer: Answer,
): void {
  if (reply === 'silence') return;
  switch (reply.kind) {
    case 'appended':
    case 'repeated': {
      answer(null, success(reply));
      return;
    }
    case 'wrong-expected-version': {
      answer(null, wrongExpectedVersion(reply.current, expected));
      return;
    }
    case 'stream-deleted': {
      answer(streamDeleted(stream));
      return;
    }
    case 'too-large': {
      answer(maximumAppendSize(reply.limitBytes));
      return;
    }
    case 'timeout': {
      answer(serverTimeout());
      return;
    }
    case 'access-denied': {
      answer(accessDenied());
      return;
    }
    case 'failure': {
      answer(reply.failure);
      return;
    }
  }
}

function success(
  reply: Extract<AppendReply, { kind: 'appended' | 'repeated' }>,
): streams.AppendResp {
  const done = new streams.AppendResp.Success();
  if (reply.currentRevision < 0n) done.setNoStream(new shared.Empty());
  else done.setCurrentRevision(reply.currentRevision.toString());
  if (reply.position !== undefined) {
    const position = new streams.AppendResp.Position();
    position.setCommitPosition(reply.position.commit.toString());
    position.setPreparePosition(reply.position.prepare.toString());
    done.setPosition(position);
  } else {
    done.setNoPosition(new shared.Empty());
  }
  return new streams.AppendResp().setSuccess(done);
}

function wrongExpectedVersion(
  current: bigint | undefined,
  expected: ExpectedRevision,
): streams.AppendResp {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (current === undefined) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(current.toString());
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(expected.toString());
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
}

/** The revision a request expects; the options of append, delete and tombstone say it alike. */
export function expectedOf(
  options: Pick<
    streams.AppendReq.Options,
    'hasNoStream' | 'hasStreamExists' | 'hasRevision' | 'getRevision'
  >,
): ExpectedRevision {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasRevision() ? BigInt(options.getRevision()) : 'any';
}

/** The event of a message; append and batch append carry it alike. */
export function proposalOf(
  message: Pick<
    streams.AppendReq.ProposedMessage,
    'getId' | 'getMetadataMap' | 'getData_asU8' | 'getCustomMetadata_asU8'
  >,
): ProposedEvent {
  const metadata = message.getMetadataMap();
  return {
    id: message.getId()?.getString() ?? '',
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? 'application/octet-stream',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** A stream's name from its bytes. */
export function streamNameOf(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}
