import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from './http-types.js';

/**
 * Takes the length off an answer to HEAD that says nothing changed. Fastify would state 0 there,
 * which RFC 9110 §8.6 permits only if the answer to GET had no body either.
 */
export function stateNoLengthOfUnchanged(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') return;
    const strip = (
      _request: unknown,
      reply: FastifyReply,
      payload: unknown,
      done: (error: null, payload: unknown) => void,
    ): void => {
      if (reply.statusCode === 304) void reply.removeHeader('content-length');
      done(null, payload);
    };
    // Behind Fastify's own, which states it.
    route.onSend = [...[route.onSend ?? []].flat(), strip];
  });
}
