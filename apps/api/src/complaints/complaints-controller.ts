import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The list of complaints over all agencies, as known at K; for the role `agency` over its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class ComplaintsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('complaints')
  @DescribesList('complaints', {
    summary: 'complaints and what became of them, without their texts',
  })
  complaints(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('complaints', this.ledger, request, reply);
  }
}
