import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { FindingPageSchema, readFindingCursor } from '@penalty-ledger/application';
import {
  FindingCodeSchema,
  findingSeverities,
  IdSchema,
  type FindingCode,
} from '@penalty-ledger/ledger';
import { agencyIn } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { cursorIn, limitIn } from '../http/paging.js';
import { onlyParameters, parametersOf, textIn, type Parameters } from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { Answers } from '../openapi/describe-answer.js';
import { AtLeast, Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { caughtUp } from '../served/caught-up.js';
import { ServedLedger } from '../served/served-ledger.js';

const id = schemaObject(IdSchema);

/** The list of departures from the rulebook; for the role `agency` of its own. */
@Controller()
@ApiTags('queries')
@AllowedTo(...readersAndAgencies)
export class FindingsController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Get('findings')
  @ApiOperation({ operationId: 'findings', summary: 'departures from the rulebook, in pages' })
  @ApiQuery({ name: 'agencyId', required: false, schema: id })
  @ApiQuery({
    name: 'code',
    required: false,
    schema: schemaObject(FindingCodeSchema),
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string', maxLength: 200 } })
  @AtLeast()
  @Conditional()
  @Answers(FindingPageSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403, 503)
  async findings(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'agencyId', 'code', 'limit', 'cursor', 'atLeast');
    const limit = limitIn(given);
    const agencyId = agencyIn(given, request);
    const code = codeIn(given);
    const after = cursorIn(given, readFindingCursor);
    await caughtUp(this.ledger, given);
    const found = await this.ledger.reader.findings({
      limit,
      ...(agencyId !== undefined && { agencyId }),
      ...(code !== undefined && { code }),
      ...(after !== undefined && { after }),
    });
    return sendAnswer(found, request, reply);
  }
}

/** @throws ApiProblem `invalid` */
function codeIn(given: Parameters): FindingCode | undefined {
  const code = textIn(given, 'code', /^[a-z_]{1,64}$/, {
    en: 'the code of a finding',
    zh: '问题代码',
  });
  if (code !== undefined && !isFindingCode(code))
    throw new ApiProblem('invalid', {
      en: `code: "${code}" is not a finding`,
      zh: `code：没有问题代码 "${code}"`,
    });
  return code;
}

function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(findingSeverities, code);
}
