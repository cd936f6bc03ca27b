import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { DescribesList } from '../openapi/describe-list.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The list of registered evidence; for the role `agency` what is about its own records. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class EvidenceController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('evidence')
  @DescribesList('evidence', {
    summary: 'registered evidence: id, hash, title, subject, and when',
  })
  evidence(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('evidence', this.ledger, request, reply);
  }
}
