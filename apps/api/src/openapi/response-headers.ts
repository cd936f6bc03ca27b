import type { OpenAPIObject } from '@nestjs/swagger';
import { problemMediaType, ProblemSchema } from '../http/problems/problem-document.js';
import { schemaObject } from './schemas.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
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

/** Answers of every operation that none lists: a rate limit (429), a failure of our own (500). */
const anyOther: Response = {
  description: 'any other refusal',
  content: { [problemMediaType]: { schema: schemaObject(ProblemSchema) } },
};

/**
 * Adds what an operation's description implies: the headers of its answers, and refusals that it
 * does not list.
 */
export function withHeaders({ paths, ...rest }: OpenAPIObject): OpenAPIObject {
  const described = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods as Readonly<Record<string, Operation>>).map(([method, operation]) => [
        method,
        { ...operation, responses: responsesOf(operation) },
      ]),
    ),
  ]);
  return { ...rest, paths: Object.fromEntries(described) as OpenAPIObject['paths'] };
}

function responsesOf({ responses, tags = [] }: Operation): Responses {
  const isConditional = responses['304'] !== undefined;
  const of = (status: string): Headers => ({
    ...(isConditional && (status === '200' || status === '304') && headers.etag),
    ...(tags.includes('commands') && status === '201' && headers.position),
    ...(status === '503' && headers.retryAfter),
  });
  const listed = Object.entries(responses).map(([status, response]) => {
    const added = of(status);
    return [status, Object.keys(added).length === 0 ? response : { ...response, headers: added }];
  });
  return { ...(Object.fromEntries(listed) as Responses), default: anyOther };
}
