import type { OpenAPIObject } from '@nestjs/swagger';
import { mapOperations, type Operation } from './operations.js';
import { anyOther, tooManyRequests } from './problem-responses.js';

type Responses = NonNullable<Operation['responses']>;
type Response = Exclude<Responses[string], { readonly $ref: string } | undefined>;
type Headers = NonNullable<Response['headers']>;

const text = { type: 'string' } as const;

const headers = {
  etag: {
    ETag: { description: 'names this answer, for If-None-Match', required: true, schema: text },
  },
  position: {
    'Ledger-Position': {
      description: 'the `position` of the answer',
      required: true,
      schema: text,
    },
  },
  retryAfter: {
    'Retry-After': {
      description: 'seconds',
      required: true,
      schema: { type: 'integer', minimum: 0 },
    },
  },
} as const satisfies Readonly<Record<string, Headers>>;

/**
 * Adds what an operation's description implies: the headers of its answers, and refusals that it
 * does not list.
 */
export function withHeaders(document: OpenAPIObject): OpenAPIObject {
  return mapOperations(document, (operation) => ({
    ...operation,
    responses: responsesOf(operation),
  }));
}

function responsesOf({ responses, tags = [] }: Operation): Responses {
  const isConditional = responses['304'] !== undefined;
  const of = (status: string): Headers => ({
    ...(isConditional && (status === '200' || status === '304') && headers.etag),
    ...(tags.includes('commands') && status === '201' && headers.position),
    ...((status === '429' || status === '503') && headers.retryAfter),
  });
  const listed = Object.entries({ ...responses, 429: tooManyRequests }).map(
    ([status, response]) => {
      const added = of(status);
      return [status, Object.keys(added).length === 0 ? response : { ...response, headers: added }];
    },
  );
  return { ...(Object.fromEntries(listed) as Responses), default: anyOther };
}
