import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The roster of creators at (E, K); for the role `agency` its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class CreatorsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('creators')
  @DescribesList('creators', {
    summary: 'creators bound to agencies at (E, K)',
  })
  creators(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('creators', this.ledger, request, reply);
  }
}
