import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { ComplaintPageSchema, complaintSorts } from '@penalty-ledger/application';
import { ComplaintStateSchema, IdSchema, MonthSchema } from '@penalty-ledger/ledger';
import { agencyIn } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { pageIn, pageParameters } from '../http/paging.js';
import { enumIn, idIn, onlyParameters, parametersOf, textIn } from '../http/parameters.js';
import { Answers } from '../openapi/describe-answer.js';
import { Pages } from '../openapi/describe-list.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';

const monthPattern = String(MonthSchema.pattern);
const id = schemaObject(IdSchema);

/** The list of complaints over all agencies, as known now; for the role `agency` over its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class ComplaintsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('complaints')
  @ApiOperation({
    operationId: 'complaints',
    summary: 'complaints and what became of them, without their texts',
  })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({
    name: 'creatorId',
    required: false,
    description: 'the creator complained of',
    schema: id,
  })
  @ApiQuery({
    name: 'status',
    required: false,
    schema: schemaObject(ComplaintStateSchema),
  })
  @ApiQuery({
    name: 'month',
    required: false,
    description: 'filed in this local month: `2026-01`',
    schema: { type: 'string', pattern: monthPattern },
  })
  @Pages(complaintSorts)
  @AtLeast()
  @Conditional()
  @Answers(ComplaintPageSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 503)
  async complaints(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'creatorId', 'status', 'month', ...pageParameters);
    const page = pageIn(given, complaintSorts);
    const [agencyId, creatorId] = [agencyIn(given, request), idIn(given, 'creatorId')];
    const state = enumIn(given, 'status', ComplaintStateSchema.enum);
    const month = textIn(given, 'month', new RegExp(monthPattern), {
      en: 'a month: 2026-01',
      zh: '月份：2026-01',
    });
    await caughtUp(this.ledger, given);
    const found = await this.ledger.reader.complaints({
      ...page,
      ...(agencyId !== undefined && { agencyId }),
      ...(creatorId !== undefined && { creatorId }),
      ...(state !== undefined && { state }),
      ...(month !== undefined && { month }),
    });
    return sendAnswer(found, request, reply);
  }
}
