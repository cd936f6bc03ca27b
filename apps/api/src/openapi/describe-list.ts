import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiQuery } from '@nestjs/swagger';
import { lists, type List, type ListName } from '@penalty-ledger/application';
import { Answers } from './describe-answer.js';
import { AtLeast, Conditional } from './describe-query.js';
import { ProblemResponses } from './problem-responses.js';
import { schemaObject } from './schemas.js';

/** Describes the route of a list: the fields of its question, its orders and its pages. */
export function DescribesList(
  name: ListName,
  texts: { readonly summary: string; readonly description?: string },
): MethodDecorator {
  const { fields, sorts, page }: List = lists[name];
  return applyDecorators(
    ApiOperation({ operationId: name, ...texts }),
    ...Object.entries(fields).map(([field, { schema, about }]) =>
      ApiQuery({
        name: field,
        required: false,
        description: about.en,
        schema: schemaObject(schema),
      }),
    ),
    Pages(sorts),
    AtLeast(),
    Conditional(),
    Answers(page, { 200: 'a page' }),
    ProblemResponses(400, 401, 403, 404, 503),
  );
}

/** The parameters of a list in pages: its order, its page size, and where the next page begins. */
export function Pages(sorts: readonly [string, ...string[]]): MethodDecorator {
  const parameters = [
    ApiQuery({
      name: 'sort',
      required: false,
      description: 'with `-` the other way round',
      schema: { type: 'string', enum: [...sorts], default: sorts[0] },
    }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
    }),
    ApiQuery({
      name: 'cursor',
      required: false,
      description: '`next` of the page before, with the same sort',
      schema: { type: 'string', maxLength: 400 },
    }),
  ];
  return (target, key, descriptor) => {
    for (const parameter of parameters) parameter(target, key, descriptor);
  };
}
