import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from '../http-types.js';
import { ApiKeyError } from '@penalty-ledger/application/api-keys';
import { PendingActError } from '@penalty-ledger/application/four-eyes';
import { WebhookError } from '@penalty-ledger/application/webhooks';
import { bearerChallenge } from '../credentials.js';
import { ApiProblem } from './api-problem.js';
import { languageFor } from '../varying.js';
import { problemDocument, problemMediaType, type ProblemCode } from './problem-document.js';

/** The refusals of the framework itself, by their status. */
const byStatus: Readonly<Partial<Record<number, ProblemCode>>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  431: 'headers_too_large',
  503: 'unavailable',
};

/** By the stable `code` of an operating error. */
const byCode: Readonly<Partial<Record<string, ProblemCode>>> = {
  integrity: 'integrity',
  ledger_stopped: 'unavailable',
  lease_lost: 'not_the_writer',
  // Of a node that only reads, or whose key file is to be restored.
  keys_locked: 'not_ready',
  keys_of_another_ledger: 'not_ready',
  signing_key_lost: 'not_ready',
  store_locked: 'not_the_writer',
  store_unavailable: 'unavailable',
  store_closed: 'unavailable',
  access_log_busy: 'unavailable',
  access_log_stopped: 'unavailable',
  access_log_damaged: 'integrity',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
};

/** Seconds after which a busy or closing service is worth another try. */
const retryAfterSeconds = 2;

/** Completes a refusal with what its sender may want to know besides. */
export interface Offers {
  /** Says whether there may be something to add. */
  mayOffer(error: unknown, request: FastifyRequest): error is ApiProblem;
  completed(problem: ApiProblem, request: FastifyRequest): Promise<ApiProblem>;
}

/**
 * Answers everything that was thrown with problem details (RFC 9457). An unforeseen error is
 * answered as `internal`: the log has it with the request's id, and the answer reveals nothing of
 * it.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly offers: Offers) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (!this.offers.mayOffer(error, request)) {
      sendProblem(error, request, reply);
      return;
    }
    this.offers.completed(error, request).then(
      (completed) => sendProblem(completed, request, reply),
      (cause: unknown) => {
        request.log.warn({ cause: causeOf(cause) }, 'no nearest ids are offered');
        sendProblem(error, request, reply);
      },
    );
  }
}

/** Writes the answer to a failed request, in the language it asks for. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return;
  const problem = problemOf(error);
  const { errors, retryAfter, members } = problem.extras;
  const document = problemDocument(problem.code, languageFor(request, reply), {
    ...(problem.detail !== undefined && { detail: problem.detail }),
    ...(errors !== undefined && { errors }),
    requestId: request.id,
  });
  if (document.status >= 500 && !(error instanceof ApiProblem)) {
    request.log.error({ code: document.code, cause: causeOf(error) }, 'request failed');
  }
  // A route that takes more than tokens has said so already.
  if (document.status === 401 && !reply.hasHeader('www-authenticate'))
    void reply.header('www-authenticate', bearerChallenge);
  const wait = retryAfter ?? (document.status === 503 ? retryAfterSeconds : undefined);
  if (wait !== undefined) void reply.header('retry-after', String(wait));
  void reply
    .status(document.status)
    .header('content-type', `${problemMediaType}; charset=utf-8`)
    .header('cache-control', 'no-store')
    // Unchecked: what answers an error must not fail itself.
    .send(JSON.stringify({ ...document, ...members }));
}

/** The text that the log has of an error that was not foreseen. */
function causeOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : 'not an error';
}

const badAddress = {
  en:
    'the address is not well encoded: "%" must begin two hexadecimal digits, ' +
    'and they must decode to UTF-8',
  zh: '请求地址编码有误：“%”后须为两位十六进制数，且解码后须为 UTF-8',
};

/** The problem that an error is answered as. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (
    error instanceof ApiKeyError ||
    error instanceof PendingActError ||
    error instanceof WebhookError
  )
    return new ApiProblem(error.code, error.inBoth);
  const code = codeOf(error);
  if (code === 'FST_ERR_BAD_URL') return new ApiProblem('invalid', badAddress);
  const known = byCode[code];
  if (known !== undefined) return new ApiProblem(known);
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  const ofStatus = status === undefined ? undefined : byStatus[status];
  if (ofStatus === 'invalid')
    return new ApiProblem('invalid', {
      en: 'the request does not follow HTTP (RFC 9112)',
      zh: '请求不符合 HTTP 规范（RFC 9112）',
    });
  return new ApiProblem(
    ofStatus ?? (status !== undefined && status < 500 ? 'invalid' : 'internal'),
  );
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Fastify's own refusals carry a status. */
function statusOf(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
