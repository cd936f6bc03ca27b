import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { performance } from 'node:perf_hooks';
import type { ServiceParts } from '../api-module.js';

/**
 * Measures every request until its answer has ended, and runs it within a span when tracing is on.
 */
export function observeRequests(
  adapter: FastifyAdapter,
  { metrics, tracing }: Pick<ServiceParts, 'metrics' | 'tracing'>,
): void {
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
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, headers } = request;
    void tracing.request({ method, route: request.routeOptions.url ?? 'none', headers }, (note) => {
      const answered = new Promise<void>((resolve) => {
        reply.raw.once('close', () => {
          note({ 'http.response.status_code': reply.statusCode });
          resolve();
        });
      });
      // The rest of the request runs within the span, also once the body has come: Fastify keeps
      // its context.
      done();
      return answered;
    });
  });
}
