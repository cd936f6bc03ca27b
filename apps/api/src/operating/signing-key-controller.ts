import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Clock } from '@penalty-ledger/application';
import { FourEyes, PendingActSchema, type PendingAct } from '@penalty-ledger/application/four-eyes';
import { hold } from '../four-eyes/held-act.js';
import { clockToken } from '../guard/access-guard.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { AnswersOf } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import {
  keyIdOf,
  SigningKeyRotation,
  SigningKeyRotatedSchema,
  type SigningKeyRotated,
} from './signing-key.js';

/** The key that the ledger signs with. */
@Controller('signing-key')
@ApiTags('administration')
@AllowedTo('administrator')
export class SigningKeyController {
  constructor(
    @Inject(SigningKeyRotation) private readonly key: SigningKeyRotation,
    @Inject(FourEyes) private readonly fourEyes: FourEyes,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  @Post('rotate')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateSigningKey',
    summary: 'gives the ledger another signing key, and destroys the private half of this one',
    description:
      'Both keys sign the event that says so. Hand its receipt to everybody who knows the key ' +
      'before: it leads them to the new one.',
  })
  @AnswersOf(
    [SigningKeyRotatedSchema, { 200: 'the keys' }],
    [PendingActSchema, { 202: 'with four eyes: another administrator must confirm' }],
  )
  @ProblemResponses(401, 403, 409, 503)
  async rotate(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SigningKeyRotated | PendingAct> {
    const previous = this.key.current();
    if (this.fourEyes.isOn) {
      const now = this.clock.now();
      return hold(this.fourEyes, { kind: 'rotate-signing-key', previous }, request, reply, now);
    }
    request.about = { keyId: keyIdOf(previous) };
    return this.key.rotate(previous, principalOf(request).id);
  }
}
