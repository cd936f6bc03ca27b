import { Body, Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import {
  AccessPageSchema,
  Anchors,
  AnchorSchema,
  readAccessLog,
} from '@penalty-ledger/application/access-log';
import { closed, erasure, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { Fits, Id, MayBeMissing } from '../http/fields.js';
import { refusalOf } from '../commands/command-answer.js';
import { checkBody } from '../http/read-body.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { Answers } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { languageOf } from '../http/language.js';
import { EvidencePacks } from '../evidence/evidence-packs.js';
import { integerIn, onlyParameters, parametersOf } from '../http/parameters.js';
import { AccessTrail } from '../served/access-trail.js';
import { ServedLedger } from '../served/served-ledger.js';

class ErasureBody {
  @Fits(erasure.eraseSubjectSchema.properties.subject, {
    en: 'give agency:ID, creator:ID or evidence:ID',
    zh: '须为 agency:编号、creator:编号 或 evidence:编号',
  })
  readonly subject!: string;
  @MayBeMissing() @Id() readonly requestId?: string;
}

type Erasure = Shape<typeof ErasureSchema>;
const ErasureSchema = closed(
  { status: Type.Literal('accepted'), events: Type.Array(Type.String()) },
  { $id: 'Erasure' },
);

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
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(AccessTrail) private readonly trail: AccessTrail,
    @Inject(Anchors) private readonly anchors: Anchors,
    @Inject(EvidencePacks) private readonly packs: EvidencePacks,
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
  @Answers(ErasureSchema, { 200: 'erased' })
  @ProblemResponses(400, 401, 403, 404, 409, 503)
  async erase(@Body() sent: unknown, @Req() request: KnownRequest): Promise<Erasure> {
    this.ledger.assertRoom();
    const { subject, requestId } = await checkBody(
      ErasureBody,
      sent,
      languageOf(request.headers['accept-language']),
    );
    const wanted = { subject, ...(requestId !== undefined && { requestId }) };
    request.about = { subject };
    const { ledger } = this.ledger.writer();
    const outcome = await ledger.erase(wanted, principalOf(request).id, this.ledger.clock.now());
    if (outcome.status === 'rejected') throw refusalOf(outcome);
    await this.packs.removeDisclosed();
    return { status: 'accepted', events: outcome.events };
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
