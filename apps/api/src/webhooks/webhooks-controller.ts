import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { eventVersions } from '@penalty-ledger/ledger';
import { ArrayMaxSize, ArrayNotEmpty, ArrayUnique, IsArray, IsIn } from 'class-validator';
import { Id, MayBeMissing, Words } from '../commands/fields.js';
import { checkBody } from '../commands/read-body.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { languageOf } from '../problems/language.js';
import { ServedLedger } from '../service/served-ledger.js';
import { WebhookDelivery } from './webhook-delivery.js';
import { Webhooks, type Webhook, type WithSecret } from './webhooks.js';

const eventTypes = Object.keys(eventVersions).sort();

class NewWebhookBody {
  @Words(2_000) readonly url!: string;
  @MayBeMissing()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsIn(eventTypes, { each: true })
  readonly types?: string[];
  @MayBeMissing() @Id() readonly agencyId?: string;
}

const webhook = { $ref: '#/components/schemas/Webhook' };
const withSecret = { $ref: '#/components/schemas/WebhookWithSecret' };
const idParameter = { name: 'id', schema: { type: 'string' } } as const;

/** Who is told of events as they are recorded (docs/spec/webhooks.md). A secret is shown once. */
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
  @ApiOperation({ operationId: 'listWebhooks', summary: 'every webhook, without its secret, and how it fares' })
  @ApiResponse({ status: 200, description: 'webhooks', schema: { type: 'array', items: webhook } })
  @ProblemResponses(401, 403)
  list(): readonly Webhook[] {
    return this.webhooks.list();
  }

  @Get(':id')
  @ApiOperation({ operationId: 'webhook', summary: 'a webhook, without its secret, and how it fares' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'the webhook', schema: webhook })
  @ProblemResponses(401, 403, 404)
  one(@Param('id') id: string): Webhook {
    return this.webhooks.get(id);
  }

  @Post()
  @ApiOperation({
    operationId: 'addWebhook',
    summary: 'tells a URL of what is recorded from now on; its secret is shown this once',
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
      },
    },
    examples: { example: { value: { url: 'https://hooks.example.com/ledger', types: ['DeductionImposed'] } } },
  })
  @ApiResponse({ status: 201, description: 'the webhook and its secret', schema: withSecret })
  @ProblemResponses(400, 401, 403, 503)
  async add(@Body() sent: unknown, @Req() request: KnownRequest): Promise<WithSecret> {
    const body = await checkBody(NewWebhookBody, sent, languageOf(request.headers['accept-language']));
    const { url, types, agencyId } = body;
    const head = await this.ledger.opened.reader.parts.store.head();
    const added = this.webhooks.add(
      { url, ...(types !== undefined && { types }), ...(agencyId !== undefined && { agencyId }) },
      head,
      this.ledger.clock.now(),
    );
    request.about = { id: added.webhook.id };
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
  @ApiResponse({ status: 200, description: 'the webhook', schema: webhook })
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
      'goes on where it stopped, after a pause or once a disabled receiver is mended, with its failures forgotten',
  })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'the webhook', schema: webhook })
  @ProblemResponses(401, 403, 404)
  async resume(@Param('id') id: string): Promise<Webhook> {
    const resumed = this.webhooks.resume(id);
    await this.delivery.refresh();
    return resumed;
  }

  @Post(':id/rotate')
  @ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary: 'gives a webhook a new secret, shown this once; the earlier one signs too for 24 hours',
  })
  @ApiParam(idParameter)
  @ApiResponse({ status: 201, description: 'the webhook and its new secret', schema: withSecret })
  @ProblemResponses(401, 403, 404)
  rotate(@Param('id') id: string): WithSecret {
    return this.webhooks.rotateSecret(id, this.ledger.clock.now());
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeWebhook', summary: 'ends a webhook, with its secret and how far it was' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 204, description: 'removed' })
  @ProblemResponses(401, 403, 404)
  async remove(@Param('id') id: string): Promise<void> {
    this.webhooks.remove(id);
    await this.delivery.refresh();
  }
}
