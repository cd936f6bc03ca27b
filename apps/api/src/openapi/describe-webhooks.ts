import type { OpenAPIObject } from '@nestjs/swagger';
import type { TSchema } from '@sinclair/typebox';
import {
  DeadlinesMessageSchema,
  EventsMessageSchema,
  OutlookMessageSchema,
} from '../webhooks/message.js';
import { schemaObject } from './schemas.js';

type Webhooks = NonNullable<OpenAPIObject['webhooks']>;

/** The messages that the service sends to webhooks (docs/spec/webhooks.md). */
export const webhooks: Webhooks = {
  events: message('events', 'what was recorded', EventsMessageSchema),
  deadlines: message('deadlines', 'deadlines that come near', DeadlinesMessageSchema),
  outlook: message('outlook', 'months that may not pass, or cannot', OutlookMessageSchema),
};

function message(name: string, summary: string, schema: TSchema): Webhooks[string] {
  const content = { 'application/json': { schema: schemaObject(schema) } };
  return {
    post: {
      operationId: `${name}Message`,
      summary,
      description: 'It is signed: docs/spec/webhooks.md says how a receiver verifies it.',
      tags: ['webhooks'],
      security: [],
      requestBody: { required: true, content },
      responses: { '2XX': { description: 'taken; any other answer is tried again' } },
    },
  };
}
