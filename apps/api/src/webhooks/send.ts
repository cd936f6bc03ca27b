import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import {
  problemOfUrl,
  type AllowedTargets,
  type DeliveryProblem,
} from '@penalty-ledger/application/webhooks';
import { guardedLookup, TargetRefusedError } from './guarded-lookup.js';

/** The result of one attempt. */
export type Attempt =
  | { readonly delivered: true }
  | {
      readonly delivered: false;
      readonly problem: DeliveryProblem;
      /** The receiver asks to be sent nothing any more (410). */
      readonly gone: boolean;
      /** The receiver asks to be left alone for so long (`Retry-After`, in seconds only). */
      readonly retryAfterMs?: number;
    };

/** The request of one attempt. */
export interface Outgoing {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From the name's resolution to the end of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * The bytes of an answer that are read before the connection is closed; only its status matters.
 */
const answerByteLimit = 65_536;

/**
 * Sends one message and looks at the status: 2xx is delivered. A redirect is a failure, since it
 * would lead past the check of the target. Each attempt has a connection of its own, to an address
 * that was checked for it.
 */
export function send(
  { url, body, headers, timeoutMs, signal }: Outgoing,
  allowed: AllowedTargets,
): Promise<Attempt> {
  if (problemOfUrl(url, allowed) !== undefined)
    return Promise.resolve({ delivered: false, problem: 'target_refused', gone: false });
  const target = new URL(url);
  const timeout = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const fail = (error: unknown): void =>
      resolve({ delivered: false, problem: problemOf(error, timeout), gone: false });
    const sending = (target.protocol === 'https:' ? requestTls : requestPlain)(target, {
      method: 'POST',
      agent: false,
      lookup: guardedLookup(target, allowed),
      signal: AbortSignal.any([timeout, signal]),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'penalty-ledger-webhooks',
      },
    });
    sending.on('error', fail);
    sending.on('response', (answer) => {
      let bytes = 0;
      const finish = (): void =>
        resolve(attemptOf(answer.statusCode ?? 0, answer.headers['retry-after']));
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= answerByteLimit) return;
        finish();
        sending.destroy();
      });
      answer.on('end', finish);
      answer.on('error', fail);
    });
    sending.end(body);
  });
}

function attemptOf(status: number, retryAfter: string | undefined): Attempt {
  if (status >= 200 && status < 300) return { delivered: true };
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  return {
    delivered: false,
    problem: problemOfStatus(status),
    gone: status === 410,
    ...(seconds !== undefined && { retryAfterMs: seconds * 1_000 }),
  };
}

function problemOfStatus(status: number): DeliveryProblem {
  if (status === 410) return 'gone';
  if (status < 400) return 'redirect';
  return status < 500 ? 'client_error' : 'server_error';
}

/** The codes of Node and OpenSSL for a peer without TLS, or without a trusted certificate. */
const tlsCodes = /CERT|^ERR_(?:SSL|TLS)_|^UNABLE_TO_|^EPROTO$/;

function problemOf(error: unknown, timeout: AbortSignal): DeliveryProblem {
  if (timeout.aborted) return 'timeout';
  if (error instanceof TargetRefusedError) return 'target_refused';
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && tlsCodes.test(code) ? 'tls' : 'unreachable';
}
