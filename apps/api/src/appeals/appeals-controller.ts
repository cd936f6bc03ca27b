import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The list of appeals over all agencies, as known at K; for the role `agency` over its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class AppealsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('appeals')
  @DescribesList('appeals', {
    summary: 'appeals with their deadlines, and what is due next',
    description:
      'Sorting by `due`, and the filters `dueBefore` and `dueWithinHours`, list only appeals in ' +
      'which something is due: the evidence of the agency, or the decision of the platform. ' +
      'Appeals that are late already come first.',
  })
  appeals(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('appeals', this.ledger, request, reply);
  }
}
