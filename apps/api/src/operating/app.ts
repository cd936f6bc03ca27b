import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TSchema } from '@sinclair/typebox';
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { ApiModule, type ServiceParts } from '../api-module.js';
import { fileMediaType } from '../evidence-files/file-media-type.js';
import { linesMediaTypes } from '../imports/import-controller.js';
import { assertBounded, assertReadAsWritten } from '../http/read-body.js';
import { Admission, holdRefusal } from '../guard/admission.js';
import type { KnownRequest, RouteAccess } from '../guard/rule.js';
import { serveDocs } from '../openapi/serve-docs.js';
import { serveTexts } from '../openapi/serve-texts.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { languageOf } from '../http/language.js';
import { ProblemFilter, sendProblem } from '../http/problems/problem-filter.js';
import { NearestRecords } from '../queries/nearest-records.js';
import type { Settings } from './settings.js';
import type { TlsFiles } from './tls-files.js';
import {
  arrivalOptions,
  askForBodies,
  endUnreadBodies,
  limitArrival,
  limitConnections,
  limitPipelining,
  maxConnections,
  refuseUnclear,
} from './arrival-limits.js';
import { countArrivals } from './arrival-quotas.js';
import { takeTurns } from './arrival-turns.js';
import { stateNoLengthOfUnchanged } from '../http/head-answers.js';
import { refuseUnknownPaths } from '../http/nearest-paths.js';
import { refuseOtherMethods } from '../http/other-methods.js';
import { serialiserOf } from '../http/serialiser.js';
import { observeRequests } from './observe-requests.js';
import { RequestLines, serviceLogger } from './request-log.js';
import { securityHeaders } from '../http/security-headers.js';

/** A command's body, at most: a rulebook is the largest. */
const maxBodyBytes = 262_144;

/** A body that anybody may send: the proof of a promotion has two texts of 8,192 characters. */
const maxPublicBodyBytes = 24_576;

/**
 * Fastify, with the limits of a service that strangers can reach. Routes, hooks and guards come
 * after.
 */
export function newAdapter(settings: Settings, tls?: TlsFiles): FastifyAdapter {
  return new FastifyAdapter({
    loggerInstance: serviceLogger(settings.logLevel),
    logController: new RequestLines(),
    genReqId: () => randomUUID(),
    bodyLimit: maxBodyBytes,
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: true },
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    // An address that cannot be read never reaches a route.
    frameworkErrors: sendProblem,
    // Fastify's own answer is not a problem document; refuseWhileClosing says the same as one.
    return503OnClosing: false,
    ...(settings.trustProxy !== undefined && { trustProxy: settings.trustProxy.split(',') }),
    ...arrivalOptions(settings.requestSeconds, tls?.options),
  } as never);
}

/** Makes the application over an open ledger; it does not listen yet. */
export async function createApp(
  parts: ServiceParts,
  settings: Settings,
  tls?: TlsFiles,
): Promise<NestFastifyApplication> {
  const adapter = newAdapter(settings, tls);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.over(parts), adapter, {
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(app.get(NearestRecords)));
  const fastify = adapter.getInstance();
  fastify.setSerializerCompiler(({ schema }) => serialiserOf(schema as TSchema) as never);
  fastify.addHook('onRoute', (route) => {
    if ((route.config as RouteAccess | undefined)?.accessRule === 'public')
      route.bodyLimit = maxPublicBodyBytes;
  });
  stateNoLengthOfUnchanged(adapter);
  const refuseOthers = refuseOtherMethods(adapter);
  limitConnections(adapter, maxConnections(settings));
  limitPipelining(adapter);
  observeRequests(adapter, parts);
  limitArrival(adapter, settings.requestSeconds);
  askForBodies(adapter);
  readJson(app);
  for (const type of [...linesMediaTypes, fileMediaType]) {
    fastify.addContentTypeParser(
      type,
      (_request: unknown, payload: unknown, done: (error: null, body: unknown) => void) =>
        done(null, payload),
    );
  }
  const headers = securityHeaders(settings);
  fastify.addHook('onRequest', (_request, reply, done) => {
    for (const [name, value] of headers) reply.raw.setHeader(name, value);
    done();
  });
  refuseWhileClosing(adapter);
  endUnreadBodies(adapter);
  refuseUnclear(adapter);
  takeTurns(adapter, parts.senders);
  await countArrivals(adapter, settings);
  refuseUnknownPaths(adapter, ({ counted }: KnownRequest) => counted?.key !== undefined);
  const admission = new Admission(parts);
  fastify.addHook('onRequest', (request, reply) => admission.admit(request, reply));
  fastify.addHook('onRequest', async (request) => parts.trail.before(request));
  fastify.addHook('onSend', async (request, reply, payload) => {
    void reply.header('request-id', request.id);
    await parts.trail.note(request, reply.statusCode);
    await holdRefusal(request);
    return payload;
  });
  serveDocs(app);
  await serveTexts(app);
  await app.init();
  refuseOthers();
  return app;
}

const closing = { en: 'the service is closing', zh: '服务正在停止' };

/**
 * Refuses requests that still come over a busy connection after the service began to close, before
 * anything is done for them.
 */
function refuseWhileClosing(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  fastify.addHook('onRequest', (_request, _reply, done) => {
    if (isClosing) done(new ApiProblem('unavailable', closing));
    else done();
  });
}

const notUtf8 = { en: 'body: it is not UTF-8', zh: '请求体：不是 UTF-8' };
const empty = { en: 'body: it is empty; send a JSON object', zh: '请求体：为空，须为 JSON 对象' };
const notJson = {
  en: 'body: it is not JSON; check that all of it was sent',
  zh: '请求体：不是 JSON，请检查是否完整发送',
};
const forbiddenMember = {
  en: 'body: leave out the members "__proto__" and "constructor.prototype"',
  zh: '请求体：请删除成员 "__proto__" 和 "constructor.prototype"',
};

/**
 * Reads bodies as JSON in UTF-8 with one meaning. Other bytes would be read as U+FFFD, and a name
 * that was never sent would be recorded for ever. If a member occurs twice, the sender's meaning
 * cannot be known.
 */
function readJson(app: NestFastifyApplication): void {
  const parse = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser('application/json', { bodyLimit: maxBodyBytes }, (request, body, done) => {
    if (!isUtf8(body)) {
      done(new ApiProblem('invalid', notUtf8));
      return;
    }
    const text = body.toString();
    try {
      assertBounded(text);
    } catch (problem) {
      done(problem as ApiProblem);
      return;
    }
    void parse(request as never, text, (error: Error | null, value?: unknown) => {
      try {
        if (error !== null) throw unread(text);
        assertReadAsWritten(text, value, languageOf(request.headers['accept-language']));
        done(null, value);
      } catch (problem) {
        done(problem as ApiProblem);
      }
    });
  });
}

/** The problem of a body that the parser does not take. */
function unread(text: string): ApiProblem {
  if (text === '') return new ApiProblem('invalid', empty);
  try {
    JSON.parse(text);
    return new ApiProblem('invalid', forbiddenMember);
  } catch {
    return new ApiProblem('invalid', notJson);
  }
}
