import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Outcome } from '@penalty-ledger/application';
import type { CommandLine, LedgerCommand } from '@penalty-ledger/ledger';
import type { FastifyReply } from '../http/http-types.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { describeCommand } from '../openapi/describe-command.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { languageOf } from '../http/language.js';
import { isProblemCode } from '../http/problems/problem-document.js';
import { ServedLedger } from '../served/served-ledger.js';
import { expectedRevisionOf, idempotencyKeyOf } from '../http/command-headers.js';
import { commandRoutes } from './command-routes.js';
import { assertOwnCommand } from './own-agency.js';
import { checkBody, commandOf } from '../http/read-body.js';

/**
 * What an accepted command is answered with. A duplicate is answered as its first acceptance was, with all but the position the same: its sender may have
 * missed that answer.
 */
export interface CommandAnswer extends Pick<Outcome, 'status' | 'code' | 'findings' | 'position'> {
  /** Their types. The outcome line of a duplicate (interchange §2) has none. */
  readonly events: readonly string[];
  /** The same events, by name, each with the path of its receipt. */
  readonly appended: readonly {
    readonly id: string;
    readonly type: string;
    readonly stream: string;
    readonly revision: number;
    /** Answers 404 `not_ready` until a checkpoint is signed that covers the event. */
    readonly receipt: string;
  }[];
}

type CommandName = LedgerCommand['command'];

/** A route a command: `POST /commands/RecordDeduction` with the data of interchange §2 as its body. */
@Controller('commands')
export class CommandsController {
  constructor(@Inject(ServedLedger) readonly ledger: ServedLedger) {}

  async take(
    name: CommandName,
    sent: unknown,
    request: KnownRequest,
    reply: FastifyReply,
  ): Promise<CommandAnswer> {
    this.ledger.assertRoom();
    const principal = principalOf(request);
    const expectedRevision = expectedRevisionOf(request);
    const commandId = idempotencyKeyOf(request);
    await checkBody(commandRoutes[name].body, sent, languageOf(request.headers['accept-language']));
    const line = commandOf(name, sent, { by: principal.id, commandId });
    await assertOwnCommand(principal, line.command, this.ledger);
    if (line.command.command === 'PublishRulebook') {
      const { id, rulebookVersion } = line.command.data.rulebook;
      request.about = { rulebook: id, rulebookVersion };
    }
    const outcome = await this.#outcomeOf(line, expectedRevision);
    if (outcome.status === 'rejected') throw refusalOf(outcome);
    void reply.status(outcome.status === 'accepted' && outcome.events.length > 0 ? 201 : 200);
    if (outcome.position !== undefined) void reply.header('ledger-position', outcome.position);
    return answerOf(outcome);
  }

  async #outcomeOf(line: CommandLine, expectedRevision: number | undefined): Promise<Outcome> {
    const outcome = await this.ledger.send(line, expectedRevision);
    if (outcome.status !== 'duplicate') return outcome;
    return { ...outcome, ...(await this.ledger.reader.firstAcceptance(line)) };
  }
}

/** A refused command, as a problem with the domain's own code and message. */
export function refusalOf({ code, message }: Outcome): ApiProblem {
  return new ApiProblem(
    code !== null && isProblemCode(code) ? code : 'internal',
    message === undefined ? undefined : { ledger: message },
  );
}

function answerOf({
  status,
  code,
  events,
  findings,
  appended = [],
  position,
}: Outcome): CommandAnswer {
  return {
    status,
    code,
    events,
    findings,
    appended: appended.map(({ id, type, stream, revision }) => ({
      id,
      type,
      stream,
      revision,
      receipt: `/receipts/${stream}/${revision}`,
    })),
    ...(position !== undefined && { position }),
  };
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
