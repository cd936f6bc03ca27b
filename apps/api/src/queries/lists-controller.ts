import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { ListPage } from '@penalty-ledger/application';
import {
  earliestInstant,
  endOfTime,
  MonthSchema,
  parseInstant,
  plusHours,
  type AppealState,
  type Instant,
} from '@penalty-ledger/ledger';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { Pages } from '../openapi/describe-list.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { FastifyReply } from '../http/http-types.js';
import { ServedLedger } from '../served/served-ledger.js';
import {
  agencyIn,
  caughtUp,
  idIn,
  instantIn,
  onlyParameters,
  parametersOf,
  sendAnswer,
  textIn,
  wholeIn,
  wordIn,
  type Parameters,
} from './answering.js';
import { cursorOf, placeIn } from '../http/cursor.js';

const appealStates = [
  'initiated',
  'evidence_submitted',
  'lapsed',
  'out_of_time',
  'withdrawn',
  'upheld',
  'partly_upheld',
  'rejected',
  'inadmissible',
] as const satisfies readonly AppealState[];
const complaintStates = ['open', 'upheld', 'dismissed', 'withdrawn'] as const;

const appealSorts = ['initiatedAt', '-initiatedAt', 'due', '-due'] as const;
const complaintSorts = ['filedAt', '-filedAt'] as const;
const sessionSorts = ['startedAt', '-startedAt'] as const;

/** The longest time whose sessions are listed for an agency as a whole, in days. */
const maxDays = 31;

/** How far ahead something may be due: a year. */
const maxHours = 8_784;

const monthPattern = String(MonthSchema.pattern);
const id = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' } as const;
const instant = { type: 'string', format: 'date-time' } as const;

