import type { ExpectedRevision, Position } from '../../event-store.js';
import { empty, shared, streams, timestamp } from './protocol.js';
import type { WireEvent } from '../wire-event.js';

/** The start of a read of the log: a position, inclusive, or an end. */
export type LogPlace = { readonly position: Position } | 'start' | 'end';

export type Direction = 'forwards' | 'backwards';

/** One append of events, complete in one message. */
export interface Append {
  /** The engine's name of the stream. */
  readonly name: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly WireEvent[];
  /** The instant from which on the engine must not store it, by the engine's own clock. */
  readonly deadline: Date;
}

/** The engine's answer to an append. */
export interface AppendReply {
  /** The revision of the stream's last event. */
  readonly revision: number;
  /** Absent for some repetitions. */
  readonly position: Position | undefined;
}

const utf8 = new TextEncoder();

/**
 * An append as it is sent. Data are bytes: the client would write them as base64 first, which the
 * generated code reads letter by letter, twice (40 µs an event of 700 bytes).
 *
 * @param correlationId the id of the answer
 */
export function appendMessage(
  { name, expected, events, deadline }: Append,
  correlationId: string,
): streams.BatchAppendReq {
  const options = new streams.BatchAppendReq.Options();
  options
    .setStreamIdentifier(identifierOf(name))
    .setDeadline(timestamp.Timestamp.fromDate(deadline));
  if (expected === 'no_stream') options.setNoStream(new empty.Empty());
  else options.setStreamPosition(String(expected));
  const message = new streams.BatchAppendReq();
  message
    .setOptions(options)
    .setCorrelationId(new shared.UUID().setString(correlationId))
    .setIsFinal(true);
  for (const { id, type, data, metadata } of events) {
    const proposed = new streams.BatchAppendReq.ProposedMessage();
    proposed.setId(new shared.UUID().setString(id)).setData(utf8.encode(data));
    proposed.setCustomMetadata(utf8.encode(metadata));
    proposed.getMetadataMap().set('type', type).set('content-type', 'application/json');
    message.addProposedMessages(proposed);
  }
  return message;
}

export function appendReplyOf(success: streams.BatchAppendResp.Success): AppendReply {
  const position = success.getPosition();
  return {
    revision: numberOf(success.getCurrentRevision()),
    position: position && positionOf(position.getCommitPosition(), position.getPreparePosition()),
  };
}

/** A page of a stream. */
export function streamPageMessage(
  name: string,
  from: number | 'end',
  count: number,
  direction: Direction,
): streams.ReadReq {
  const stream = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(
    identifierOf(name),
  );
  if (from === 'end') stream.setEnd(new shared.Empty());
  else stream.setRevision(String(from));
  return pageMessage(new streams.ReadReq.Options().setStream(stream), count, direction);
}

/** A page of the whole log. */
export function logPageMessage(
  from: LogPlace,
  count: number,
  direction: Direction,
): streams.ReadReq {
  return pageMessage(new streams.ReadReq.Options().setAll(placeOf(from)), count, direction);
}

/** The next record of the log in streams whose names begin with a prefix. */
export function nextOfMessage(
  prefixes: readonly string[],
  from: LogPlace,
  direction: Direction,
): streams.ReadReq {
  const filter = filterOf(prefixes).setMax(searchWindow);
  return readMessage(
    directed(new streams.ReadReq.Options().setAll(placeOf(from)), 1, direction).setFilter(filter),
  );
}

/** Records that the server looks at in one go, before it looks at the next. */
const searchWindow = 1_000;

/** A subscription to what comes after a position in streams whose names begin with a prefix. */
export function subscriptionMessage(
  prefixes: readonly string[],
  after: Position | undefined,
): streams.ReadReq {
  const { Options } = streams.ReadReq;
  const filter = filterOf(prefixes).setCount(new shared.Empty());
  const all = placeOf(after === undefined ? 'start' : { position: after });
  const options = new Options().setAll(all).setSubscription(new Options.SubscriptionOptions());
  return readMessage(options.setFilter(filter.setCheckpointintervalmultiplier(checkpointInterval)));
}

/**
 * In units of 32 records that the server passed over. Its checkpoints are not used; this requests
 * few.
 */
const checkpointInterval = 100;

function filterOf(prefixes: readonly string[]): streams.ReadReq.Options.FilterOptions {
  const { FilterOptions } = streams.ReadReq.Options;
  const names = new FilterOptions.Expression().setPrefixList([...prefixes]);
  return new FilterOptions().setStreamIdentifier(names);
}

function placeOf(from: LogPlace): streams.ReadReq.Options.AllOptions {
  const all = new streams.ReadReq.Options.AllOptions();
  if (from === 'start') return all.setStart(new shared.Empty());
  if (from === 'end') return all.setEnd(new shared.Empty());
  const [commit = '', prepare = ''] = from.position.split('/');
  return all.setPosition(
    new streams.ReadReq.Options.Position().setCommitPosition(commit).setPreparePosition(prepare),
  );
}

function pageMessage(
  options: streams.ReadReq.Options,
  count: number,
  direction: Direction,
): streams.ReadReq {
  return readMessage(directed(options, count, direction).setNoFilter(new shared.Empty()));
}

function directed(
  options: streams.ReadReq.Options,
  count: number,
  direction: Direction,
): streams.ReadReq.Options {
  const { FORWARDS, BACKWARDS } = streams.ReadReq.Options.ReadDirection;
  return options
    .setReadDirection(direction === 'forwards' ? FORWARDS : BACKWARDS)
    .setCount(String(count));
}

function readMessage(options: streams.ReadReq.Options): streams.ReadReq {
  const asText = new streams.ReadReq.Options.UUIDOption().setString(new shared.Empty());
  return new streams.ReadReq().setOptions(options.setResolveLinks(false).setUuidOption(asText));
}

function identifierOf(name: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(utf8.encode(name));
}

/** The engine writes a UUID as text or as two signed numbers. */
export function uuidOf(uuid: shared.UUID | undefined): string {
  const bits = uuid?.getStructured();
  if (bits === undefined) return uuid?.getString() ?? '';
  return uuidOfHalves(bits.getMostSignificantBits(), bits.getLeastSignificantBits());
}

/** The text of a UUID given as its first and its last 64 bits, signed or not. */
export function uuidOfHalves(
  first: number | bigint | string,
  last: number | bigint | string,
): string {
  const hex = [first, last]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The one revision beyond what a number holds exactly is that of a tombstone. */
export function numberOf(revision: number | bigint | string): number {
  return Math.min(Number(revision), Number.MAX_SAFE_INTEGER);
}

type Offset = number | bigint | string;

export function positionOf(commit: Offset, prepare: Offset): Position {
  return `${commit}/${prepare}`;
}
