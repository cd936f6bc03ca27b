import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { OutlookPageSchema, outlookSorts } from '@penalty-ledger/application';
import { ProspectSchema, prospects } from '@penalty-ledger/ledger';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { pageIn, pageParameters } from '../http/paging.js';
import { enumIn, onlyParameters, parametersOf } from '../http/parameters.js';
import { Answers } from '../openapi/describe-answer.js';
import { Pages } from '../openapi/describe-list.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The outlooks of all agencies; that of one is a query of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readers)
export class OutlookController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('outlook')
  @ApiOperation({
    operationId: 'outlooks',
    summary: 'what agencies can still do before they lose points, as of now, in pages',
  })
  @ApiQuery({ name: 'prospect', required: false, schema: schemaObject(ProspectSchema) })
  @Pages(outlookSorts)
  @AtLeast()
  @Conditional()
  @Answers(OutlookPageSchema, { 200: 'a page, in the order of the ids' })
  @ProblemResponses(400, 401, 403, 503)
  async outlooks(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'prospect', ...pageParameters);
    const page = pageIn(given, outlookSorts);
    const prospect = enumIn(given, 'prospect', prospects);
    await caughtUp(this.ledger, given);
    const found = await this.ledger.reader.outlooks({
      ...page,
      ...(prospect !== undefined && { prospect }),
    });
    return sendAnswer(found, request, reply);
  }
}
