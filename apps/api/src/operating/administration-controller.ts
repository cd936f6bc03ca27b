import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import {
  AccessPageSchema,
  Anchors,
  AnchorSchema,
  readAccessLog,
} from '@penalty-ledger/application/access-log';
import type { Clock } from '@penalty-ledger/application';
import { FourEyes, PendingActSchema, type PendingAct } from '@penalty-ledger/application/four-eyes';
import { closed, erasure, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { hold } from '../four-eyes/held-act.js';
import { clockToken } from '../guard/access-guard.js';
import type { FastifyReply } from '../http/http-types.js';
import { Fits, Id, MayBeMissing } from '../http/fields.js';
import { checkBody } from '../http/read-body.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { Answers, AnswersOf } from '../openapi/describe-answer.js';
import { DescribesList } from '../openapi/describe-list.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { languageOf } from '../http/language.js';
import { integerIn, onlyParameters, parametersOf } from '../http/parameters.js';
import { AccessTrail } from '../served/access-trail.js';
import { answerList } from '../queries/answer-list.js';
import { ServedLedger } from '../served/served-ledger.js';
import { Erasures, ErasureSchema, type Erasure } from './erasures.js';
import { subjectText } from '../holds/hold-bodies.js';

class ErasureBody {
  @Fits(erasure.eraseSubjectSchema.properties.subject, subjectText)
  readonly subject!: string;
  @MayBeMissing() @Id() readonly requestId?: string;
}

type AccessAnswer = Shape<typeof AccessAnswerSchema>;
const AccessAnswerSchema = closed(
  { ...AccessPageSchema.properties, head: Type.Optional(AnchorSchema) },
  { $id: 'AccessPage' },
);

/**
 * Routes that are neither a command of interchange §2 nor a query: the right to be forgotten, and
 * the access log.
 */
@Controller()
@ApiTags('administration')
export class AdministrationController {
  constructor(
    @Inject(Erasures) private readonly erasures: Erasures,
    @Inject(FourEyes) private readonly fourEyes: FourEyes,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(AccessTrail) private readonly trail: AccessTrail,
    @Inject(Anchors) private readonly anchors: Anchors,
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
  ) {}

  @Post('erasures')
  @HttpCode(200)
  @AllowedTo('administrator')
  @ApiOperation({
    operationId: 'eraseSubject',
    summary:
      "erases a subject's personal data by destroying its key; no event and no balance changes",
  })
  @ApiBody({
    schema: schemaObject(erasure.eraseSubjectSchema),
    examples: { example: { value: { subject: 'creator:c-999', requestId: 'r-1' } } },
  })
  @AnswersOf(
    [ErasureSchema, { 200: 'erased' }],
    [PendingActSchema, { 202: 'with four eyes: another administrator must confirm' }],
  )
  @ProblemResponses(400, 401, 403, 404, 409, 503)
  async erase(
    @Body() sent: unknown,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Erasure | PendingAct> {
    const { subject, requestId } = await checkBody(
      ErasureBody,
      sent,
      languageOf(request.headers['accept-language']),
    );
    const wanted = { subject, ...(requestId !== undefined && { requestId }) };
    if (this.fourEyes.isOn) {
      const now = this.clock.now();
      return hold(this.fourEyes, { kind: 'erase-subject', ...wanted }, request, reply, now);
    }
    request.about = { subject };
    return this.erasures.erase(wanted, principalOf(request).id);
  }

  @Get('erasures')
  @AllowedTo('administrator', 'auditor')
  @DescribesList('erasures', {
    summary: 'erasures that were refused and not made since, with what holds each, in pages',
  })
  waiting(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('erasures', this.ledger, request, reply);
  }

  @Get('access-log')
  @AllowedTo('auditor', 'administrator')
  @ApiOperation({
    operationId: 'accessLog',
    summary: 'who read or exported what, and what administrators did, in pages',
  })
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'a `seq`',
    schema: { type: 'integer', minimum: 0 },
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  })
  @Answers(AccessAnswerSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403)
  async accessLog(@Req() request: KnownRequest): Promise<AccessAnswer> {
    const given = parametersOf(request);
    onlyParameters(given, 'after', 'limit');
    const after = integerIn(given, 'after', 0, Number.MAX_SAFE_INTEGER) ?? -1;
    const limit = integerIn(given, 'limit', 1, 1000) ?? 100;
    await this.trail.takeActs();
    const { head } = this.trail;
    const page = await readAccessLog(this.trail.path, this.anchors, { after, limit });
    return { ...page, ...(head !== undefined && { head }) };
  }
}
