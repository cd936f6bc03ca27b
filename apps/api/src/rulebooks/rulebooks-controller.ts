import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The list of rulebooks. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class RulebooksController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('rulebooks')
  @DescribesList('rulebooks', {
    summary: 'rulebooks as known at K, and the one in force at E',
  })
  rulebooks(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('rulebooks', this.ledger, request, reply);
  }
}
