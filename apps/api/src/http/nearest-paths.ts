import { nearestOf } from '@penalty-ledger/application/nearest-ids';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from './http-types.js';
import { ApiProblem } from './problems/api-problem.js';

/** A longer path is hardly a slip of the finger. */
const maxCompared = 100;

/**
 * Refuses an unknown path before a body is read. A sender who signed in before is told the paths
 * that look most like it; to all others the refusal costs no comparison.
 *
 * @param isKnown says whether a request's sender signed in before
 */
export function refuseUnknownPaths(
  adapter: FastifyAdapter,
  isKnown: (request: FastifyRequest) => boolean,
): void {
  const fastify = adapter.getInstance();
  const known = new Set<string>();
  fastify.addHook('onRoute', ({ url }) => {
    if (!url.includes('*')) known.add(url);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) done();
    else if (!isKnown(request)) done(new ApiProblem('not_found'));
    else done(noSuchPath(nearestPaths(request.url, known)));
  });
}

/** The refusal of an unknown path, with the nearest where there are any. */
export function noSuchPath(near: readonly string[]): ApiProblem {
  if (near.length === 0) return new ApiProblem('not_found');
  const paths = near.map((path) => `"${path}"`);
  return new ApiProblem('not_found', {
    en: `there is no such path; did you mean ${paths.join(' or ')}?`,
    zh: `没有此路径；是否指 ${paths.join('、')}？`,
  });
}

/**
 * The known paths that are nearest to the one that was asked for.
 *
 * @param known their parameters, such as `:agencyId`, stand for any text
 */
export function nearestPaths(url: string, known: Iterable<string>): readonly string[] {
  const [asked = ''] = url.split('?');
  if (asked.length > maxCompared) return [];
  const parts = asked.split('/');
  const alike = new Set<string>();
  for (const path of known) {
    const segments = path.split('/');
    if (segments.length !== parts.length) continue;
    alike.add(
      segments.map((segment, at) => (segment.startsWith(':') ? parts[at] : segment)).join('/'),
    );
  }
  return nearestOf(
    asked,
    [...alike].map((id) => ({ id })),
  ).map(({ id }) => id);
}
