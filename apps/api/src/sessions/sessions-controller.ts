import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The list of live sessions, as known at K; for the role `agency` of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class SessionsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('sessions')
  @DescribesList('sessions', {
    summary: 'live sessions of an agency, of a creator, or of all, voided ones too',
    description:
      'Give creatorId; or a date, or from and to no more than 31 days apart; or all of them.',
  })
  sessions(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('sessions', this.ledger, request, reply);
  }
}
