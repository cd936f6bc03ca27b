import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import type { FastifyRequest } from './http-types.js';
import type { Watching } from './served-ledger.js';

/** Measures every request until its answer has ended, and runs it within a span when spans go anywhere. */
export function observeRequests(adapter: FastifyAdapter, { metrics, tracing }: Watching): void {
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      metrics.answered({
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        seconds: (performance.now() - startedAt) / 1_000,
      });
    });
    done();
  });
  if (!tracing.isOn) return;
  const spans = new WeakMap<FastifyRequest, AsyncResource>();
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, headers } = request;
    void tracing.request({ method, route: request.routeOptions.url ?? 'none', headers }, (note) => {
      spans.set(request, new AsyncResource('request'));
      const answered = new Promise<void>((resolve) => {
        reply.raw.once('close', () => {
          note({ 'http.response.status_code': reply.statusCode });
          resolve();
        });
      });
      done();
      return answered;
    });
  });
  // A body arrives by the socket's events, which know nothing of the span: what comes after it is called within it again.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.runInAsyncScope(done);
  });
}
