import { ApiResponse } from '@nestjs/swagger';
import { problemMediaType, ProblemSchema } from '../http/problems/problem-document.js';
import { schemaObject, type SchemaObject } from './schemas.js';

const descriptions: Readonly<Record<number, string>> = {
  304: 'nothing changed since the ETag in If-None-Match',
  400: 'malformed: every wrong place is listed',
  401: 'no key or token, or one that opens nothing',
  403: 'the role does not cover it, or it is another agency’s',
  404: 'there is no such thing, or it was not known at K',
  409: 'it contradicts what was recorded',
  412: 'the agency changed since the ETag in If-Match',
  415: 'the body is of another media type',
  422: 'its values break a rule',
  429: 'a quota is used up: try again after Retry-After seconds',
  503: 'try again after Retry-After seconds: busy, closing, behind, or tokens cannot be checked',
};

interface ProblemResponse {
  readonly description: string;
  readonly content: Record<string, { readonly schema: SchemaObject }>;
}

/** The refusals of a route, as problem details (RFC 9457). */
export function ProblemResponses(...statuses: readonly number[]): MethodDecorator {
  // The issuer of a token may give no keys, wherever a token is taken.
  const all = new Set([...statuses, ...(statuses.includes(401) ? [503] : [])]);
  return (target, key, descriptor) => {
    for (const status of all)
      ApiResponse({ status, ...problemResponse(descriptions[status]) })(
        target,
        key as string,
        descriptor as never,
      );
  };
}

/** A refusal that every operation can meet. */
export const tooManyRequests = problemResponse(descriptions[429]);

/** A failure of our own (500), and any refusal that an operation does not list. */
export const anyOther = problemResponse('any other refusal');

function problemResponse(description = ''): ProblemResponse {
  return { description, content: { [problemMediaType]: { schema: schemaObject(ProblemSchema) } } };
}
