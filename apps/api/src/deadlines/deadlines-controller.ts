import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  cursorOf,
  DeadlineSchema,
  inOrderOfTime,
  pageOf,
  pageSchema,
  type Deadline,
} from '@penalty-ledger/application';
import { IdSchema, InstantSchema, type Instant } from '@penalty-ledger/ledger';
import { agencyIn } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, TakesPassword, type KnownRequest } from '../guard/rule.js';
import { sendAnswer, sendText } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { pageIn, pageParameters } from '../http/paging.js';
import { instantIn, onlyParameters, parametersOf } from '../http/parameters.js';
import { languageFor } from '../http/varying.js';
import { Answers } from '../openapi/describe-answer.js';
import { Pages } from '../openapi/describe-list.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { answered } from '../queries/answer-query.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';
import { calendarMediaType, deadlineCalendar } from './deadline-calendar.js';

const id = schemaObject(IdSchema);
const instant = schemaObject(InstantSchema);

const deadlineSorts = ['at'] as const;
const DeadlinePageSchema = pageSchema(DeadlineSchema, 'DeadlinePage');

/** The deadlines of agencies, as a list and as a calendar; for the role `agency` of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class DeadlinesController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

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
  @Pages(deadlineSorts)
  @AtLeast()
  @Conditional()
  @Answers(DeadlinePageSchema, { 200: 'a page, in order of time' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async deadlines(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const { after, limit } = pageIn(parametersOf(request), deadlineSorts);
    const known = ['agencyId', 'before', 'knownAt', ...pageParameters];
    const deadlines = await this.#deadlines(request, ...known);
    const place = after && { at: after.key as Instant, uid: after.id };
    const rest = deadlines.filter((each) => place === undefined || inOrderOfTime(place, each) < 0);
    const cursorAt = ({ at, uid }: Deadline): string =>
      cursorOf(deadlineSorts[0], { key: at, id: uid });
    const page = pageOf(rest.slice(0, limit + 1), limit, cursorAt, (each) => each);
    return sendAnswer(page, request, reply);
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
    const { settings, zone } = this.ledger.reader;
    const { ledgerId, simulation } = settings;
    const language = languageFor(request, reply);
    const calendar = deadlineCalendar({ ledgerId, deadlines, zone, language, simulation });
    return sendText(calendar, calendarMediaType, request, reply);
  }

  async #deadlines(
    request: KnownRequest,
    ...known: readonly string[]
  ): Promise<readonly Deadline[]> {
    const given = parametersOf(request);
    onlyParameters(given, ...known);
    const agencyId = agencyIn(given, request);
    const [before, knownAt] = [instantIn(given, 'before'), instantIn(given, 'knownAt')];
    await caughtUp(this.ledger, given);
    const found = await this.ledger.reader.deadlines({
      knownAt,
      ...(agencyId !== undefined && { agencyId }),
      ...(before !== undefined && { before }),
    });
    return answered(found, agencyId === undefined ? {} : { agencyId });
  }
}
