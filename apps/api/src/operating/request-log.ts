import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import { pino, type Logger } from 'pino';
import type { KnownRequest } from '../guard/rule.js';
import { errorOutput } from './error-output.js';

/**
 * Writes one line for each request, when it was answered. Fastify's own line at the arrival of a
 * request says nothing that this one does not. A refused token has its line already.
 */
export class RequestLines extends LogController {
  override incomingRequest(): void {
    // Said when it is answered.
  }

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const facts = { req: request, res: reply, responseTime: reply.elapsedTime };
    if (error) request.log.error({ ...facts, err: error }, 'request errored');
    else if ((request as KnownRequest).failedSignIn === undefined)
      request.log.info(facts, 'request completed');
  }
}

/** Logs to standard error, as JSON: no header, no query, no body. */
export function serviceLogger(level: string): Logger {
  return pino(
    {
      level,
      redact: {
        paths: ['req.headers', 'headers', '*.authorization', '*.token', '*.secret'],
        remove: true,
      },
      serializers: {
        req: ({ method, routeOptions }: { method: string; routeOptions?: { url?: string } }) => ({
          method,
          route: routeOptions?.url ?? 'none',
        }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
        err: ({ name, code }: { name?: string; code?: string }) => ({ name, code }),
      },
    },
    errorOutput,
  );
}
