import { ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { answerSchemas, querySchemas, type QueryName } from '@penalty-ledger/application';
import { queryRoutes } from '../queries/query-routes.js';
import { Answers } from './describe-answer.js';
import { ProblemResponses } from './problem-responses.js';
import { schemaObject, type SchemaObject } from './schemas.js';

type Fields = Readonly<Record<string, { readonly description?: string }>>;

const fieldsOf = (name: QueryName): Fields => querySchemas[name].properties;

/** Describes a query's route in `/openapi.json`. */
export function describeQuery(
  name: keyof typeof queryRoutes,
  fields: readonly string[],
): readonly MethodDecorator[] {
  const { path, summary } = queryRoutes[name];
  const schemas = fieldsOf(name);
  return [
    ApiTags('queries'),
    ApiOperation({ operationId: name, summary }),
    ...fields
      .filter((field) => field !== 'query')
      .map((field) => {
        const schema = schemaObject(schemas[field] ?? {});
        return path.includes(`:${field}`)
          ? ApiParam({ name: field, schema })
          : ApiQuery({ name: field, required: false, schema });
      }),
    AtLeast(),
    Conditional(),
    Answers(answerSchemas[name], { 200: 'the answer' }),
    ProblemResponses(400, 401, 403, 404, 503),
  ];
}

/** A query's fields as a body, without those the path says. */
export function fieldsSchema(name: QueryName, inPath: readonly string[]): SchemaObject {
  const kept = Object.entries(fieldsOf(name)).filter(
    ([field]) => field !== 'query' && !inPath.includes(field),
  );
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(kept),
  };
}

const positionSchema = { type: 'string', pattern: '^\\d{1,20}(/\\d{1,20})?$' } as const;

/** A parameter every query has. */
export function AtLeast(): MethodDecorator {
  return ApiQuery({
    name: 'atLeast',
    required: false,
    description:
      'answer once this position, which a command returned, is included; 503 after five seconds',
    schema: positionSchema,
  });
}

/** {@link AtLeast} of an answer under the latest checkpoint. */
export function SignedUpTo(): MethodDecorator {
  return ApiQuery({
    name: 'atLeast',
    required: false,
    description:
      'answer if the latest checkpoint includes this position, which a command returned; else 503',
    schema: positionSchema,
  });
}

/** The answer has a strong ETag. */
export function Conditional(): MethodDecorator {
  const header = ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'an ETag: 304 when the answer has it still',
    schema: { type: 'string' },
  });
  const unchanged = ApiResponse({ status: 304, description: 'nothing changed since that ETag' });
  return (target, key, descriptor) => {
    header(target, key, descriptor);
    unchanged(target, key as string, descriptor as never);
  };
}
