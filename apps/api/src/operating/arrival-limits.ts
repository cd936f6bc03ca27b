import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fileMediaType, filesPath } from '../evidence-files/file-media-type.js';
import { importPath, linesMediaTypes } from '../imports/import-controller.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { defaultLanguage, languageOf } from '../http/language.js';
import type { Settings } from './settings.js';
import {
  problemDocument,
  problemMediaType,
  type ProblemCode,
} from '../http/problems/problem-document.js';

/** The longest silence on a connection: an import goes on as long as it sends something. */
const idleMs = 120_000;

/**
 * Fastify's options for how long a sender may take. Node looks for late senders from time to time:
 * here five times within the time they have.
 */
export function arrivalOptions(requestSeconds: number, tls: object | undefined): object {
  // Node's own answer to a request without a host has no body; `requireHost` says more.
  const node = { connectionsCheckingInterval: requestSeconds * 200, requireHostHeader: false };
  return {
    connectionTimeout: idleMs,
    // Of a whole request: an import may take as long as it likes.
    requestTimeout: 0,
    keepAliveTimeout: 72_000,
    ...(tls === undefined ? { http: node } : { https: { ...node, ...tls } }),
    clientErrorHandler: answerClientError,
  };
}

/**
 * Gives a request's headers, and then a command's body, each `requestSeconds` to arrive; after that
 * the answer is 408, and the connection ends. A sender of one byte now and then could otherwise
 * hold a connection for ever. A body of a type that no route reads is refused before it is read.
 */
export function limitArrival(adapter: FastifyAdapter, requestSeconds: number): void {
  const lateMs = requestSeconds * 1_000;
  adapter.getHttpServer().headersTimeout = lateMs;
  adapter.getInstance().addHook('preParsing', (request, reply, payload, done) => {
    if (!hasBody(request.headers)) {
      done(null, payload);
      return;
    }
    const [sent = '', ...parameters] = (request.headers['content-type'] ?? '').split(';');
    const type = sent.trim().toLowerCase();
    if (!isPlain(request.headers['content-encoding'], parameters)) {
      done(new ApiProblem('unsupported_media_type', wrongCoding));
      return;
    }
    if (isStream(type, request.routeOptions.url)) {
      done(null, payload);
      return;
    }
    if (type !== jsonMediaType) {
      done(new ApiProblem('unsupported_media_type', wrongType));
      return;
    }
    const late = setTimeout(() => {
      void reply.header('connection', 'close');
      // Destroying it would take the connection, and with it the answer.
      payload.emit('error', Object.assign(new ApiProblem('request_timeout'), { statusCode: 408 }));
    }, lateMs);
    const arrived = (): void => clearTimeout(late);
    payload.once('end', arrived);
    reply.raw.once('close', arrived);
    done(null, payload);
  });
}

/** Says whether a body is read as it comes: it may take as long as it goes on coming. */
function isStream(type: string, path: string | undefined): boolean {
  if (path === importPath) return linesMediaTypes.includes(type);
  return path === filesPath && type === fileMediaType;
}

/** The connections that may be open: of one address, by the /64 with IPv6, and of all. */
export interface MaxConnections {
  readonly all: number;
  /** `undefined` behind a proxy, from whose address all of them come. */
  readonly ofOneAddress: number | undefined;
}

/**
 * The connections that a service takes. One address has a quarter, as one sender has of the queues:
 * as many requests as may wait at arrival, and as many as may wait to be decided.
 */
export function maxConnections({ trustProxy }: Pick<Settings, 'trustProxy'>): MaxConnections {
  return { all: 8_192, ofOneAddress: trustProxy === undefined ? 2_048 : undefined };
}

/**
 * Ends connections beyond the limits as they come. Each takes a file of the process, which the
 * ledger's own files need as well, and may be idle for 72 seconds.
 */
export function limitConnections(
  adapter: FastifyAdapter,
  { all, ofOneAddress }: MaxConnections,
): void {
  const server = adapter.getHttpServer();
  server.maxConnections = all;
  if (ofOneAddress === undefined) return;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = normalizeIP(socket.remoteAddress ?? '');
    const count = (open.get(address) ?? 0) + 1;
    if (count > ofOneAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

/** The requests of one connection without an answer. Clients that send them so send a few. */
export const maxUnansweredOfOne = 8;

/**
 * Ends a connection that sends requests without waiting for answers. Node reads hundreds of them in
 * one step of the event loop, and each would be looked at before anybody else's.
 */
export function limitPipelining(adapter: FastifyAdapter): void {
  const unanswered = new WeakMap<Socket, number>();
  adapter.getInstance().addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    const count = (unanswered.get(socket) ?? 0) + 1;
    if (socket.destroyed || count > maxUnansweredOfOne) {
      socket.destroy();
      return;
    }
    unanswered.set(socket, count);
    reply.raw.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    done();
  });
}

