import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { AppealAnswerSchema, InstantSchema } from '@penalty-ledger/ledger';
import {
  AgencyPageSchema,
  agencySorts,
  AgencySummarySchema,
  ComplaintWithTextsSchema,
  querySchemas,
  readAgencyCursor,
  TimelineSchema,
  type AgencyListQuery,
} from '@penalty-ledger/application';
import { Type } from '@sinclair/typebox';
import { assertOwn, principalOf } from '../guard/principal.js';
import { AllowedTo, readers, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { cursorIn, limitIn } from '../http/paging.js';
import {
  enumIn,
  integerIn,
  onlyParameters,
  parametersOf,
  type Parameters,
} from '../http/parameters.js';
import { unknownRecord } from '../http/problems/unknown-record.js';
import { Answers } from '../openapi/describe-answer.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { answered, queryIn } from '../queries/answer-query.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';

const maxBalance = 1_000_000_000;
const instant = schemaObject(InstantSchema);

/** The list of agencies, and what belongs to one. */
@Controller('agencies')
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class AgenciesController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get()
  @AllowedTo(...readers)
  @ApiOperation({
    operationId: 'agencies',
    summary: 'agencies with balance and standing at (E, K), in pages',
  })
  @ApiQuery({ name: 'effectiveAt', required: false, schema: instant })
  @ApiQuery({ name: 'knownAt', required: false, schema: instant })
  @ApiQuery({
    name: 'standing',
    required: false,
    schema: schemaObject(querySchemas.agencies.properties.standing),
  })
  @ApiQuery({
    name: 'minBalance',
    required: false,
    schema: { type: 'integer', minimum: 0, maximum: maxBalance },
  })
  @ApiQuery({ name: 'sort', required: false, schema: { type: 'string', enum: [...agencySorts] } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  })
  @ApiQuery({
    name: 'cursor',
    required: false,
    description: '`next` of the page before',
    schema: { type: 'string', maxLength: 200 },
  })
  @AtLeast()
  @Conditional()
  @Answers(AgencyPageSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 503)
  async list(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const { minBalance, sort, limit, cursor, ...asked } = parametersOf(request);
    const page = pageIn({ minBalance, sort, limit, cursor });
    const query = await queryIn(this.ledger, 'agencies', asked, request);
    return sendAnswer(await this.ledger.reader.agencies({ ...query, ...page }), request, reply);
  }

  @Get(':agencyId')
  @ApiOperation({
    operationId: 'agency',
    summary: 'an agency as it stands now, with its name and revision',
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @AtLeast()
  @Conditional()
  @Answers(AgencySummarySchema, { 200: 'the agency' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async one(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const query = await queryIn(this.ledger, 'balance', parametersOf(request), request);
    const agency = answered(await this.ledger.reader.agency(query), query);
    return sendAnswer(agency, request, reply, agency.revision ?? undefined);
  }

  @Get(':agencyId/timeline')
  @ApiOperation({
    operationId: 'timeline',
    summary: "an agency's recorded acts up to E, as known at K, in the order they were recorded",
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @ApiQuery({ name: 'effectiveAt', required: false, schema: instant })
  @ApiQuery({ name: 'knownAt', required: false, schema: instant })
  @AtLeast()
  @Conditional()
  @Answers(TimelineSchema, { 200: 'the acts' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async timeline(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'effectiveAt', 'knownAt', 'atLeast');
    const query = await queryIn(this.ledger, 'balance', given, request);
    const timeline = answered(await this.ledger.reader.timeline(query), query);
    const revision = await this.ledger.reader.revisionOf(agencyId);
    return sendAnswer(timeline, request, reply, revision);
  }

  @Get(':agencyId/appeals')
  @ApiOperation({
    operationId: 'appealsOfAgency',
    summary: "an agency's appeals with their deadlines",
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @AtLeast()
  @Conditional()
  @Answers(Type.Array(AppealAnswerSchema), { 200: 'appeals' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async appeals(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const revision = await this.#known(agencyId, request);
    return sendAnswer(await this.ledger.reader.appealsOf(agencyId), request, reply, revision);
  }

  @Get(':agencyId/complaints')
  @ApiOperation({ operationId: 'complaintsOfAgency', summary: 'the complaints about an agency' })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @AtLeast()
  @Conditional()
  @Answers(Type.Array(ComplaintWithTextsSchema), { 200: 'complaints' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async complaints(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const revision = await this.#known(agencyId, request);
    const complaints = answered(await this.ledger.reader.complaintsOf(agencyId), { agencyId });
    return sendAnswer(complaints, request, reply, revision);
  }

  /** The revision of an agency that the sender may see. @throws ApiProblem `unknown_agency` */
  async #known(agencyId: string, request: KnownRequest): Promise<number> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'atLeast');
    assertOwn(principalOf(request), agencyId);
    await caughtUp(this.ledger, given);
    const revision = await this.ledger.reader.revisionOf(agencyId);
    if (revision === undefined) throw unknownRecord('agency', agencyId);
    return revision;
  }
}

/** @throws ApiProblem `invalid` */
function pageIn(
  given: Parameters,
): Pick<AgencyListQuery, 'sort' | 'limit' | 'minBalance' | 'after'> {
  const sort = enumIn(given, 'sort', agencySorts);
  const limit = limitIn(given);
  const minBalance = integerIn(given, 'minBalance', 0, maxBalance);
  const after = cursorIn(given, readAgencyCursor);
  return {
    limit,
    ...(sort !== undefined && { sort }),
    ...(minBalance !== undefined && { minBalance }),
    ...(after !== undefined && { after }),
  };
}
