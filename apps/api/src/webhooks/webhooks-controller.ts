import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Position } from '@penalty-ledger/event-store';
import { eventVersions } from '@penalty-ledger/ledger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  ValidateBy,
} from 'class-validator';
import { Id, MayBeMissing, Part, IntegerFrom, TextUpTo } from '../http/fields.js';
import { checkBody } from '../http/read-body.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { Answers } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { languageOf } from '../http/language.js';
import { schemaObject } from '../openapi/schemas.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { ServedLedger } from '../served/served-ledger.js';
import { WebhookDelivery } from './webhook-delivery.js';
import {
  hostAndPort,
  maxWebhooks,
  maxWithinHours,
  Webhooks,
  WebhookSchema,
  WithinHoursSchema,
  WithSecretSchema,
  type Webhook,
  type WithinHours,
  type WithSecret,
} from '@penalty-ledger/application/webhooks';
import { Type } from '@sinclair/typebox';

const eventTypes = Object.keys(eventVersions).sort();

const fromForm = /^(?:start|now|\d{1,20}(?:\/\d{1,20})?)$/;
const fromText = {
  en: 'give "start", "now", or the position of the last event that is not to be sent',
  zh: '须为 "start"、"now"，或无需推送的最后一个事件的位置',
};

function From(): PropertyDecorator {
  const validate = (value: unknown): boolean => typeof value === 'string' && fromForm.test(value);
  return ValidateBy(
    { name: 'from', validator: { validate } },
    { message: fromText.en, context: fromText },
  );
}

class WithinHoursBody implements WithinHours {
  @IntegerFrom(1, maxWithinHours) readonly withinHours!: number;
}

class NewWebhookBody {
  @TextUpTo(2_000) readonly url!: string;
  @MayBeMissing()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsIn(eventTypes, { each: true })
  readonly types?: string[];
  @MayBeMissing() @Id() readonly agencyId?: string;
  // A list of objects would pass as a part.
  @MayBeMissing() @IsObject() @Part(() => WithinHoursBody) readonly deadlines?: WithinHoursBody;
  @MayBeMissing() @IsObject() @Part(() => WithinHoursBody) readonly outlook?: WithinHoursBody;
  @MayBeMissing() @From() readonly from?: string;
}

const withinHours = schemaObject(WithinHoursSchema);

const idParameter = { name: 'id', schema: { type: 'string' } } as const;

/**
 * Webhooks, which notify receivers of events as they are recorded, of deadlines before they end,
 * and of months that may not pass (docs/spec/webhooks.md). A secret is shown once.
 */
