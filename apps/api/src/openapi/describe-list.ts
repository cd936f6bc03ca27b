import { ApiQuery } from '@nestjs/swagger';

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
