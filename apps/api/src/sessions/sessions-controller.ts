import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import {
  SessionPageSchema,
  sessionSorts,
  type SessionsOf,
  type StartedIn,
} from '@penalty-ledger/application';
import { IdSchema, InstantSchema, parseInstant, plusHours } from '@penalty-ledger/ledger';
import { agencyIn } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { pageIn, pageParameters } from '../http/paging.js';
import {
  idIn,
  instantIn,
  onlyParameters,
  parametersOf,
  textIn,
  type Parameters,
} from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { Answers } from '../openapi/describe-answer.js';
import { Pages } from '../openapi/describe-list.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';

/** The longest time whose sessions are listed for an agency as a whole, in days. */
const maxDays = 31;

const id = schemaObject(IdSchema);
const instant = schemaObject(InstantSchema);

/** The list of live sessions, as known now; for the role `agency` of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class SessionsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('sessions')
  @ApiOperation({
    operationId: 'sessions',
    summary: 'live sessions of an agency or a creator, voided ones too',
    description:
      'Give creatorId; or agencyId with a date, or with from and to no more than ' +
      `${maxDays} days apart; or all of them.`,
  })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({ name: 'creatorId', required: false, schema: id })
  @ApiQuery({
    name: 'date',
    required: false,
    description: 'started on this local date: `2026-01-05`',
    schema: { type: 'string', format: 'date' },
  })
  @ApiQuery({
    name: 'from',
    required: false,
    description: 'instead of `date`: started at or after',
    schema: instant,
  })
  @ApiQuery({
    name: 'to',
    required: false,
    description: 'instead of `date`: started before',
    schema: instant,
  })
  @Pages(sessionSorts)
  @AtLeast()
  @Conditional()
  @Answers(SessionPageSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 503)
  async sessions(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'creatorId', 'date', 'from', 'to', ...pageParameters);
    const page = pageIn(given, sessionSorts);
    const [agencyId, creatorId] = [agencyIn(given, request), idIn(given, 'creatorId')];
    const started = startedIn(given);
    await caughtUp(this.ledger, given);
    const found = await this.ledger.reader.sessions({
      ...page,
      ...started,
      ...subjectOf(agencyId, creatorId, started),
    });
    return sendAnswer(found, request, reply);
  }
}

/**
 * The subject whose sessions are listed: a creator at any time, or an agency in a bounded time.
 *
 * @throws ApiProblem `invalid`
 */
function subjectOf(
  agencyId: string | undefined,
  creatorId: string | undefined,
  { date, from, to }: StartedIn,
): SessionsOf {
  if (creatorId !== undefined) return { creatorId, ...(agencyId !== undefined && { agencyId }) };
  if (agencyId === undefined)
    throw new ApiProblem('invalid', {
      en: 'agencyId, creatorId: give at least one',
      zh: 'agencyId、creatorId：至少须给出一个',
    });
  // An hour more: a month in which clocks are set back has it.
  const isShort = from !== undefined && to !== undefined && to <= plusHours(from, maxDays * 24 + 1);
  if (date === undefined && !isShort)
    throw new ApiProblem('invalid', {
      en:
        'date, from, to: for an agency give a date, or from and to no more than ' +
        `${maxDays} days apart; or name a creatorId`,
      zh: `date、from、to：查询机构时须给出 date，或相距不超过 ${maxDays} 天的 from 和 to；或给出 creatorId`,
    });
  return { agencyId };
}

/** @throws ApiProblem `invalid` */
function startedIn(given: Parameters): StartedIn {
  const [from, to] = [instantIn(given, 'from'), instantIn(given, 'to')];
  const date = dateIn(given);
  if (date !== undefined && (from !== undefined || to !== undefined))
    throw new ApiProblem('invalid', {
      en: 'date, from, to: give a date, or from and to, and not both',
      zh: 'date、from、to：须给出 date，或 from 和 to，不得同时给出',
    });
  return { date, from, to };
}

/** @throws ApiProblem `invalid` */
function dateIn(given: Parameters): string | undefined {
  const date = textIn(given, 'date', /^\d{4}-\d{2}-\d{2}$/, {
    en: 'a date: 2026-01-05',
    zh: '日期：2026-01-05',
  });
  if (date !== undefined && parseInstant(`${date}T00:00:00Z`) === undefined)
    throw new ApiProblem('invalid', {
      en: `date: there is no ${date} in the calendar`,
      zh: `date：没有 ${date} 这一天`,
    });
  return date;
}
