import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  applyLines,
  importRules,
  readLines,
  type AuthorizeLine,
  type LineOutcome,
  type LineRefusal,
  type TimedLine,
} from '@penalty-ledger/application';
import {
  closed,
  enumOf,
  FindingCodeSchema,
  nullable,
  type CommandLine,
  type LedgerZone,
  type Shape,
  SentenceSchema,
} from '@penalty-ledger/ledger';
import type { FastifyReply } from '../http/http-types.js';
import { serialiserOf } from '../http/serialiser.js';
import { Readable } from 'node:stream';
import { neededRoles } from '../guard/needed-roles.js';
import { principalOf, senderName } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { Type } from '@sinclair/typebox';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { isProblemCode, problemText } from '../http/problems/problem-document.js';
import { ServedLedger } from '../served/served-ledger.js';
import { SinceSchema } from '../commands/command-answer.js';
import { commandRoutes } from '../commands/command-routes.js';

/** The media type of a file of command lines, and of their outcomes. */
export const linesMediaType = 'application/x-ndjson';

/** The media types that are accepted for it. */
export const linesMediaTypes: readonly string[] = [linesMediaType, 'application/ndjson'];

/** The path that lines are sent to. */
export const importPath = '/import';

type OutcomeLine = Shape<typeof OutcomeLineSchema>;
const OutcomeLineSchema = closed(
  {
    line: Type.Integer({ description: '1 for the first' }),
    status: enumOf(['accepted', 'duplicate', 'rejected']),
    code: nullable(Type.String(), 'why it was rejected'),
    events: Type.Array(Type.String()),
    findings: Type.Array(FindingCodeSchema),
    since: Type.Optional(SinceSchema),
    message: Type.Optional(SentenceSchema('of a rejection: what is wrong, and where')),
    rule: Type.Optional(
      Type.String({
        format: 'uri-reference',
        description: 'of a rejection: a link to the section it rests on',
      }),
    ),
  },
  { $id: 'OutcomeLine' },
);
const writeOutcomeLine = serialiserOf(OutcomeLineSchema);

/**
 * Command lines as a stream (interchange §2): an outcome line comes back for each, while the rest
 * is still being sent.
 */
@Controller(importPath)
@ApiTags('commands')
export class ImportController {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  @Post()
  @HttpCode(200)
  @AllowedTo('ingest', 'officer')
  @ApiOperation({
    operationId: 'importLines',
    summary: 'applies command lines and streams an outcome line for each',
    description:
      'A rejected line does not stop the next ones. "at" is refused, and "by" is the sender. ' +
      'A line without an id is known by its command, sender and data, and by its place among ' +
      'the lines that say the same. So a file sent again whole, longer, or with lines put right, ' +
      'records nothing twice. An act that is meant again needs a commandId.',
  })
  @ApiConsumes(linesMediaType)
  @ApiBody({ required: true, schema: { type: 'string' } as never })
  @ApiResponse({
    status: 200,
    description: 'outcome lines',
    content: { [linesMediaType]: { schema: schemaObject(OutcomeLineSchema) } },
  })
  @ProblemResponses(400, 401, 403, 415, 503)
  apply(@Req() request: KnownRequest, @Res() reply: FastifyReply): void {
    this.ledger.assertRoom();
    const principal = principalOf(request);
    if (!(request.body instanceof Readable)) {
      throw new ApiProblem('unsupported_media_type', {
        en: `send command lines as ${linesMediaType}`,
        zh: `指令行须以 ${linesMediaType} 发送`,
      });
    }
    const texts = readLines(request.body);
    const target = {
      authorize: () => authorization(principal, request),
      send: (commands: readonly TimedLine[]) =>
        this.ledger.sendNext(senderName(principal), commands),
    };
    const applied = applyLines(texts, importRules(this.ledger.clock), target);
    const outcomes = Readable.from(outcomeLines(applied, this.ledger.reader.zone));
    outcomes.on('error', (error) =>
      request.log.error({ cause: error.message }, 'an import ended early'),
    );
    void reply
      .status(200)
      .header('content-type', `${linesMediaType}; charset=utf-8`)
      .send(outcomes);
  }
}

/** An import may take hours: after its key was revoked, no line that comes is taken. */
async function authorization(
  principal: Principal,
  { stillOpens }: KnownRequest,
): Promise<AuthorizeLine | LineRefusal> {
  if ((await stillOpens?.()) === true) return (line) => authorized(principal, line);
  return {
    code: 'unauthenticated',
    message: {
      en: 'the key used for this import has expired or been revoked',
      zh: '本次导入所用的密钥已到期或被撤销',
    },
  };
}

/**
 * The line as the principal sends it; refused when it names another actor, or no role allows it.
 */
function authorized(principal: Principal, line: CommandLine): CommandLine | LineRefusal {
  const { command, by } = line;
  if (by !== undefined && by !== principal.id)
    return {
      code: 'forbidden',
      message: {
        en: `line.by: leave it out; it is "${principal.id}"`,
        zh: `line.by：请删除；操作人即为 "${principal.id}"`,
      },
    };
  const { roles } = commandRoutes[command.command];
  if (!principal.roles.some((role) => roles.includes(role))) {
    return {
      code: 'forbidden',
      message: {
        en: `${command.command} needs ${neededRoles(roles).en}`,
        zh: `${command.command} 需要${neededRoles(roles).zh}`,
      },
    };
  }
  return { ...line, by: principal.id };
}

/**
 * The outcome lines of each batch as one text (interchange §2); of a rejection with its message and
 * the section that it rests on.
 */
async function* outcomeLines(
  applied: AsyncIterable<readonly LineOutcome[]>,
  zone: LedgerZone,
): AsyncGenerator<string> {
  for await (const batch of applied)
    yield batch.map((outcome) => `${writeOutcomeLine(outcomeLine(outcome, zone))}\n`).join('');
}

function outcomeLine({ text: { line }, outcome }: LineOutcome, zone: LedgerZone): OutcomeLine {
  const { status, code, events, findings, since, message } = outcome;
  const rule = code !== null && isProblemCode(code) ? problemText(code).rule : undefined;
  return {
    line,
    status,
    code,
    events,
    findings,
    ...(since !== undefined && { since: zone.format(since) }),
    ...(message !== undefined && { message }),
    ...(rule !== undefined && { rule }),
  };
}
