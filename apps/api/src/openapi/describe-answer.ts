import { applyDecorators } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { ApiResponse, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import type { TSchema } from '@sinclair/typebox';
import { schemaObject } from './schemas.js';

/** The description of an answer, or that and its headers. */
type AnswerDescription = string | Pick<ApiResponseNoStatusOptions, 'description' | 'headers'>;

/**
 * Describes the answers of a route, by status: their schemas are in `/openapi.json`, and the
 * service sends nothing else ({@link serialiserOf}).
 */
export function Answers(
  schema: TSchema,
  statuses: Readonly<Record<number, AnswerDescription>>,
): MethodDecorator {
  const responses = Object.entries(statuses).map(([status, described]) =>
    ApiResponse({
      status: Number(status),
      ...(typeof described === 'string' ? { description: described } : described),
      schema: schemaObject(schema),
    }),
  );
  const response = Object.fromEntries(Object.keys(statuses).map((status) => [status, schema]));
  return applyDecorators(RouteSchema({ response }), ...responses);
}
