import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { AppealPageSchema, appealSorts, type AppealListQuery } from '@penalty-ledger/application';
import { AppealStateSchema, IdSchema, InstantSchema } from '@penalty-ledger/ledger';
import { agencyIn } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { pageIn, pageParameters } from '../http/paging.js';
import {
  enumIn,
  instantIn,
  integerIn,
  onlyParameters,
  parametersOf,
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

/** The furthest ahead that a deadline may be asked for: a year. */
const maxDueHours = 8_784;

const id = schemaObject(IdSchema);
const instant = schemaObject(InstantSchema);

/** The list of appeals over all agencies, as known now; for the role `agency` over its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class AppealsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('appeals')
  @ApiOperation({
    operationId: 'appeals',
    summary: 'appeals with their deadlines, and what is due next',
    description:
      'Sorting by `due`, and the filters `dueBefore` and `dueWithinHours`, list only appeals in ' +
      'which something is due: the evidence of the agency, or the decision of the platform. ' +
      'Appeals that are late already come first.',
  })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({
    name: 'status',
    required: false,
    schema: schemaObject(AppealStateSchema),
  })
  @ApiQuery({ name: 'dueBefore', required: false, schema: instant })
  @ApiQuery({
    name: 'dueWithinHours',
    required: false,
    description: 'instead of `dueBefore`, from now on',
    schema: { type: 'integer', minimum: 0, maximum: maxDueHours },
  })
  @Pages(appealSorts)
  @AtLeast()
  @Conditional()
  @Answers(AppealPageSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 503)
  async appeals(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'status', 'dueBefore', 'dueWithinHours', ...pageParameters);
    const page = pageIn(given, appealSorts);
    const agencyId = agencyIn(given, request);
    const state = enumIn(given, 'status', AppealStateSchema.enum);
    const due = dueIn(given);
    await caughtUp(this.ledger, given);
    const found = await this.ledger.reader.appeals({
      ...page,
      ...due,
      ...(agencyId !== undefined && { agencyId }),
      ...(state !== undefined && { state }),
    });
    return sendAnswer(found, request, reply);
  }
}

/** @throws ApiProblem `invalid` */
function dueIn(given: Parameters): Pick<AppealListQuery, 'dueBefore' | 'dueWithinHours'> {
  const dueBefore = instantIn(given, 'dueBefore');
  const dueWithinHours = integerIn(given, 'dueWithinHours', 0, maxDueHours);
  if (dueBefore !== undefined && dueWithinHours !== undefined)
    throw new ApiProblem('invalid', {
      en: 'dueBefore, dueWithinHours: give one of them',
      zh: 'dueBefore、dueWithinHours：只能给出一个',
    });
  return {
    ...(dueBefore !== undefined && { dueBefore }),
    ...(dueWithinHours !== undefined && { dueWithinHours }),
  };
}
