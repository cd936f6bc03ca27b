import { applyDecorators } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { ApiResponse, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import type { TSchema } from '@sinclair/typebox';
import { schemaObject } from './schemas.js';

/** The description of an answer, or that and its headers. */
type AnswerDescription = string | Pick<ApiResponseNoStatusOptions, 'description' | 'headers'>;

/** The descriptions of answers by status. */
type Statuses = Readonly<Record<number, AnswerDescription>>;

/**
 * Describes the answers of a route, by status: their schemas are in `/openapi.json`, and the
 * service sends nothing else ({@link serialiserOf}).
 */
export function Answers(schema: TSchema, statuses: Statuses): MethodDecorator {
  return AnswersOf([schema, statuses]);
}

/** Describes the answers of a route that has another schema for some statuses. */
export function AnswersOf(
  ...answers: readonly (readonly [schema: TSchema, statuses: Statuses])[]
): MethodDecorator {
  const all = answers.flatMap(([schema, statuses]) =>
    Object.entries(statuses).map(([status, described]) => ({ schema, status, described })),
  );
  const responses = all.map(({ schema, status, described }) =>
    ApiResponse({
      status: Number(status),
      ...(typeof described === 'string' ? { description: described } : described),
      schema: schemaObject(schema),
    }),
  );
  const response = Object.fromEntries(all.map(({ status, schema }) => [status, schema]));
  return applyDecorators(RouteSchema({ response }), ...responses);
}
