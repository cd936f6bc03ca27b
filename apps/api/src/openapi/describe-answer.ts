import { RouteSchema } from '@nestjs/platform-fastify';
import { ApiResponse, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import type { TSchema } from '@sinclair/typebox';
import { schemaObject } from './schemas.js';

/** What an answer is, or that and its headers. */
type Said = string | Pick<ApiResponseNoStatusOptions, 'description' | 'headers'>;

/**
 * Says what a route answers, by status: its schema is in `/openapi.json`, and the service sends
 * nothing else ({@link serialiserOf}).
 */
export function Answers(
  schema: TSchema,
  statuses: Readonly<Record<number, Said>>,
): MethodDecorator {
  const described = Object.entries(statuses).map(([status, said]) =>
    ApiResponse({
      status: Number(status),
      ...(typeof said === 'string' ? { description: said } : said),
      schema: schemaObject(schema),
    }),
  );
  const response = Object.fromEntries(Object.keys(statuses).map((status) => [status, schema]));
  const serialised = RouteSchema({ response });
  return (target, key, descriptor) => {
    for (const each of [serialised, ...described])
      each(target as object, key as string, descriptor as never);
  };
}
