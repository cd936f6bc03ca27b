import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Clock } from '@penalty-ledger/application';
import { epochMsOf } from '@penalty-ledger/ledger';
import { clockToken } from '../guard/access-guard.js';
import { Public } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { ProblemResponses } from '../openapi/problem-responses.js';

/** The settings' contact for reports of weaknesses, as the module gives it to the route. */
export const securityContactToken = Symbol('securityContact');

const dayMs = 86_400_000;

/** The time for which a copy of the text holds: RFC 9116 §2.5.5 advises less than a year. */
const validDays = 90;

/** The operator's contact for those who find a weakness in the service (RFC 9116). */
@Controller('.well-known/security.txt')
@ApiTags('operation')
@Public()
export class SecurityTextController {
  constructor(
    @Inject(securityContactToken) private readonly contact: string | undefined,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'securityText',
    summary: 'whom to tell of a weakness of the service (security.txt, RFC 9116)',
    description: 'Where the operator named a contact in LEDGER_SECURITY_CONTACT.',
  })
  @ApiProduces('text/plain')
  @ApiResponse({
    status: 200,
    description: 'the contact',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @ProblemResponses(404)
  read(@Res({ passthrough: true }) reply: FastifyReply): string {
    if (this.contact === undefined)
      throw new ApiProblem('not_found', {
        en: 'the operator of this service has named no contact (LEDGER_SECURITY_CONTACT)',
        zh: '本服务的运营者未设置联系方式（LEDGER_SECURITY_CONTACT）',
      });
    void reply.header('content-type', 'text/plain; charset=utf-8');
    const today = Math.floor(epochMsOf(this.clock.now()) / dayMs);
    const expires = new Date((today + validDays) * dayMs).toISOString();
    return `Contact: ${this.contact}\nExpires: ${expires}\nPreferred-Languages: zh, en\n`;
  }
}