@Controller('webhooks')
@ApiTags('administration')
@AllowedTo('administrator')
export class WebhooksController {
  constructor(
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(WebhookDelivery) private readonly delivery: WebhookDelivery,
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listWebhooks',
    summary: 'every webhook, without its secret, and how it fares',
  })
  @Answers(Type.Array(WebhookSchema, { maxItems: maxWebhooks }), { 200: 'webhooks' })
  @ProblemResponses(401, 403)
  list(): readonly Webhook[] {
    return this.webhooks.list();
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'webhook',
    summary: 'a webhook, without its secret, and how it fares',
  })
  @ApiParam(idParameter)
  @Answers(WebhookSchema, { 200: 'the webhook' })
  @ProblemResponses(401, 403, 404)
  one(@Param('id') id: string): Webhook {
    return this.webhooks.get(id);
  }

  @Post()
  @ApiOperation({
    operationId: 'addWebhook',
    summary:
      'notifies a URL of events, from now or from a position on, and of deadlines and of the ' +
      'outlook if asked to; its secret is shown only now',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['url'],
      additionalProperties: false,
      properties: {
        url: { type: 'string', minLength: 1, maxLength: 2_000 },
        types: {
          type: 'array',
          minItems: 1,
          maxItems: 100,
          uniqueItems: true,
          items: { type: 'string', enum: eventTypes },
        },
        agencyId: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' },
        deadlines: withinHours,
        outlook: withinHours,
        from: { type: 'string', pattern: fromForm.source, default: 'now' },
      },
    },
    examples: {
      example: {
        value: {
          url: 'https://hooks.example.com/ledger',
          types: ['DeductionImposed'],
          deadlines: { withinHours: 48 },
          outlook: { withinHours: 72 },
        },
      },
    },
  })
  @Answers(WithSecretSchema, { 201: 'the webhook and its secret' })
  @ProblemResponses(400, 401, 403, 409, 503)
  async add(@Body() sent: unknown, @Req() request: KnownRequest): Promise<WithSecret> {
    const body = await checkBody(
      NewWebhookBody,
      sent,
      languageOf(request.headers['accept-language']),
    );
    const { url, types, agencyId, deadlines, outlook } = body;
    const after = await this.#positionBefore(body.from ?? 'now');
    const added = this.webhooks.add(
      {
        url,
        ...(types !== undefined && { types }),
        ...(agencyId !== undefined && { agencyId }),
        ...(deadlines !== undefined && { deadlines: { withinHours: deadlines.withinHours } }),
        ...(outlook !== undefined && { outlook: { withinHours: outlook.withinHours } }),
      },
      after,
      this.ledger.clock.now(),
      principalOf(request).id,
    );
    request.about = {
      id: added.webhook.id,
      ...targetOf(url),
      ...(agencyId !== undefined && { agencyId }),
    };
    await this.delivery.refresh();
    return added;
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'pauseWebhook',
    summary: 'sends nothing until it is resumed; nothing is lost meanwhile',
  })
  @ApiParam(idParameter)
  @Answers(WebhookSchema, { 200: 'the webhook' })
  @ProblemResponses(401, 403, 404)
  async pause(@Param('id') id: string): Promise<Webhook> {
    const paused = this.webhooks.pause(id);
    await this.delivery.refresh();
    return paused;
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'resumeWebhook',
    summary:
      'continues where it stopped, after a pause or once a disabled receiver is mended, ' +
      'and forgets its failures',
  })
  @ApiParam(idParameter)
  @Answers(WebhookSchema, { 200: 'the webhook' })
  @ProblemResponses(401, 403, 404)
  async resume(@Param('id') id: string): Promise<Webhook> {
    const resumed = this.webhooks.resume(id);
    await this.delivery.refresh();
    return resumed;
  }

  @Post(':id/rotate')
  @ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary:
      'gives a webhook a new secret, shown this once; the earlier one signs too for 24 hours',
  })
  @ApiParam(idParameter)
  @Answers(WithSecretSchema, { 201: 'the webhook and its new secret' })
  @ProblemResponses(401, 403, 404)
  rotate(@Param('id') id: string): WithSecret {
    return this.webhooks.rotateSecret(id, this.ledger.clock.now());
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'removeWebhook',
    summary: 'ends a webhook, with its secret and how far it was',
  })
  @ApiParam(idParameter)
  @ApiResponse({ status: 204, description: 'removed' })
  @ProblemResponses(401, 403, 404)
  async remove(@Param('id') id: string): Promise<void> {
    this.webhooks.remove(id);
    await this.delivery.refresh();
  }

  /** The last event that is not to be sent; `undefined` when all of them are. */
  async #positionBefore(from: string): Promise<Position | undefined> {
    if (from === 'start') return undefined;
    if (from === 'now') return this.ledger.reader.events.head();
    if (await this.ledger.reader.events.canFollow(from)) return from;
    throw new ApiProblem('invalid', {
      en:
        `from: ${from} is not a position of this ledger, or is after its last event; ` +
        fromText.en,
      zh: `from：${from} 不是本账本的位置，或在最后一个事件之后；${fromText.zh}`,
    });
  }
}

/**
 * The target of a webhook for the access log: its host and port, and the address, of which the log
 * keeps a hash, since it may hold a secret.
 */
function targetOf(url: string): Record<string, string> {
  return { host: hostAndPort(new URL(url)), url };
}
