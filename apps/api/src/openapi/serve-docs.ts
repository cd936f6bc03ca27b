import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply } from '../http/http-types.js';
import { withAccess } from './access.js';
import { webhooks } from './describe-webhooks.js';
import { withHeaders } from './response-headers.js';
import { withComponents } from './schemas.js';
import { tags } from './tags.js';

const documentPath = '/openapi.json';

/**
 * Serves `/openapi.json`, and a page to read and try it at `/docs`, with all files of the page. The
 * document is made and written once: writing it for each request took 5 ms, without any key. The
 * page loads it from its own path; Swagger would put another copy of it into a script.
 */
export function serveDocs(app: NestFastifyApplication): void {
  let written: Buffer | undefined;
  app.getHttpAdapter().get(documentPath, (_request: unknown, reply: FastifyReply) => {
    written ??= Buffer.from(JSON.stringify(openApiDocument(app)));
    void reply.type('application/json; charset=utf-8').send(written);
  });
  SwaggerModule.setup('docs', app, () => undefined as never, {
    raw: false,
    swaggerUrl: documentPath,
    customSiteTitle: 'penalty-ledger',
    swaggerOptions: { persistAuthorization: false, tagsSorter: 'alpha', validatorUrl: null },
  });
}

/** The OpenAPI 3.1 description of every route. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('penalty-ledger')
    .setDescription(
      'An audit ledger of penalty points. Names and fields are those of docs/http-api.md; ' +
        'errors are RFC 9457 problem details.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'the service that this description was read from')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'an API key (plk_…) or an OIDC token' },
      'bearer',
    )
    .addBasicAuth(
      {
        type: 'http',
        scheme: 'basic',
        description: 'an API key as password, for calendar clients; any user name',
      },
      'basic',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, { autoTagControllers: false });
  return withComponents({ ...withHeaders(withAccess(document)), tags, webhooks });
}
