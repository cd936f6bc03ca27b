import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** A schema as OpenAPI 3.1 takes it. */
export type SchemaObject = Exclude<Schemas[string], { $ref: string }>;

/** A JSON Schema of the domain. Our format `instant` is a narrower `date-time`, `local-date` is `date`. */
export function schemaObject(schema: object): SchemaObject {
  const text = JSON.stringify(schema, (key, value: unknown) => {
    if (key !== 'format') return value;
    return value === 'instant' ? 'date-time' : value === 'local-date' ? 'date' : value;
  });
  return JSON.parse(text) as SchemaObject;
}
