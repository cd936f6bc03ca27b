import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  maxPageBytes,
  maxPageRecords,
  RecordPageHeadSchema,
  writeRecordPage,
  type RecordPageHead,
} from '@penalty-ledger/application/following';
import type { StoredEvent } from '@penalty-ledger/event-store';
import { EventEnvelopeSchema } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { integerIn, onlyParameters, parametersOf, textIn } from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';

/** Requests that wait at once; each holds a reading of the store. */
const maxWaiting = 32;

const tooMany = { en: 'too many followers wait', zh: '等待中的跟随方过多' };

/**
 * The time for which a page that is not full waits for more. A follower under load asks five times
 * a second, instead of once for each group of commands; each request is in the access log.
 */
const gatherMs = 200;

const maxPosition = Number.MAX_SAFE_INTEGER;

const LineSchema = Type.Union([RecordPageHeadSchema, EventEnvelopeSchema]);

/** The ledger for another machine that keeps a copy: every event as the bytes that are hashed. */
@Controller('events/records')
@ApiTags('feed')
export class RecordsController {
  #waiting = 0;

  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(ServedLog) private readonly log: ServedLog,
  ) {}

  @Get()
  @AllowedTo(...readers)
  @ApiOperation({
    operationId: 'records',
    summary: 'events as stored, for a copy on another machine',
    description:
      'The first line is JSON and describes the page. Each further line is an event, in ' +
      'the order of the ledger: the canonical JSON that its leaf hash is made of. ' +
      '"ledger follow" reads it.',
  })
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'the number of events that the copy holds durably',
    schema: { type: 'integer', minimum: 0, default: 0 },
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: maxPageRecords, default: maxPageRecords },
  })
  @ApiQuery({
    name: 'waitSeconds',
    required: false,
    description: 'how long to wait while there are none',
    schema: { type: 'integer', minimum: 0, maximum: 20, default: 0 },
  })
  @ApiQuery({
    name: 'follower',
    required: false,
    description: 'the name of the copy',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' },
  })
  @ApiQuery({
    name: 'lease',
    required: false,
    description: 'the `lease` of the page before',
    schema: { type: 'string', pattern: '^[A-Za-z0-9-]{1,64}$' },
  })
  @ApiResponse({
    status: 200,
    description: 'a page: its description, then events',
    content: { 'application/x-ndjson': { schema: schemaObject(LineSchema) } },
  })
  @ProblemResponses(400, 401, 403, 409, 503)
  async page(@Req() request: KnownRequest, @Res() reply: FastifyReply): Promise<void> {
    const given = parametersOf(request);
    onlyParameters(given, 'after', 'limit', 'waitSeconds', 'follower', 'lease');
    const after = integerIn(given, 'after', 0, maxPosition) ?? 0;
    const limit = integerIn(given, 'limit', 1, maxPageRecords) ?? maxPageRecords;
    const waitMs = 1_000 * (integerIn(given, 'waitSeconds', 0, 20) ?? 0);
    const follower = textIn(given, 'follower', /^[A-Za-z0-9._-]{1,64}$/, {
      en: 'a name of 1 to 64 characters A-Z a-z 0-9 . _ -',
      zh: '一个名称：1 至 64 个字符，限 A–Z a–z 0–9 . _ -',
    });
    const lease = textIn(given, 'lease', /^[A-Za-z0-9-]{1,64}$/, {
      en: 'the lease of the page before',
      zh: '上一页给出的 lease',
    });
    const { followers } = this.ledger;
    if (follower !== undefined) followers.asked(follower, String(after), lease);
    const events = await this.#events({ after, limit, waitMs }, request, reply);
    const followedSeconds = followers.secondsFor(follower);
    const head = await this.#head(after);
    const page = { ...head, ...(followedSeconds !== undefined && { followedSeconds }) };
    void reply
      .header('content-type', 'application/x-ndjson; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(writeRecordPage(page, events));
  }

  /** The events behind a position, when there are some or the time is over. */
  async #events(
    {
      after,
      limit,
      waitMs,
    }: { readonly after: number; readonly limit: number; readonly waitMs: number },
    request: KnownRequest,
    reply: FastifyReply,
  ): Promise<readonly StoredEvent[]> {
    const { events } = this.ledger.reader;
    const head = await this.#headPosition();
    // Its sender finds out that the ledger ends before its copy does.
    if (after > head) return [];
    const wanted = { after: positionOf(after), limit, byteLimit: maxPageBytes };
    const found = await events.records(wanted);
    if (waitMs === 0 || found.length === limit || head - after > found.length) return found;
    if (this.#waiting >= maxWaiting || this.ledger.isClosing)
      throw new ApiProblem('unavailable', tooMany, { retryAfter: 10 });
    const ended = new AbortController();
    const end = (): void => ended.abort();
    this.#waiting += 1;
    this.ledger.onClosing(end);
    reply.raw.once('close', end);
    try {
      const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(waitMs)]);
      await events.arrival(wanted.after, signal);
      const { needed } = this.ledger.followers;
      if (needed?.inStep !== true)
        await pause(gatherMs, undefined, { signal }).catch(() => undefined);
      if ((await request.stillOpens?.()) === false) throw new ApiProblem('unauthenticated');
      return await events.records(wanted);
    } finally {
      this.#waiting -= 1;
      this.ledger.offClosing(end);
      reply.raw.off('close', end);
    }
  }

  async #head(after: number): Promise<Omit<RecordPageHead, 'count'>> {
    const { clock, followers, reader } = this.ledger;
    const head = await this.#headPosition();
    const leafHash = after === 0 || after > head ? undefined : await this.#leafHashAt(after);
    return {
      ledgerId: reader.settings.ledgerId,
      after: String(after),
      ...(leafHash !== undefined && { leafHash }),
      head: String(head),
      signed: await this.log.signedSize(),
      now: clock.now(),
      term: (await this.ledger.term()).term,
      lease: followers.stamp(),
    };
  }

  async #leafHashAt(position: number): Promise<string | undefined> {
    const [last] = await this.ledger.reader.events.records({
      after: positionOf(position - 1),
      limit: 1,
      byteLimit: maxPageBytes,
    });
    return last?.leafHash;
  }

  /** @throws ApiProblem `not_followable` where positions do not count the events */
  async #headPosition(): Promise<number> {
    const head = (await this.ledger.reader.events.head()) ?? '0';
    if (!/^\d{1,15}$/.test(head)) throw new ApiProblem('not_followable');
    return Number(head);
  }
}

function positionOf(count: number): string | undefined {
  return count === 0 ? undefined : String(count);
}
