import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Outcome } from '@penalty-ledger/application';
import type { Principal } from '@penalty-ledger/application/api-keys';
import type { CommandLine, LedgerCommand } from '@penalty-ledger/ledger';
import type { FastifyReply } from '../http/http-types.js';
import { principalOf, senderName } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { describeCommand } from '../openapi/describe-command.js';
import { languageOf } from '../http/language.js';
import { ServedLedger } from '../served/served-ledger.js';
import { expectedRevisionOf, idempotencyKeyOf } from '../http/command-headers.js';
import { commandAnswer, type CommandAnswer } from './command-answer.js';
import { commandRoutes } from './command-routes.js';
import { assertOwnCommand } from './own-agency.js';
import { readCommand } from '../http/read-body.js';

type CommandName = LedgerCommand['command'];

/** One route per command: `POST /commands/RecordDeduction` takes the data of interchange §2. */
@Controller('commands')
export class CommandsController {
  constructor(@Inject(ServedLedger) readonly ledger: ServedLedger) {}

  async take(
    name: CommandName,
    sent: unknown,
    request: KnownRequest,
    reply: FastifyReply,
  ): Promise<CommandAnswer> {
    const principal = principalOf(request);
    this.ledger.assertRoom(senderName(principal));
    const expectedRevision = expectedRevisionOf(request);
    const commandId = idempotencyKeyOf(request);
    const line = await readCommand(
      name,
      sent,
      { by: principal.id, commandId },
      {
        body: commandRoutes[name].body,
        language: languageOf(request.headers['accept-language']),
      },
    );
    await assertOwnCommand(principal, line.command, this.ledger);
    if (line.command.command === 'PublishRulebook') {
      const { id, rulebookVersion } = line.command.data.rulebook;
      request.about = { rulebook: id, rulebookVersion };
    }
    if (line.command.command === 'PublishCalendar') {
      const { id, calendarVersion } = line.command.data.calendar;
      request.about = { calendar: id, calendarVersion };
    }
    const outcome = await this.#outcomeOf(principal, line, expectedRevision);
    const answer = commandAnswer(outcome, this.ledger.reader.zone);
    void reply.status(answer.status === 'accepted' && answer.events.length > 0 ? 201 : 200);
    if (answer.position !== undefined) void reply.header('ledger-position', answer.position);
    return answer;
  }

  async #outcomeOf(
    principal: Principal,
    line: CommandLine,
    expectedRevision: number | undefined,
  ): Promise<Outcome> {
    const outcome = await this.ledger.send(senderName(principal), line, expectedRevision);
    if (outcome.status !== 'duplicate') return outcome;
    return { ...outcome, ...(await this.ledger.reader.firstAcceptance(line, principal.id)) };
  }
}

for (const name of Object.keys(commandRoutes) as CommandName[]) addRoute(name);

/** A method of the controller for a command, decorated as one that was written out. */
function addRoute(name: CommandName): void {
  const route = function (
    this: CommandsController,
    sent: unknown,
    request: KnownRequest,
    reply: FastifyReply,
  ) {
    return this.take(name, sent, request, reply);
  };
  const { prototype } = CommandsController;
  Object.defineProperty(route, 'name', { value: name });
  Object.defineProperty(prototype, name, { value: route, writable: true, configurable: true });
  Reflect.defineMetadata('design:paramtypes', [Object, Object, Object], prototype, name);
  const descriptor = { value: route };
  for (const decorate of [
    Post(name),
    HttpCode(200),
    AllowedTo(...commandRoutes[name].roles),
    ...describeCommand(name),
  ]) {
    decorate(prototype, name, descriptor);
  }
  Body()(prototype, name, 0);
  Req()(prototype, name, 1);
  Res({ passthrough: true })(prototype, name, 2);
}
