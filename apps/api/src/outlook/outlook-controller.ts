import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The outlooks of all agencies; that of one is a query of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readers)
export class OutlookController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('outlook')
  @DescribesList('outlooks', {
    summary: 'what agencies can still do before they lose points, as of now',
  })
  outlooks(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('outlooks', this.ledger, request, reply);
  }
}
