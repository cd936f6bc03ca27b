import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { querySchemas } from '@penalty-ledger/application';
import {
  agencyStream,
  byCodeUnit,
  readEvent,
  type AgencyEntry,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import { appealsOfAgency } from '@penalty-ledger/projections';
import { assertOwn, principalOf } from '../guard/access-guard.js';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { FastifyReply } from '../http/http-types.js';
import { wrongCursor } from '../http/cursor.js';
import { ServedLedger } from '../served/served-ledger.js';
import {
  answerQuery,
  caughtUp,
  instantIn,
  onlyParameters,
  parametersOf,
  sendAnswer,
  wholeIn,
  wordIn,
} from '../queries/answering.js';

const sorts = ['agencyId', '-agencyId', 'balance', '-balance'] as const;
type Sort = (typeof sorts)[number];

const instant = { type: 'string', format: 'date-time' } as const;

/** The list of agencies, and what belongs to one. */
@Controller('agencies')
@ApiTags('queries')
@AllowedTo(...readers, 'agency')
export class AgenciesController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get()
  @AllowedTo(...readers)
  @ApiOperation({
    operationId: 'agencies',
    summary: 'agencies with balance and standing at (E, K), in pages',
  })
  @ApiQuery({ name: 'effectiveAt', required: false, schema: instant })
  @ApiQuery({ name: 'knownAt', required: false, schema: instant })
  @ApiQuery({
    name: 'standing',
    required: false,
    schema: schemaObject(querySchemas.agencies.properties.standing) as never,
  })
  @ApiQuery({
    name: 'minBalance',
    required: false,
    schema: { type: 'integer', minimum: 0, maximum: 1_000_000_000 },
  })
  @ApiQuery({ name: 'sort', required: false, schema: { type: 'string', enum: [...sorts] } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  })
  @ApiQuery({
    name: 'cursor',
    required: false,
    description: '`next` of the page before',
    schema: { type: 'string', maxLength: 200 },
  })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'a page',
    schema: { $ref: '#/components/schemas/AgencyPage' },
  })
  @ProblemResponses(400, 401, 403, 503)
  async list(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const {
      minBalance: _minBalance,
      sort: sortText = 'agencyId',
      limit: _limit,
      cursor,
      ...query
    } = parametersOf(request);
    const sort = wordIn({ sort: sortText }, 'sort', sorts) ?? sorts[0];
    const limit = wholeIn(parametersOf(request), 'limit', 1, 1000) ?? 100;
    const least = wholeIn(parametersOf(request), 'minBalance', 0, 1_000_000_000) ?? -Infinity;
    const entries = (await answerQuery(
      this.ledger,
      'agencies',
      query,
      request,
    )) as readonly AgencyEntry[];
    const sorted = entries.filter(({ balance }) => balance >= least).sort(comparing(sort));
    const rest = cursor === undefined ? sorted : after(sorted, readCursor(cursor), comparing(sort));
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    const next = rest.length > limit && last !== undefined ? { next: cursorOf(last) } : {};
    return sendAnswer({ items, ...next }, request, reply);
  }

  @Get(':agencyId')
  @ApiOperation({
    operationId: 'agency',
    summary: 'an agency as it stands now, with its name and revision',
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'the agency',
    schema: { $ref: '#/components/schemas/Agency' },
  })
  @ProblemResponses(400, 401, 403, 404, 503)
  async one(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const answer = await answerQuery(this.ledger, 'balance', parametersOf(request), request);
    if (!('standing' in answer)) throw new ApiProblem('internal');
    const revision = await this.ledger.revisionOf(agencyId);
    const name = (await this.ledger.opened.reader.nameOf(agencyId)) ?? null;
    const { balance, threshold, standing, period } = answer;
    return sendAnswer(
      { agencyId, name, revision: revision ?? null, standing, period, balance, threshold },
      request,
      reply,
      revision,
    );
  }

  @Get(':agencyId/timeline')
  @ApiOperation({
    operationId: 'timeline',
    summary: "an agency's recorded acts up to E, as known at K, in the order they were recorded",
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @ApiQuery({ name: 'effectiveAt', required: false, schema: instant })
  @ApiQuery({ name: 'knownAt', required: false, schema: instant })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'the acts',
    schema: { $ref: '#/components/schemas/Timeline' },
  })
  @ProblemResponses(400, 401, 403, 404, 503)
  async timeline(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'effectiveAt', 'knownAt', 'atLeast');
    const answer = await answerQuery(this.ledger, 'balance', given, request);
    const { now, zone, parts } = this.ledger.opened.reader;
    const [knownAt = now, effectiveAt = now] = [
      instantIn(given, 'knownAt'),
      instantIn(given, 'effectiveAt'),
    ];
    const acts: object[] = [];
    for await (const batch of parts.store.readStream(agencyStream(agencyId))) {
      for (const record of batch) {
        const event = readEvent(record);
        if (event.recordedAt <= knownAt && (event.effectiveAt ?? event.recordedAt) <= effectiveAt)
          acts.push(actOf(event));
      }
    }
    const at = {
      effectiveAt: zone.format(effectiveAt),
      knownAt: zone.format(knownAt < now ? knownAt : now),
    };
    const balance = 'balance' in answer ? answer.balance : null;
    return sendAnswer(
      { agencyId, ...at, balance, acts },
      request,
      reply,
      await this.ledger.revisionOf(agencyId),
    );
  }

  @Get(':agencyId/appeals')
  @ApiOperation({
    operationId: 'appealsOfAgency',
    summary: "an agency's appeals with their clocks",
  })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'appeals',
    schema: { type: 'array', items: { $ref: '#/components/schemas/Appeal' } },
  })
  @ProblemResponses(400, 401, 403, 404, 503)
  async appeals(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    await this.#known(agencyId, request);
    const ids = appealsOfAgency(this.ledger.opened.reader.parts.readModels.database)(agencyId);
    const answers = await Promise.all(
      ids.map(({ appealId }) => this.ledger.ask({ query: 'appeal', appealId })),
    );
    return sendAnswer(answers, request, reply, await this.ledger.revisionOf(agencyId));
  }

  @Get(':agencyId/complaints')
  @ApiOperation({ operationId: 'complaintsOfAgency', summary: 'the complaints about an agency' })
  @ApiParam({ name: 'agencyId', schema: { type: 'string' } })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'complaints',
    schema: { type: 'array', items: { $ref: '#/components/schemas/Complaint' } },
  })
  @ProblemResponses(400, 401, 403, 404, 503)
  async complaints(
    @Param('agencyId') agencyId: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    await this.#known(agencyId, request);
    const answers = await this.ledger.opened.reader.complaintsOf(agencyId);
    if ('error' in answers) throw new ApiProblem(answers.error);
    return sendAnswer(answers, request, reply, await this.ledger.revisionOf(agencyId));
  }

  /** @throws ApiProblem `forbidden`, `unknown_agency` */
  async #known(agencyId: string, request: KnownRequest): Promise<void> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'atLeast');
    assertOwn(principalOf(request), agencyId);
    await caughtUp(this.ledger, given);
    if ((await this.ledger.revisionOf(agencyId)) === undefined)
      throw new ApiProblem('unknown_agency');
  }
}

