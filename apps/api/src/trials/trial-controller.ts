import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { TrialSchema, type Trial } from '@penalty-ledger/application';
import type { LedgerCommand } from '@penalty-ledger/ledger';
import { refusalOf } from '../commands/command-answer.js';
import { commandRoutes } from '../commands/command-routes.js';
import { assertOwnCommand } from '../commands/own-agency.js';
import { neededRoles } from '../guard/needed-roles.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { expectedRevisionOf, idempotencyKeyOf } from '../http/command-headers.js';
import { languageOf } from '../http/language.js';
import { nearestPaths, noSuchPath } from '../http/nearest-paths.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { readCommand } from '../http/read-body.js';
import { Answers } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ServedLedger } from '../served/served-ledger.js';

const commandNames = Object.keys(commandRoutes) as LedgerCommand['command'][];

/**
 * The trial of a command: what it would record and cause, for those who may send it and may read.
 * A command that would be refused is refused in the same words.
 */
@Controller('trial')
@ApiTags('queries')
export class TrialController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Post(':command')
  @HttpCode(200)
  @AllowedTo(...readersAndAgencies)
  @ApiOperation({
    operationId: 'tryCommand',
    summary: 'tries a command: what it would record and cause; nothing is recorded',
    description:
      'Takes what `/commands/{command}` takes, from senders with a role for that command. ' +
      'A command that would be refused is refused here in the same words.',
  })
  @ApiParam({ name: 'command', schema: { type: 'string', enum: commandNames } })
  @ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string' } })
  @ApiHeader({ name: 'If-Match', required: false, schema: { type: 'string' } })
  @ApiBody({
    required: true,
    schema: { type: 'object', description: 'the data of the command' },
    examples: { AdmitAgency: { value: commandRoutes.AdmitAgency.example } },
  })
  @Answers(TrialSchema, { 200: 'what it would record and cause' })
  @ProblemResponses(400, 401, 403, 404, 409, 412, 422, 503)
  async try(
    @Param('command') name: string,
    @Body() sent: unknown,
    @Req() request: KnownRequest,
  ): Promise<Trial> {
    const command = commandNames.find((each) => each === name);
    if (command === undefined)
      throw noSuchPath(
        nearestPaths(
          request.url,
          commandNames.map((each) => `/trial/${each}`),
        ),
      );
    const { body, roles } = commandRoutes[command];
    const principal = principalOf(request);
    if (!principal.roles.some((role) => roles.includes(role))) {
      const { en, zh } = neededRoles(roles);
      throw new ApiProblem('forbidden', { en: `${name} needs ${en}`, zh: `${name} 需要${zh}` });
    }
    const expectedRevision = expectedRevisionOf(request);
    const line = await readCommand(
      command,
      sent,
      { by: principal.id, commandId: idempotencyKeyOf(request) },
      { body, language: languageOf(request.headers['accept-language']) },
    );
    await assertOwnCommand(principal, line.command, this.ledger);
    const trial = await this.ledger.reader.tryCommands([
      { line, ...(expectedRevision !== undefined && { expectedRevision }) },
    ]);
    const refused = trial.outcomes.find(({ status }) => status === 'rejected');
    if (refused !== undefined) throw refusalOf(refused);
    return trial;
  }
}
