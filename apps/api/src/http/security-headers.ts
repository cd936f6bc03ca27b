import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from '../operating/settings.js';

/**
 * The headers every answer has, by name. They are put together once: nothing in them depends on a request, and doing it for each was a sixteenth of a
 * request's processor time.
 */
export function securityHeaders(settings: Pick<Settings, 'hasTls'>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const answer = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  helmet({ contentSecurityPolicy: { directives: contentPolicy(settings) } })(
    {} as IncomingMessage,
    answer as unknown as ServerResponse,
    () => undefined,
  );
  return headers;
}

/** Nothing is loaded from elsewhere. Swagger's page sets styles in its elements and shows images it carries as data. */
function contentPolicy({ hasTls }: Pick<Settings, 'hasTls'>): Record<string, string[] | null> {
  return {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    fontSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    ...(!hasTls && { upgradeInsecureRequests: null }),
  };
}
