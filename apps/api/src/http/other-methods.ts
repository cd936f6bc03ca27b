import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { ApiProblem } from './problems/api-problem.js';

/**
 * Answers a known path with an unknown method with 405 and the methods it has (RFC 9110 §15.5.6). A
 * 404 would send a caller who mistook the method to look for another path.
 *
 * @returns a function to be called once every route is registered
 */
export function refuseOtherMethods(adapter: FastifyAdapter): () => void {
  const fastify = adapter.getInstance();
  const known = new Map<string, Set<string>>();
  fastify.addHook('onRoute', ({ url: path, method }) => {
    // The router takes both for one.
    const url = path.replace(/\/$/, '') || '/';
    const methods = known.get(url) ?? new Set<string>();
    for (const each of [method].flat()) methods.add(each);
    known.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...known]) {
      const others = fastify.supportedMethods.filter((method) => !methods.has(method));
      const allow = [...methods].sort().join(', ');
      const refused = { en: `send ${allow}`, zh: `请使用 ${allow}` };
      fastify.route({
        method: others,
        url,
        // Before a body is looked at: nothing in it could help.
        onRequest: (_request, reply, done) => {
          void reply.header('allow', allow);
          done(new ApiProblem('method_not_allowed', refused));
        },
        handler: () => undefined,
      });
    }
  };
}
