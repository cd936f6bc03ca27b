import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** Deductions at (E, K), and whether each can be appealed; for the role `agency` its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class DeductionsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('deductions')
  @DescribesList('deductions', {
    summary: 'deductions, and whether each counts at (E, K)',
  })
  deductions(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('deductions', this.ledger, request, reply);
  }

  @Get('appealable')
  @DescribesList('appealable', {
    summary:
      'deductions, until when each can be appealed, why not, and what an appeal could change',
    description:
      'A deduction that counts 0, was appealed before, or whose window has closed is listed too, ' +
      'with the reason. `ifUpheld` is the balance of the agency had the deduction never counted.',
  })
  appealable(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('appealable', this.ledger, request, reply);
  }
}