const noHost = {
  en: 'the request does not name its host, which HTTP/1.1 requires (RFC 9112 §3.2)',
  zh: '请求缺少 Host 头，HTTP/1.1 要求提供（RFC 9112 §3.2）',
};

/**
 * Refuses a request of HTTP/1.1 without a host, and one that expects something else than
 * `100-continue`, with problem documents. Node would answer both without a body.
 */
export function refuseUnclear(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onRequest', (request, _reply, done) => {
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      done(new ApiProblem('invalid', noHost));
    else done();
  });
  const server = adapter.getHttpServer();
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const language = languageOf(request.headers['accept-language']);
    const document = problemDocument('expectation_failed', language, { requestId: randomUUID() });
    const body = JSON.stringify(document);
    response
      .writeHead(document.status, {
        'content-type': `${problemMediaType}; charset=utf-8`,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        connection: 'close',
      })
      .end(body);
  });
}

/**
 * Asks a sender who waits for it (`Expect: 100-continue`, RFC 9110 §10.1.1) for the body, once it
 * is to be read. Node would ask before anything is known of the sender. One who is refused by the
 * headers sends none of it.
 */
export function askForBodies(adapter: FastifyAdapter): void {
  const server = adapter.getHttpServer();
  const waiting = new WeakSet<ServerResponse>();
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(response);
    server.emit('request', request, response);
  });
  adapter.getInstance().addHook('preParsing', (_request, reply, payload, done) => {
    if (waiting.delete(reply.raw)) reply.raw.writeContinue();
    done(null, payload);
  });
}

/** The time in which an unread body may still end, and its sender read the answer. */
const unreadMs = 1_000;

/** The longest unread body that is passed over, so that its connection can be used again. */
const maxUnreadBytes = 65_536;

/**
 * Ends the connection of a request that was answered before its body had arrived, unless the rest
 * is short and comes within a second. Node reads it to its end otherwise, however long and slow it
 * is: 256 KiB took a millisecond of the processor, half of it to collect what was read, and
 * another connection takes 0.4.
 */
export function endUnreadBodies(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', ({ headers, raw }, reply, done) => {
    // Node passes over what nobody began to read. What was begun, it reads to its high-water mark.
    if (isLong(headers)) raw.read(0);
    else if (hasBody(headers)) reply.raw.once('finish', () => endLate(raw));
    done();
  });
  fastify.addHook('onSend', ({ headers, raw }, reply, payload, done) => {
    if (isLong(headers) && raw.readableFlowing === null) {
      void reply.header('connection', 'close');
      closeSlowly(raw.socket);
    }
    done(null, payload);
  });
}

function isLong(headers: IncomingHttpHeaders): boolean {
  return hasBody(headers) && Number(headers['content-length'] ?? Infinity) > maxUnreadBytes;
}

function endLate(body: IncomingMessage): void {
  if (body.complete) return;
  const late = setTimeout(() => void body.socket.destroy(), unreadMs);
  const arrived = (): void => clearTimeout(late);
  body.once('end', arrived).once('close', arrived);
}

/**
 * Lets the connection stay open for a moment after its last answer. With bytes that nobody read it
 * is reset when it is closed, and its sender may lose the answer.
 */
function closeSlowly(socket: Socket): void {
  socket.destroySoon = () => {
    const late = setTimeout(() => void socket.destroy(), unreadMs);
    socket.once('close', () => clearTimeout(late));
    socket.end();
  };
}

const jsonMediaType = 'application/json';
const wrongType = {
  en: `send the body as ${jsonMediaType}`,
  zh: `请求体须以 ${jsonMediaType} 发送`,
};

const wrongCoding = {
  en: 'send the body in UTF-8, without a Content-Encoding',
  zh: '请求体须为 UTF-8，且不得使用 Content-Encoding',
};

/**
 * Says whether a body is UTF-8 without a content encoding. Another body would be misread, and the
 * ledger would record a text that was never sent.
 */
function isPlain(coding: string | undefined, parameters: readonly string[]): boolean {
  const charset =
    parameters.map((each) => /^charset="?([^"]*)"?$/i.exec(each.trim())?.[1]).find(Boolean) ??
    'utf-8';
  return /^utf-?8$/i.test(charset) && /^(?:identity)?$/i.test(coding?.trim() ?? '');
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

const byErrorCode: Readonly<Partial<Record<string, ProblemCode>>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/** Answers what never became a request: late, too long, or not HTTP. Its language is unknown. */
function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const code = byErrorCode[error.code ?? ''] ?? 'invalid';
  const document = problemDocument(code, defaultLanguage, { requestId: randomUUID() });
  const body = JSON.stringify(document);
  if (socket.writable) {
    const head = [
      `HTTP/1.1 ${document.status} ${document.title}`,
      `content-type: ${problemMediaType}; charset=utf-8`,
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}
