import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The list of departures from the rulebook; for the role `agency` of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class FindingsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('findings')
  @DescribesList('findings', {
    summary: 'departures from the rulebook, in pages',
  })
  findings(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('findings', this.ledger, request, reply);
  }
}