/** Lists over all agencies, as known now; of the role `agency` over its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readers, 'agency')
export class ListsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('appeals')
  @ApiOperation({
    operationId: 'appeals',
    summary: 'appeals with their clocks, and what is due next',
    description:
      'Sorted by `due`, or with `dueBefore` or `dueWithinHours`, only those are listed in which something is due: the evidence of the agency, or the decision ' +
      'of the platform. What is late already is due before everything else.',
  })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({
    name: 'status',
    required: false,
    schema: { type: 'string', enum: [...appealStates] },
  })
  @ApiQuery({ name: 'dueBefore', required: false, schema: instant })
  @ApiQuery({
    name: 'dueWithinHours',
    required: false,
    description: 'instead of `dueBefore`, from now on',
    schema: { type: 'integer', minimum: 0, maximum: maxHours },
  })
  @Pages(appealSorts)
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'a page',
    schema: { $ref: '#/components/schemas/AppealPage' },
  })
  @ProblemResponses(400, 401, 403, 503)
  async appeals(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'status', 'dueBefore', 'dueWithinHours', ...pageParameters);
    const { sort, ...page } = pageIn(given, appealSorts);
    const agencyId = agencyIn(given, request);
    const state = wordIn(given, 'status', appealStates);
    await caughtUp(this.ledger, given);
    const dueBefore = this.#dueBefore(given);
    const found = await this.ledger.opened.reader.appeals({
      ...page,
      sortedBy: sort.endsWith('due') ? 'due' : 'initiatedAt',
      ...(agencyId !== undefined && { agencyId }),
      ...(state !== undefined && { state }),
      ...(dueBefore !== undefined && { dueBefore }),
    });
    return sendPage(found, sort, request, reply);
  }

  @Get('complaints')
  @ApiOperation({
    operationId: 'complaints',
    summary: 'complaints and what became of them, without their texts',
  })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({
    name: 'creatorId',
    required: false,
    description: 'the creator complained of',
    schema: id,
  })
  @ApiQuery({
    name: 'status',
    required: false,
    schema: { type: 'string', enum: [...complaintStates] },
  })
  @ApiQuery({
    name: 'month',
    required: false,
    description: 'filed in this local month: `2026-01`',
    schema: { type: 'string', pattern: monthPattern },
  })
  @Pages(complaintSorts)
  @AtLeast()
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'a page',
    schema: { $ref: '#/components/schemas/ComplaintPage' },
  })
  @ProblemResponses(400, 401, 403, 503)
  async complaints(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'creatorId', 'status', 'month', ...pageParameters);
    const { sort, ...page } = pageIn(given, complaintSorts);
    const [agencyId, creatorId] = [agencyIn(given, request), idIn(given, 'creatorId')];
    const state = wordIn(given, 'status', complaintStates);
    const month = textIn(given, 'month', new RegExp(monthPattern), {
      en: 'a month: 2026-01',
      zh: '月份：2026-01',
    });
    await caughtUp(this.ledger, given);
    const found = await this.ledger.opened.reader.complaints({
      ...page,
      ...(agencyId !== undefined && { agencyId }),
      ...(creatorId !== undefined && { creatorId }),
      ...(state !== undefined && { state }),
      ...(month !== undefined && { month }),
    });
    return sendPage(found, sort, request, reply);
  }

  @Get('sessions')
  @ApiOperation({
    operationId: 'sessions',
    summary: 'live sessions of an agency or a creator, voided ones too',
    description: `Give creatorId; or agencyId with a date, or with from and to at most ${maxDays} days apart; or all of them.`,
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
  @ApiResponse({
    status: 200,
    description: 'a page',
    schema: { $ref: '#/components/schemas/SessionPage' },
  })
  @ProblemResponses(400, 401, 403, 503)
  async sessions(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'creatorId', 'date', 'from', 'to', ...pageParameters);
    const { sort, ...page } = pageIn(given, sessionSorts);
    const [agencyId, creatorId] = [agencyIn(given, request), idIn(given, 'creatorId')];
    const started = this.#startedIn(given);
    await caughtUp(this.ledger, given);
    const { reader } = this.ledger.opened;
    if (creatorId !== undefined) {
      const ofAgency = agencyId === undefined ? {} : { agencyId };
      const { from = earliestInstant, to = endOfTime } = started;
      return sendPage(
        await reader.sessions({ ...page, ...ofAgency, creatorId, from, to }),
        sort,
        request,
        reply,
      );
    }
    if (agencyId === undefined)
      throw new ApiProblem('invalid', {
        en: 'agencyId, creatorId: give at least one',
        zh: 'agencyId、creatorId：至少须给出一个',
      });
    const { from, to } = started;
    // An hour more: a month in which clocks are set back has it.
    if (from === undefined || to === undefined || to > plusHours(from, maxDays * 24 + 1))
      throw new ApiProblem('invalid', {
        en: `date, from, to: for an agency give a date, or from and to at most ${maxDays} days apart; or name a creatorId`,
        zh: `date、from、to：查询机构时须给出 date，或相距不超过 ${maxDays} 天的 from 和 to；或给出 creatorId`,
      });
    return sendPage(await reader.sessions({ ...page, agencyId, from, to }), sort, request, reply);
  }

  /** @throws ApiProblem `invalid` */
  #dueBefore(given: Parameters): Instant | undefined {
    const [before, hours] = [
      instantIn(given, 'dueBefore'),
      wholeIn(given, 'dueWithinHours', 0, maxHours),
    ];
    if (before !== undefined && hours !== undefined)
      throw new ApiProblem('invalid', {
        en: 'dueBefore, dueWithinHours: give one of them',
        zh: 'dueBefore、dueWithinHours：只能给出一个',
      });
    return hours === undefined ? before : plusHours(this.ledger.opened.reader.now, hours);
  }

  /** @throws ApiProblem `invalid` */
  #startedIn(given: Parameters): { readonly from?: Instant; readonly to?: Instant } {
    const [from, to] = [instantIn(given, 'from'), instantIn(given, 'to')];
    const { zone } = this.ledger.opened.reader;
    const date = dateIn(given);
    if (date === undefined)
      return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    if (from !== undefined || to !== undefined)
      throw new ApiProblem('invalid', {
        en: 'date, from, to: give a date, or from and to, and not both',
        zh: 'date、from、to：须给出 date，或 from 和 to，不得同时给出',
      });
    const start = zone.startOfDate(date);
    return { from: start, to: zone.startOfDayAfter(start, 1) };
  }
}

const pageParameters = ['sort', 'limit', 'cursor', 'atLeast'] as const;

/** Which page is asked for, and in which order: the first of `sorts` unless said. @throws ApiProblem `invalid` */
function pageIn<Sort extends string>(given: Parameters, sorts: readonly [Sort, ...Sort[]]) {
  const sort = wordIn(given, 'sort', sorts) ?? sorts[0];
  const after = placeIn(given['cursor'], sort);
  const limit = wholeIn(given, 'limit', 1, 1000) ?? 100;
  return { sort, limit, descending: sort.startsWith('-'), ...(after !== undefined && { after }) };
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

function sendPage(
  { items, next }: ListPage<object>,
  sort: string,
  request: KnownRequest,
  reply: FastifyReply,
): object | undefined {
  return sendAnswer(
    { items, ...(next !== undefined && { next: cursorOf(sort, next) }) },
    request,
    reply,
  );
}
