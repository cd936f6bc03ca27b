import type { OpenAPIObject } from '@nestjs/swagger';

/** An operation of an OpenAPI document. */
export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** Changes every operation of a document. */
export function mapOperations(
  { paths, ...rest }: OpenAPIObject,
  changed: (operation: Operation) => Operation,
): OpenAPIObject {
  const mapped = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods as Readonly<Record<string, Operation>>).map(([method, operation]) => [
        method,
        changed(operation),
      ]),
    ),
  ]);
  return { ...rest, paths: Object.fromEntries(mapped) as OpenAPIObject['paths'] };
}
