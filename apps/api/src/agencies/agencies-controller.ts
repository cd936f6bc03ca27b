import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { InstantSchema } from '@penalty-ledger/ledger';
import {
  AgencySummarySchema,
  AppealWithTextsSchema,
  ComplaintWithTextsSchema,
  pageSchema,
  recordedSorts,
  TimelineSchema,
  timelineSorts,
  type OfAgencyQuery,
} from '@penalty-ledger/application';
import { assertOwn, principalOf } from '../guard/principal.js';
import { AllowedTo, readers, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { pageIn, pageParameters } from '../http/paging.js';
import { onlyParameters, parametersOf } from '../http/parameters.js';
import { unknownRecord } from '../http/problems/unknown-record.js';
import { Answers } from '../openapi/describe-answer.js';
import { DescribesList, Pages } from '../openapi/describe-list.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { answerList } from '../queries/answer-list.js';
import { answered, queryIn } from '../queries/answer-query.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';

const instant = schemaObject(InstantSchema);

const AppealsOfAgencySchema = pageSchema(AppealWithTextsSchema, 'AppealsOfAgencyPage');
const ComplaintsOfAgencySchema = pageSchema(ComplaintWithTextsSchema, 'ComplaintsOfAgencyPage');

/** The list of agencies, and what belongs to one. */
@Controller('agencies')
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class AgenciesController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get()
  @AllowedTo(...readers)
  @DescribesList('agencies', {
    summary: 'agencies with balance and standing at (E, K), in pages',
  })
  list(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('agencies', this.ledger, request, reply);
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
    summary: "an agency's acts up to E, as known at K, in the order in which they took effect",
    description: 'Each act has the instant of its recording beside its own.',
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @ApiQuery({ name: 'effectiveAt', required: false, schema: instant })
  @ApiQuery({ name: 'knownAt', required: false, schema: instant })
  @Pages(timelineSorts)
  @AtLeast()
  @Conditional()
  @Answers(TimelineSchema, { 200: 'a page of the acts' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async timeline(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'effectiveAt', 'knownAt', ...pageParameters);
    const { sort, limit, cursor, ...asked } = given;
    const page = pageIn({ sort, limit, cursor }, timelineSorts);
    const query = await queryIn(this.ledger, 'balance', asked, request);
    const timeline = answered(await this.ledger.reader.timeline({ ...query, ...page }), query);
    const revision = await this.ledger.reader.revisionOf(agencyId);
    return sendAnswer(timeline, request, reply, revision);
  }

  @Get(':agencyId/appeals')
  @ApiOperation({
    operationId: 'appealsOfAgency',
    summary: "an agency's appeals with their deadlines",
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @Pages(recordedSorts)
  @AtLeast()
  @Conditional()
  @Answers(AppealsOfAgencySchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async appeals(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const { revision, ...query } = await this.#asked(agencyId, request);
    const appeals = answered(await this.ledger.reader.appealsOf(query), { agencyId });
    return sendAnswer(appeals, request, reply, revision);
  }

  @Get(':agencyId/complaints')
  @ApiOperation({ operationId: 'complaintsOfAgency', summary: 'the complaints about an agency' })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @Pages(recordedSorts)
  @AtLeast()
  @Conditional()
  @Answers(ComplaintsOfAgencySchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async complaints(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const { revision, ...query } = await this.#asked(agencyId, request);
    const complaints = answered(await this.ledger.reader.complaintsOf(query), { agencyId });
    return sendAnswer(complaints, request, reply, revision);
  }

  /**
   * The page of what an agency has that is asked for, and the agency's revision.
   *
   * @throws ApiProblem `invalid`, `forbidden`, `unknown_agency`
   */
  async #asked(
    agencyId: string,
    request: KnownRequest,
  ): Promise<OfAgencyQuery & { readonly revision: number }> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', ...pageParameters);
    const page = pageIn(given, recordedSorts);
    assertOwn(principalOf(request), agencyId);
    await caughtUp(this.ledger, given);
    const revision = await this.ledger.reader.revisionOf(agencyId);
    if (revision === undefined) throw unknownRecord('agency', agencyId);
    return { ...page, agencyId, revision };
  }
}
