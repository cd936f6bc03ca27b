import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { querySchemas } from '@penalty-ledger/application';
import { IdSchema, WhatIfAnswerSchema } from '@penalty-ledger/ledger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { Answers } from '../openapi/describe-answer.js';
import { AtLeast, describeQuery, fieldsSchema } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { FastifyReply } from '../http/http-types.js';
import { ServedLedger } from '../served/served-ledger.js';
import { sendAnswer } from '../http/answers.js';
import { parametersOf } from '../http/parameters.js';
import { answerQuery } from './answer-query.js';
import { queryRoutes } from './query-routes.js';

type Name = keyof typeof queryRoutes;

/** A route a query of interchange §3, with the same fields. */
@Controller()
export class QueriesController {
  constructor(@Inject(ServedLedger) readonly ledger: ServedLedger) {}

  async answer(
    name: Name,
    request: KnownRequest,
    reply: FastifyReply,
  ): Promise<object | undefined> {
    const answer = await answerQuery(this.ledger, name, parametersOf(request), request);
    const revision =
      'agencyId' in answer ? await this.ledger.reader.revisionOf(answer.agencyId) : undefined;
    return sendAnswer(answer, request, reply, revision);
  }

  @Post('agencies/:agencyId/whatif')
  @HttpCode(200)
  @AllowedTo(...readersAndAgencies)
  @ApiTags('queries')
  @ApiOperation({ operationId: 'whatif', summary: 'the balance as it would be if …' })
  @ApiParam({ name: 'agencyId', schema: schemaObject(IdSchema) })
  @AtLeast()
  @ApiBody({
    required: true,
    schema: fieldsSchema('whatif', ['agencyId']),
    examples: { example: { value: { without: ['d-1'], attribution: 'occurredAt' } } },
  })
  @Answers(WhatIfAnswerSchema, { 200: 'recorded and what if' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async whatIf(@Body() sent: unknown, @Req() request: KnownRequest): Promise<object> {
    if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
      throw new ApiProblem('invalid', {
        en: 'body: send a JSON object',
        zh: '请求体：须为 JSON 对象',
      });
    if ('agencyId' in sent || 'query' in sent)
      throw new ApiProblem('invalid', {
        en: 'body: the path says agencyId and query; leave them out',
        zh: '请求体：agencyId 和 query 已由路径给出，请删除',
      });
    return answerQuery(this.ledger, 'whatif', { ...sent, ...parametersOf(request) }, request);
  }
}

for (const name of Object.keys(queryRoutes) as Name[]) addRoute(name);

/** A method of the controller for a query, decorated as one that was written out. */
function addRoute(name: Name): void {
  const route = function (this: QueriesController, request: KnownRequest, reply: FastifyReply) {
    return this.answer(name, request, reply);
  };
  const { prototype } = QueriesController;
  const { path, roles } = queryRoutes[name];
  Object.defineProperty(route, 'name', { value: name });
  Object.defineProperty(prototype, name, { value: route, writable: true, configurable: true });
  Reflect.defineMetadata('design:paramtypes', [Object, Object], prototype, name);
  const descriptor = { value: route };
  for (const decorate of [
    Get(path),
    AllowedTo(...roles),
    ...describeQuery(name, Object.keys(querySchemas[name].properties)),
  ]) {
    decorate(prototype, name, descriptor);
  }
  Req()(prototype, name, 0);
  Res({ passthrough: true })(prototype, name, 1);
}
