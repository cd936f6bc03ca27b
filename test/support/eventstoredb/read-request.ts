import type { ServerWritableStream } from '@grpc/grpc-js';
import { streamNameOf } from './append-call.js';
import type { streams } from './protocol.js';
import type { WirePosition } from './wire-event.js';

/** A read or a subscription as it arrives. */
export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/** Returns the position at which a read of `$all` begins. */
export function startOf(
  all: streams.ReadReq.Options.AllOptions | undefined,
): WirePosition | 'start' | 'end' {
  const position = all?.getPosition();
  if (position === undefined) return all?.hasEnd() === true ? 'end' : 'start';
  return {
    commit: BigInt(position.getCommitPosition()),
    prepare: BigInt(position.getPreparePosition()),
  };
}

/** The stream that options name. */
export function streamOf(options: streams.ReadReq.Options): string {
  return streamNameOf(options.getStream()?.getStreamIdentifier());
}
