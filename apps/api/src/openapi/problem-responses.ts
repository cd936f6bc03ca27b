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
  503: 'busy, closing or not caught up: try again after Retry-After seconds',
};

/** The refusals of a route, as problem details (RFC 9457). */
export function ProblemResponses(...statuses: readonly number[]): MethodDecorator {
  return (target, key, descriptor) => {
    for (const status of statuses) {
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
