import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fileURLToPath } from 'node:url';

/** The folder `docs` beside `apps`, in a checkout and in the container alike. */
const texts = fileURLToPath(new URL('../../../../docs', import.meta.url));

/**
 * Serves the repository's texts at the paths they have there, so that a problem's `rule` leads to
 * its section without another server. They are the same for everybody and need no key.
 */
export async function serveTexts(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyStatic, {
    root: texts,
    prefix: '/docs/',
    // A route a file: the rest of `/docs` is the page of documentation.
    wildcard: false,
    index: false,
    decorateReply: false,
    maxAge: '1h',
  });
}
