import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { agencyStream, findingSeverities } from '@penalty-ledger/ledger';
import { findingPages } from '@penalty-ledger/projections';
import { calendarMediaType, deadlineCalendar } from '../deadlines/deadline-calendar.js';
import { AllowedTo, readers, TakesPassword, type KnownRequest } from '../guard/rule.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { languageFor } from '../http/varying.js';
import type { FastifyReply } from '../http/http-types.js';
import { wrongCursor } from '../http/cursor.js';
import { ServedLedger } from '../served/served-ledger.js';
import {
  agencyIn,
  caughtUp,
  instantIn,
  onlyParameters,
  parametersOf,
  sendAnswer,
  sendText,
  textIn,
  wholeIn,
} from '../queries/answering.js';

const id = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' } as const;
const instant = { type: 'string', format: 'date-time' } as const;

/** What needs somebody's attention: departures from the rulebook, and deadlines. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readers, 'agency')
export class FindingsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('findings')
  @ApiOperation({ operationId: 'findings', summary: 'departures from the rulebook, in pages' })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({
    name: 'code',
    required: false,
    schema: { type: 'string', enum: Object.keys(findingSeverities) },
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string', maxLength: 200 } })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'a page',
    schema: { $ref: '#/components/schemas/FindingPage' },
  })
  @ProblemResponses(400, 401, 403, 503)
  async findings(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'code', 'limit', 'cursor', 'atLeast');
    const limit = wholeIn(given, 'limit', 1, 1000) ?? 100;
    const agencyId = agencyIn(given, request);
    const { cursor } = given;
    const code = textIn(given, 'code', /^[a-z_]{1,64}$/, {
      en: 'the code of a finding',
      zh: '问题代码',
    });
    if (code !== undefined && !Object.hasOwn(findingSeverities, code))
      throw new ApiProblem('invalid', {
        en: `code: "${code}" is no finding`,
        zh: `code：没有问题代码 "${code}"`,
      });
    await caughtUp(this.ledger, given);
    await this.ledger.opened.reader.refresh();
    const found = findingPages(this.ledger.opened.reader.parts.readModels.database)({
      ...(agencyId !== undefined && { stream: agencyStream(agencyId) }),
      ...(code !== undefined && { code }),
      ...(cursor !== undefined && { after: readCursor(cursor) }),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const next =
      found.length > limit && last !== undefined
        ? { next: `${last.stream}@${last.revision}@${last.place}` }
        : {};
    return sendAnswer({ items, ...next }, request, reply);
  }

  @Get('deadlines')
  @ApiOperation({
    operationId: 'deadlines',
    summary: 'appeal windows, evidence, last chances and returns that are due',
  })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({
    name: 'before',
    required: false,
    description: 'only those due before',
    schema: instant,
  })
  @ApiQuery({ name: 'knownAt', required: false, schema: instant })
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'in order of time',
    schema: { type: 'array', items: { $ref: '#/components/schemas/Deadline' } },
  })
  @ProblemResponses(400, 401, 403, 404, 503)
  async deadlines(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return sendAnswer(
      await this.#deadlines(request, 'agencyId', 'before', 'knownAt', 'atLeast'),
      request,
      reply,
    );
  }

  @Get('deadlines.ics')
  @TakesPassword()
  @ApiOperation({
    operationId: 'deadlineCalendar',
    summary: 'deadlines as a calendar to subscribe to',
  })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @AtLeast()
  @Conditional()
  @ApiProduces('text/calendar')
  @ApiResponse({
    status: 200,
    description: 'iCalendar',
    content: { 'text/calendar': { schema: { type: 'string' } } },
  })
  @ProblemResponses(400, 401, 403, 404, 503)
  async calendar(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const deadlines = await this.#deadlines(request, 'agencyId', 'atLeast');
    const { settings, zone } = this.ledger.opened.reader;
    const { ledgerId, simulation } = settings;
    const language = languageFor(request, reply);
    const calendar = deadlineCalendar({ ledgerId, deadlines, zone, language, simulation });
    return sendText(calendar, calendarMediaType, request, reply);
  }

  async #deadlines(request: KnownRequest, ...known: readonly string[]) {
    const given = parametersOf(request);
    onlyParameters(given, ...known);
    const agencyId = agencyIn(given, request);
    const [before, knownAt] = [instantIn(given, 'before'), instantIn(given, 'knownAt')];
    await caughtUp(this.ledger, given);
    const found = await this.ledger.opened.reader.deadlines({
      ...(agencyId !== undefined && { agencyId }),
      ...(knownAt !== undefined && { knownAt }),
    });
    if ('error' in found) throw new ApiProblem(found.error);
    return found.filter(({ at }) => before === undefined || at < before);
  }
}

/** @throws ApiProblem `invalid` */
function readCursor(cursor: unknown): {
  readonly stream: string;
  readonly revision: number;
  readonly place: number;
} {
  const [, stream, revision, place] =
    /^([A-Za-z0-9._:-]{1,100})@(\d{1,15})@(\d{1,6})$/.exec(String(cursor)) ?? [];
  if (stream === undefined) throw new ApiProblem('invalid', wrongCursor);
  return { stream, revision: Number(revision), place: Number(place) };
}
