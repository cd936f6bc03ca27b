import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The transport that the service is reached by. */
interface Transport {
  readonly hasTls: boolean;
}

/**
 * The security headers of every answer, by name. They are put together once: nothing in them
 * depends on a request, and doing it for each was a sixteenth of a request's processor time.
 */
export function securityHeaders(transport: Transport): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const answer = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  helmet({ contentSecurityPolicy: { directives: contentPolicy(transport) } })(
    {} as IncomingMessage,
    answer as unknown as ServerResponse,
    () => undefined,
  );
  return headers;
}

/**
 * Nothing is loaded from elsewhere. Swagger's page sets styles in its elements and shows images
 * that it carries as data.
 */
function contentPolicy({ hasTls }: Transport): Record<string, string[] | null> {
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
