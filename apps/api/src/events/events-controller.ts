import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { principalOf } from '../guard/access-guard.js';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { FastifyReply } from '../http/http-types.js';
import { ServedLedger } from '../served/served-ledger.js';
import {
  caughtUp,
  onlyParameters,
  parametersOf,
  positionIn,
  sendAnswer,
  textIn,
  wholeIn,
  type Parameters,
} from '../queries/answering.js';
import { EventStreams } from '../served/event-streams.js';
import { fed, type FedEvent, type FeedFilter } from './feed.js';

/** Events looked at for one page: a filter that fits few still ends soon, with the position to go on from. */
const maxScanned = 5_000;

/** Every event in the order of the store, by page or as they are recorded. */
@Controller('events')
@ApiTags('feed')
export class EventsController {
  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(EventStreams) private readonly streams: EventStreams,
  ) {}

  @Get()
  @AllowedTo(...readers, 'agency')
  @ApiOperation({ operationId: 'events', summary: 'events in order, after a position, in pages' })
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'a position; left out: from the beginning',
    schema: { type: 'string' },
  })
  @ApiQuery({
    name: 'type',
    required: false,
    schema: { type: 'string', pattern: '^[A-Za-z]{1,64}$' },
  })
  @ApiQuery({
    name: 'stream',
    required: false,
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,100}$' },
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'a page',
    schema: { $ref: '#/components/schemas/EventPage' },
  })
  @ProblemResponses(400, 401, 403, 503)
  async page(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'after', 'type', 'stream', 'limit', 'atLeast');
    const [filter, principal, limit] = [
      filterIn(given),
      principalOf(request),
      wholeIn(given, 'limit', 1, 1000) ?? 100,
    ];
    await caughtUp(this.ledger, given);
    const items: FedEvent[] = [];
    let next = await this.#positionIn(given['after'], 'after');
    let scanned = 0;
    const { store } = this.ledger.opened.reader.parts;
    read: for await (const batch of store.readAll({
      ...(next !== undefined && { after: next }),
      batchSize: 500,
    })) {
      for (const record of batch) {
        if (items.length === limit || scanned === maxScanned) break read;
        scanned += 1;
        next = record.position;
        const event = fed(record, filter, principal);
        if (event !== undefined) items.push(event);
      }
    }
    return sendAnswer({ items, ...(next !== undefined && { next }) }, request, reply);
  }

  @Get('stream')
  @AllowedTo(...readers, 'agency')
  @ApiOperation({
    operationId: 'eventStream',
    summary: 'events as they are recorded: server-sent events',
    description:
      'The id of each is its position; after a break the browser sends it as Last-Event-ID and nothing is missed.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'after', required: false, schema: { type: 'string' } })
  @ApiQuery({
    name: 'type',
    required: false,
    schema: { type: 'string', pattern: '^[A-Za-z]{1,64}$' },
  })
  @ApiQuery({
    name: 'stream',
    required: false,
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,100}$' },
  })
  @ApiResponse({
    status: 200,
    description: 'events',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ProblemResponses(400, 401, 403, 503)
  async stream(@Req() request: KnownRequest, @Res() reply: FastifyReply): Promise<void> {
    const given = parametersOf(request);
    onlyParameters(given, 'after', 'type', 'stream');
    const after = await this.#positionIn(
      request.headers['last-event-id'] ?? given['after'],
      'Last-Event-ID',
    );
    const filter = filterIn(given);
    const principal = principalOf(request);
    this.streams.send((signal) => this.#texts(after, filter, principal, signal), request, reply);
  }

  async *#texts(
    after: string | undefined,
    filter: FeedFilter,
    principal: Principal,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const { store } = this.ledger.opened.reader.parts;
    for await (const batch of store.follow({
      ...(after !== undefined && { after }),
      signal,
      batchSize: 500,
    })) {
      const events = batch
        .map((record) => fed(record, filter, principal))
        .filter((event) => event !== undefined);
      // Events of others move the reader on as well, so that it need not read past them again.
      const last = batch.at(-1)?.position ?? '';
      const texts = events.map(
        (event) => `id: ${event.position}\nevent: recorded\ndata: ${JSON.stringify(event)}\n\n`,
      );
      yield texts.length > 0 ? texts.join('') : `id: ${last}\n\n`;
    }
  }

  /** A position that reading can start from. */
  async #positionIn(text: unknown, name: string): Promise<string | undefined> {
    const position = positionIn(text, name);
    if (position !== undefined && !(await this.ledger.canFollow(position)))
      throw new ApiProblem('invalid', {
        en: `${name}: ${position} is no position of this ledger, or is after the last event`,
        zh: `${name}：${position} 不是本账本的位置，或在最后一个事件之后`,
      });
    return position;
  }
}

/** @throws ApiProblem `invalid` */
function filterIn(given: Parameters): FeedFilter {
  const type = textIn(given, 'type', /^[A-Za-z]{1,64}$/, {
    en: 'the type of an event',
    zh: '事件类型',
  });
  const stream = textIn(given, 'stream', /^[A-Za-z0-9._:-]{1,100}$/, {
    en: 'the name of a stream',
    zh: '流的名称',
  });
  return { ...(type !== undefined && { type }), ...(stream !== undefined && { stream }) };
}
