import { ApiResponse } from '@nestjs/swagger';
import { problemMediaType, ProblemSchema } from '../http/problems/problem-document.js';
import { schemaObject } from './schemas.js';

const descriptions: Readonly<Record<number, string>> = {
  304: 'nothing changed since the ETag in If-None-Match',
  400: 'malformed: every wrong place is listed',
  401: 'no key or token, or one that opens nothing',
  403: 'the role does not cover it, or it is another agency’s',
  404: 'there is no such thing, or it was not known at K',
  409: 'it contradicts what was recorded',
  412: 'the agency changed since the ETag in If-Match',
  422: 'its values break a rule',
  503: 'try again after Retry-After seconds: busy, closing, behind, or tokens cannot be checked',
};

/** The refusals of a route, as problem details (RFC 9457). */
export function ProblemResponses(...statuses: readonly number[]): MethodDecorator {
  // The issuer of a token may give no keys, wherever a token is taken.
  const all = new Set([...statuses, ...(statuses.includes(401) ? [503] : [])]);
  return (target, key, descriptor) => {
    for (const status of all) {
      ApiResponse({
        status,
        description: descriptions[status] ?? '',
        content: {
          [problemMediaType]: { schema: schemaObject(ProblemSchema) },
        },
      })(target, key as string, descriptor as never);
    }
  };
}
