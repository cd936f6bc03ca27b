import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  FedEventSchema,
  FeedPageSchema,
  type FeedBatch,
  type FeedFilter,
} from '@penalty-ledger/application';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { serialiserOf } from '../http/serialiser.js';
import { limitIn } from '../http/paging.js';
import {
  onlyParameters,
  parametersOf,
  positionIn,
  textIn,
  type Parameters,
} from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { Answers } from '../openapi/describe-answer.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { caughtUp } from '../served/caught-up.js';
import { EventStreams } from '../served/event-streams.js';
import { ServedLedger } from '../served/served-ledger.js';

const typeQuery = {
  name: 'type',
  required: false,
  schema: { type: 'string', pattern: '^[A-Za-z]{1,64}$' },
} as const;

const streamQuery = {
  name: 'stream',
  required: false,
  schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,100}$' },
} as const;

/** Every event in the order of the store, by page or as they are recorded. */
@Controller('events')
@ApiTags('feed')
export class EventsController {
  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(EventStreams) private readonly streams: EventStreams,
  ) {}

  @Get()
  @AllowedTo(...readersAndAgencies)
  @ApiOperation({ operationId: 'events', summary: 'events in order, after a position, in pages' })
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'a position; left out: from the beginning',
    schema: { type: 'string' },
  })
  @ApiQuery(typeQuery)
  @ApiQuery(streamQuery)
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  })
  @AtLeast()
  @Conditional()
  @Answers(FeedPageSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 503)
  async page(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'after', 'type', 'stream', 'limit', 'atLeast');
    const [filter, limit] = [filterIn(given, request), limitIn(given)];
    await caughtUp(this.ledger, given);
    const after = await this.#positionIn(given['after'], 'after');
    const page = await this.ledger.reader.events.page(filter, { after, limit });
    return sendAnswer(page, request, reply);
  }

  @Get('stream')
  @AllowedTo(...readersAndAgencies)
  @ApiOperation({
    operationId: 'eventStream',
    summary: 'events as they are recorded: server-sent events',
    description:
      'The id of each is its position. After a break the browser sends it as Last-Event-ID, ' +
      'and nothing is missed.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'after', required: false, schema: { type: 'string' } })
  @ApiQuery(typeQuery)
  @ApiQuery(streamQuery)
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
    const filter = filterIn(given, request);
    const { events } = this.ledger.reader;
    this.streams.send((signal) => texts(events.follow(filter, { after, signal })), request, reply);
  }

  /** A position that reading can start from. */
  async #positionIn(text: unknown, name: string): Promise<string | undefined> {
    const position = positionIn(text, name);
    if (position !== undefined && !(await this.ledger.reader.events.canFollow(position)))
      throw new ApiProblem('invalid', {
        en: `${name}: ${position} is not a position of this ledger, or is after the last event`,
        zh: `${name}：${position} 不是本账本的位置，或在最后一个事件之后`,
      });
    return position;
  }
}

const writeEvent = serialiserOf(FedEventSchema);

/** The events of each batch as one text, each with its position as id. */
async function* texts(batches: AsyncIterable<FeedBatch>): AsyncGenerator<string> {
  for await (const { events, last } of batches) {
    const each = events.map(
      (event) => `id: ${event.position}\nevent: recorded\ndata: ${writeEvent(event)}\n\n`,
    );
    // Events of others move the reader on as well, so that it need not read past them again.
    yield each.length > 0 ? each.join('') : `id: ${last}\n\n`;
  }
}

/** @throws ApiProblem `invalid` */
function filterIn(given: Parameters, request: KnownRequest): FeedFilter {
  const { agencyId } = principalOf(request);
  const type = textIn(given, 'type', /^[A-Za-z]{1,64}$/, {
    en: 'the type of an event',
    zh: '事件类型',
  });
  const stream = textIn(given, 'stream', /^[A-Za-z0-9._:-]{1,100}$/, {
    en: 'the name of a stream',
    zh: '流的名称',
  });
  return {
    ...(type !== undefined && { types: [type] }),
    ...(stream !== undefined && { stream }),
    ...(agencyId !== undefined && { agencyId }),
  };
}
