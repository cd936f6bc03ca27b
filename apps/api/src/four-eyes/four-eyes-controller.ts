import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Clock } from '@penalty-ledger/application';
import {
  ApiKeys,
  ApiKeySchema,
  assertGrantable,
  assertMayRotate,
  IssuedKeySchema,
  termsOf,
  type IssuedKey,
  type Principal,
} from '@penalty-ledger/application/api-keys';
import {
  FourEyes,
  HeldActSchema,
  maxPendingActs,
  PendingActSchema,
  type PendingAct,
} from '@penalty-ledger/application/four-eyes';
import { closed, type Instant, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { IsBoolean } from 'class-validator';
import { clockToken } from '../guard/access-guard.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { Sha256 } from '../http/fields.js';
import type { FastifyReply } from '../http/http-types.js';
import { languageOf } from '../http/language.js';
import { checkBody } from '../http/read-body.js';
import { Answers, AnswersOf } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { Erasures, ErasureSchema } from '../operating/erasures.js';
import { SigningKeyRotatedSchema, SigningKeyRotation } from '../operating/signing-key.js';
import { aboutOf, hold } from './held-act.js';

class SettingBody {
  @IsBoolean() readonly isOn!: boolean;
}

class ConfirmationBody {
  @Sha256() readonly sha256!: string;
}

type Setting = Shape<typeof SettingSchema>;
const SettingSchema = closed(
  { isOn: Type.Boolean({ description: 'a second administrator must confirm certain acts' }) },
  { $id: 'FourEyes' },
);

/** An act as it was done. */
type DoneAct = Shape<typeof DoneActSchema>;
const DoneActSchema = closed(
  {
    id: Type.String(),
    act: HeldActSchema,
    key: Type.Optional(ApiKeySchema),
    erasure: Type.Optional(ErasureSchema),
    signingKey: Type.Optional(SigningKeyRotatedSchema),
  },
  { $id: 'DoneAct' },
);

/** The need of a second administrator, and the acts that wait for one. */
@Controller()
@ApiTags('administration')
@AllowedTo('administrator')
export class FourEyesController {
  constructor(
    @Inject(FourEyes) private readonly fourEyes: FourEyes,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(Erasures) private readonly erasures: Erasures,
    @Inject(SigningKeyRotation) private readonly signingKey: SigningKeyRotation,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  @Get('four-eyes')
  @ApiOperation({ operationId: 'fourEyes', summary: 'whether acts need a second administrator' })
  @Answers(SettingSchema, { 200: 'the setting' })
  @ProblemResponses(401, 403)
  setting(): Setting {
    return { isOn: this.fourEyes.isOn };
  }

  @Post('four-eyes')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'switchFourEyes',
    summary: 'switches the need of a second administrator on or off',
    description: 'Switching it off needs a second administrator itself.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['isOn'],
      additionalProperties: false,
      properties: { isOn: { type: 'boolean' } },
    },
  })
  @AnswersOf(
    [SettingSchema, { 200: 'the setting' }],
    [PendingActSchema, { 202: 'another administrator must confirm' }],
  )
  @ProblemResponses(400, 401, 403, 409)
  async switch(
    @Body() sent: unknown,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Setting | PendingAct> {
    const language = languageOf(request.headers['accept-language']);
    const { isOn } = await checkBody(SettingBody, sent, language);
    const now = this.clock.now();
    if (!isOn && this.fourEyes.isOn)
      return hold(this.fourEyes, { kind: 'end-four-eyes' }, request, reply, now);
    this.fourEyes.switch(isOn, now);
    request.about = { isOn: String(isOn) };
    return { isOn };
  }

  @Get('pending-acts')
  @ApiOperation({
    operationId: 'pendingActs',
    summary: 'the acts that wait for a second administrator, or for their token to be fetched',
  })
  @Answers(Type.Array(PendingActSchema, { maxItems: maxPendingActs }), {
    200: 'acts, the earliest first',
  })
  @ProblemResponses(401, 403)
  list(): readonly PendingAct[] {
    return this.fourEyes.list(this.clock.now());
  }

  @Post('pending-acts/:id/confirm')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'confirmAct',
    summary: 'confirms an act of another administrator, and does it as it was asked for',
    description:
      'A key gets no token by this: its asker fetches it. An act that can no longer be done is ' +
      'refused with the reason, and waits on.',
  })
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['sha256'],
      additionalProperties: false,
      properties: { sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
    },
  })
  @Answers(DoneActSchema, { 200: 'what was done' })
  @ProblemResponses(400, 401, 403, 404, 409, 422, 503)
  async confirm(
    @Param('id') id: string,
    @Body() sent: unknown,
    @Req() request: KnownRequest,
  ): Promise<DoneAct> {
    const language = languageOf(request.headers['accept-language']);
    const { sha256 } = await checkBody(ConfirmationBody, sent, language);
    const now = this.clock.now();
    const pending = this.fourEyes.find(id, now);
    request.about = aboutOf(pending);
    const done = await this.#do(pending, sha256, principalOf(request), now);
    if (done.key !== undefined) request.about = { ...request.about, keyId: done.key.id };
    return { id, act: pending.act, ...done };
  }

  @Post('pending-acts/:id/refuse')
  @HttpCode(204)
  @ApiOperation({ operationId: 'refuseAct', summary: 'refuses an act, or takes one’s own back' })
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @ApiResponse({ status: 204, description: 'it waits no more' })
  @ProblemResponses(401, 403, 404)
  refuse(@Param('id') id: string, @Req() request: KnownRequest): void {
    request.about = aboutOf(this.fourEyes.refuse(id, this.clock.now()));
  }

  @Post('pending-acts/:id/token')
  @ApiOperation({
    operationId: 'fetchToken',
    summary: 'gives the token of a confirmed key to the holder who asked for it, once',
  })
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @Answers(IssuedKeySchema, { 201: 'the key and its token' })
  @ProblemResponses(401, 403, 404, 409)
  fetchToken(@Param('id') id: string, @Req() request: KnownRequest): IssuedKey {
    const now = this.clock.now();
    const give = (keyId: string): IssuedKey => this.keys.giveToken(keyId, now);
    const issued = this.fourEyes.fetch(id, principalOf(request), now, give);
    request.about = { ...termsOf(issued.key), act: id, keyId: issued.key.id };
    return issued;
  }

  async #do(
    { id, act }: PendingAct,
    sha256: string,
    by: Principal,
    now: Instant,
  ): Promise<Omit<DoneAct, 'id' | 'act'>> {
    switch (act.kind) {
      case 'issue-key': {
        assertGrantable(by, act);
        const { kind: _, ...wanted } = act;
        const begin = (): string => this.keys.reserve(wanted, now).id;
        return this.#confirmKey(id, sha256, by, now, begin);
      }
      case 'rotate-key': {
        const { keyId, graceHours } = act;
        assertMayRotate(by, this.keys.rotatable(keyId, now, graceHours));
        const begin = (): string => this.keys.beginRotation(keyId, now, graceHours).id;
        return this.#confirmKey(id, sha256, by, now, begin);
      }
      case 'erase-subject': {
        const { kind: _, ...wanted } = act;
        const taken = this.fourEyes.take(id, sha256, by, now);
        return this.#orPutBack(taken, async () => ({
          erasure: await this.erasures.erase(wanted, taken.askedBy),
        }));
      }
      case 'rotate-signing-key': {
        const taken = this.fourEyes.take(id, sha256, by, now);
        return this.#orPutBack(taken, async () => ({
          signingKey: await this.signingKey.rotate(act.previous, taken.askedBy),
        }));
      }
      case 'accept-restore':
        this.fourEyes.take(id, sha256, by, now);
        return {};
      case 'end-four-eyes':
        this.fourEyes.take(id, sha256, by, now);
        this.fourEyes.switch(false, now);
        return {};
    }
  }

  /** Does what was taken; an act that cannot be done waits on. */
  async #orPutBack<Done>(taken: PendingAct, act: () => Promise<Done>): Promise<Done> {
    try {
      return await act();
    } catch (error) {
      this.fourEyes.putBack(taken);
      throw error;
    }
  }

  #confirmKey(...confirmation: Parameters<FourEyes['confirm']>): Pick<DoneAct, 'key'> {
    const { keyId = '' } = this.fourEyes.confirm(...confirmation);
    return { key: this.keys.get(keyId, this.clock.now()) };
  }
}
