import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:tls';
import type { Settings } from './settings.js';

/** The longest that requests which were taken may go on while the service closes. */
const graceMs = 5_000;

/**
 * Takes no more requests, and lets those that were taken finish. A connection that falls idle only
 * then would be kept open for its sender's next request.
 */
export async function closeServer(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(late);
  }
}

/**
 * Checks that the service can listen, before it opens anything.
 *
 * @throws the system's error: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`
 */
export async function assertFree({ port, host }: Pick<Settings, 'port' | 'host'>): Promise<void> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

/** The address a service listens at: `http://127.0.0.1:8080`. */
export function urlOf(app: NestFastifyApplication, { host, hasTls }: Settings): string {
  const address: unknown = app.getHttpServer().address();
  const { port } = address as { readonly port: number };
  return `${hasTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The server of a service with a certificate of its own. */
export function secureServerOf(app: NestFastifyApplication): Server {
  return app.getHttpServer() as unknown as Server;
}
