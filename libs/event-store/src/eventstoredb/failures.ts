import { StoreUnavailableError } from '../errors.js';
import type { Redact } from './hide-secrets.js';

/**
 * The outcome of a failed call to the engine:
 *
 * - `conflict`: it refused the expected revision, and stored nothing
 * - `not_found`, `deleted`: the stream does not exist, or is tombstoned
 * - `denied`: the user may not
 * - `too_large`: it takes smaller appends than this one
 * - `refused`: it or the client found the call wrong
 * - `fenced`: this process may not append any more, and nothing was sent
 * - `unknown`: an append may or may not be stored; a read can be tried again
 */
export type FailureKind =
  'conflict' | 'not_found' | 'deleted' | 'denied' | 'too_large' | 'refused' | 'fenced' | 'unknown';

/** A call to the engine that failed; the message holds no secret. */
export class EngineFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
    this.name = 'EngineFailure';
  }
}

/**
 * The client's errors by `type`, their only stable mark: on the batch path message and code are
 * empty.
 */
const kinds: Readonly<Record<string, FailureKind>> = {
  'wrong-expected-version': 'conflict',
  'stream-not-found': 'not_found',
  'no-stream': 'not_found',
  'stream-deleted': 'deleted',
  'access-denied': 'denied',
  'maximum-append-size-exceeded': 'too_large',
  'invalid-argument': 'refused',
  'missing-required-metadata-property': 'refused',
  unsupported: 'refused',
};

/**
 * The meaning of a thrown value. Everything but a known refusal leaves the outcome open: a
 * deadline, a lost connection, a new leader, an error of the transport.
 */
export function engineFailureOf(error: unknown, redact: Redact): EngineFailure {
  if (error instanceof EngineFailure) return error;
  const { type, message, maxAppendSize } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as {
    type?: unknown;
    message?: unknown;
    maxAppendSize?: unknown;
  };
  const name = typeof type === 'string' ? type : 'error';
  const limit = typeof maxAppendSize === 'number' ? `, limit ${maxAppendSize} bytes` : '';
  const text = typeof message === 'string' && message !== '' ? `: ${message}` : '';
  return new EngineFailure(kinds[name] ?? 'unknown', redact(`${name}${limit}${text}`));
}

/** The port's error for a call that failed for good. */
export function unavailable(what: string, failure: EngineFailure): StoreUnavailableError {
  return new StoreUnavailableError(`${what}: ${failure.message}${adviceOn(failure.kind)}`, {
    cause: failure,
    hint: hintOf(failure.kind),
  });
}

function hintOf(kind: FailureKind): string {
  switch (kind) {
    case 'unknown':
      return (
        'check that the engine is running and can be reached from here; ' +
        'then run the same again, which records nothing twice'
      );
    case 'fenced':
      return 'another node may take the commands now: send the same again, there or here';
    default:
      return 'docs/operations.md has the settings and rights that the engine needs';
  }
}

/** Says whether a call failed because the engine gave no answer, and not because of the request. */
export function isOutage(
  error: unknown,
): error is StoreUnavailableError & { readonly cause: EngineFailure } {
  return (
    error instanceof StoreUnavailableError &&
    error.cause instanceof EngineFailure &&
    error.cause.kind === 'unknown'
  );
}

function adviceOn(kind: FailureKind): string {
  switch (kind) {
    case 'denied':
      return (
        '. Check user and password, and that the user may read $all ' +
        'and write the ledger’s streams (docs/operations.md)'
      );
    case 'too_large':
      return '. Raise MaxAppendSize of the engine to 1,048,576 bytes or more';
    default:
      return '';
  }
}
