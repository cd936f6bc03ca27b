import { inEach, sameInBoth, SpokenError, type InBoth } from '@penalty-ledger/ledger';
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
export class EngineFailure extends SpokenError {
  declare readonly inBoth: InBoth;

  constructor(
    readonly kind: FailureKind,
    text: InBoth,
  ) {
    super(text);
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
  const limit: InBoth =
    typeof maxAppendSize === 'number'
      ? { en: `, limit ${maxAppendSize} bytes`, zh: `，上限 ${maxAppendSize} 字节` }
      : sameInBoth('');
  // What the client says, which is English.
  const text = typeof message === 'string' && message !== '' ? `: ${message}` : '';
  const all = inEach(limit, (half) => redact(`${name}${half}${text}`));
  return new EngineFailure(kinds[name] ?? 'unknown', all);
}

/** The port's error for a call that failed for good. */
export function unavailable(what: InBoth, failure: EngineFailure): StoreUnavailableError {
  const { kind, inBoth } = failure;
  const advice = adviceOn(kind);
  return new StoreUnavailableError(
    {
      en: `${what.en}: ${inBoth.en}${advice.en}`,
      zh: `${what.zh}：${inBoth.zh}${advice.zh}`,
    },
    { cause: failure, hint: hintOf(kind) },
  );
}

/** The call that fails where a stream of the engine cannot be read. */
export function unreadable(name: string): InBoth {
  return { en: `"${name}" cannot be read`, zh: `无法读取 "${name}"` };
}

function hintOf(kind: FailureKind): InBoth {
  switch (kind) {
    case 'unknown':
      return {
        en:
          'check that the engine is running and can be reached from here; ' +
          'then run the same again, which records nothing twice',
        zh: '请检查存储引擎正在运行且可从此处访问；然后重新运行，不会重复记录',
      };
    case 'fenced':
      return {
        en: 'another node may take the commands now: send the same again, there or here',
        zh: '指令现在可能由另一个节点接收：请在该节点或此处再次发送',
      };
    default:
      return {
        en: 'docs/operations.md has the settings and rights that the engine needs',
        zh: 'docs/operations.md 列有存储引擎所需的设置和权限',
      };
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

function adviceOn(kind: FailureKind): InBoth {
  switch (kind) {
    case 'denied':
      return {
        en:
          '. Check user and password, and that the user may read $all ' +
          'and write the ledger’s streams (docs/operations.md)',
        zh: '。请检查用户名和密码，以及该用户可读取 $all 并写入账本的流（docs/operations.md）',
      };
    case 'too_large':
      return {
        en: '. Raise MaxAppendSize of the engine to 1,048,576 bytes or more',
        zh: '。请将存储引擎的 MaxAppendSize 提高到 1,048,576 字节或更多',
      };
    default:
      return sameInBoth('');
  }
}