/** What an act says, without what is sealed. */
function actOf({
  id,
  type,
  stream,
  revision,
  recordedAt,
  occurredAt,
  decidedAt,
  notifiedAt,
  effectiveAt,
  actor,
  data,
  rulebook,
}: LedgerEvent): object {
  const times = { recordedAt, occurredAt, decidedAt, notifiedAt, effectiveAt };
  const given = Object.entries({ ...times, rulebook }).filter(([, value]) => value !== undefined);
  return { id, type, stream, revision, actor, ...Object.fromEntries(given), data };
}

function comparing(sort: Sort): (a: AgencyEntry, b: AgencyEntry) => number {
  const byId = (a: AgencyEntry, b: AgencyEntry): number => byCodeUnit(a.agencyId, b.agencyId);
  switch (sort) {
    case 'agencyId':
      return byId;
    case '-agencyId':
      return (a, b) => byId(b, a);
    case 'balance':
      return (a, b) => a.balance - b.balance || byId(a, b);
    case '-balance':
      return (a, b) => b.balance - a.balance || byId(a, b);
  }
}

function after(
  sorted: readonly AgencyEntry[],
  last: AgencyEntry,
  compare: (a: AgencyEntry, b: AgencyEntry) => number,
): readonly AgencyEntry[] {
  return sorted.filter((entry) => compare(entry, last) > 0);
}

function cursorOf({ agencyId, balance }: AgencyEntry): string {
  return Buffer.from(JSON.stringify([agencyId, balance])).toString('base64url');
}

/** @throws ApiProblem `invalid` */
function readCursor(cursor: unknown): AgencyEntry {
  try {
    const [agencyId, balance] = JSON.parse(
      Buffer.from(String(cursor), 'base64url').toString(),
    ) as readonly unknown[];
    if (typeof agencyId === 'string' && typeof balance === 'number')
      return { agencyId, balance } as AgencyEntry;
  } catch {
    // Told below, like any other text that is no cursor.
  }
  throw new ApiProblem('invalid', wrongCursor);
}
