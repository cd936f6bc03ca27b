import { Metadata, status, type ServerErrorResponse } from '@grpc/grpc-js';

/** The address of a node. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

function failure(code: status, details: string, trailers: Readonly<Record<string, string>> = {}) {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return Object.assign(new Error(details), {
    code,
    details,
    metadata,
  }) satisfies ServerErrorResponse;
}

/**
 * A failed call as the server reports it: a code, and trailers from which the client makes its
 * error.
 */
export type Failure = ReturnType<typeof failure>;

/** The node is not the leader; the trailers name the leader if the node knows it. */
export const notLeader = (leader?: Endpoint): Failure =>
  failure(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    ...(leader !== undefined && {
      'leader-endpoint-host': leader.host,
      'leader-endpoint-port': String(leader.port),
    }),
  });

/** The node takes no requests just now. */
export const unavailable = (): Failure => failure(status.UNAVAILABLE, 'Server Is Not Ready');

/** The user may not do that. */
export const accessDenied = (): Failure =>
  failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

/** Credentials are missing or wrong. */
export const unauthenticated = (): Failure => failure(status.UNAUTHENTICATED, 'Unauthenticated');

/** A stream is read forwards from its end. */
export const readFromEnd = (): Failure => failure(status.UNKNOWN, 'Unexpected ReadStreamResult');

/** The stream has a tombstone. */
export const streamDeleted = (stream: string): Failure =>
  failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

/** A delete expected another revision. */
export const wrongExpectedVersion = (
  stream: string,
  expected: bigint,
  actual: bigint | undefined,
): Failure =>
  failure(
    status.FAILED_PRECONDITION,
    `Append failed due to WrongExpectedVersion. Stream: ${stream}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': expected.toString(),
      ...(actual === undefined ? {} : { 'actual-version': actual.toString() }),
    },
  );

/** More bytes in one append than the server takes. */
export const maximumAppendSize = (limitBytes: number): Failure =>
  failure(status.INVALID_ARGUMENT, `Maximum Append Size of ${limitBytes} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limitBytes),
  });

/** The server timed out: the request may or may not be stored. */
export const serverTimeout = (): Failure =>
  failure(status.DEADLINE_EXCEEDED, 'Operation timed out: CommitTimeout');

/** There is a user of that name already. */
export const userConflict = (login: string): Failure =>
  failure(status.ALREADY_EXISTS, `User '${login}' already exists.`, {
    exception: 'user-conflict',
    'login-name': login,
  });
