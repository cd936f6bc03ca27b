import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { inOrderOfTime } from '@penalty-ledger/application';
import { IdSchema } from '@penalty-ledger/ledger';
import { agencyIn } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, TakesPassword, type KnownRequest } from '../guard/rule.js';
import { sendText } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { onlyParameters, parametersOf } from '../http/parameters.js';
import { languageFor } from '../http/varying.js';
import { DescribesList } from '../openapi/describe-list.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { answerList } from '../queries/answer-list.js';
import { answered } from '../queries/answer-query.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';
import { calendarMediaType, deadlineCalendar, monthEntry } from './deadline-calendar.js';

const id = schemaObject(IdSchema);

/** The deadlines of agencies, as a list and as a calendar; for the role `agency` of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class DeadlinesController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('deadlines')
  @DescribesList('deadlines', {
    summary:
      'appeal windows, evidence, last chances, returns, decisions and reviews due; overdue too',
  })
  deadlines(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return answerList('deadlines', this.ledger, request, reply);
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
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'atLeast');
    const agencyId = agencyIn(given, request);
    await caughtUp(this.ledger, given);
    const asked = agencyId === undefined ? {} : { agencyId };
    const windows = answered(await this.ledger.reader.deadlines(asked), asked);
    const { settings, zone } = this.ledger.reader;
    const months = answered(await this.ledger.reader.monthDeadlines(asked), asked);
    // A calendar shows what comes: an overdue decision stays in the list until it is made.
    const coming = windows.filter(({ overdue }) => overdue === undefined);
    const deadlines = [...coming, ...months.flatMap((month) => monthEntry(month, zone))];
    deadlines.sort(inOrderOfTime);
    const { ledgerId, simulation } = settings;
    const language = languageFor(request, reply);
    const calendar = deadlineCalendar({ ledgerId, deadlines, zone, language, simulation });
    return sendText(calendar, calendarMediaType, request, reply);
  }
}
