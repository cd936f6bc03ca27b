import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  importRules,
  readLines,
  type LineOutcome,
  type ReadText,
  type TimedLine,
} from '@penalty-ledger/application';
import { readCommandLine } from '@penalty-ledger/ledger';
import type { FastifyReply } from '../http/http-types.js';
import { Readable } from 'node:stream';
import { principalOf } from '../guard/access-guard.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { ServedLedger } from '../served/served-ledger.js';
import { commandRoutes } from '../commands/command-routes.js';

/** The media type of a file of command lines, and of their outcomes. */
export const linesMediaType = 'application/x-ndjson';

/** What a sender may call it. */
export const linesMediaTypes: readonly string[] = [linesMediaType, 'application/ndjson'];

/** Where they are sent. */
export const importPath = '/import';

/** Command lines as a stream (interchange §2): an outcome line comes back for each, while the rest is still being sent. */
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
      'A wrong line is rejected and the rest go on. "at" is refused, and "by" is whoever sends. Sent again, or further, what is recorded already is a duplicate.',
  })
  @ApiBody({ required: true, schema: { type: 'string' } as never })
  @ApiResponse({
    status: 200,
    description: 'outcome lines',
    content: { [linesMediaType]: { schema: { $ref: '#/components/schemas/OutcomeLine' } } },
  })
  @ProblemResponses(400, 401, 403, 415, 503)
  apply(@Req() request: KnownRequest, @Res() reply: FastifyReply): void {
    this.ledger.assertRoom();
    const principal = principalOf(request);
    if (!(request.body instanceof Readable)) {
      throw new ApiProblem('unsupported_media_type', {
        en: `send command lines as ${linesMediaType}`,
        zh: `命令行须以 ${linesMediaType} 发送`,
      });
    }
    const outcomes = Readable.from(this.#outcomes(request.body, principal, request));
    outcomes.on('error', (error) =>
      request.log.error({ cause: error.message }, 'an import ended early'),
    );
    void reply
      .status(200)
      .header('content-type', `${linesMediaType}; charset=utf-8`)
      .send(outcomes);
  }

  /** Batches are as long as what arrives together; the next is read when the outcomes of this one were taken. */
  async *#outcomes(
    body: AsyncIterable<Uint8Array>,
    principal: Principal,
    { stillOpens }: KnownRequest,
  ): AsyncGenerator<string> {
    const rules = importRules(this.ledger.clock);
    for await (const texts of readLines(body)) {
      const timed = rules.together();
      const opens = (await stillOpens?.()) ?? false;
      const read = texts.map((text) => (opens ? readFor(principal, text, timed) : endedWith));
      const commands = read.filter((each): each is TimedLine => !('code' in each));
      const outcomes = (commands.length === 0 ? [] : await this.ledger.sendNext(commands)).values();
      const lines = texts.map(({ line }, index) => {
        const each = read[index];
        if (each !== undefined && 'code' in each)
          return lineOf({
            line,
            outcome: { status: 'rejected', events: [], findings: [], ...each },
          });
        const outcome = outcomes.next().value;
        if (outcome === undefined) throw new ApiProblem('internal');
        return lineOf({ line, outcome });
      });
      yield lines.join('');
    }
  }
}

interface Refused {
  readonly code: string;
  readonly message: string;
}

/** An import may go on for hours: of what is sent after its key was revoked, nothing is taken. */
const endedWith: Refused = {
  code: 'unauthenticated',
  message: 'the key that began this import opens nothing any more',
};

function readFor(
  principal: Principal,
  text: ReadText,
  timed: ReturnType<ReturnType<typeof importRules>['together']>,
): TimedLine | Refused {
  if (text.problem !== undefined) return { code: 'invalid', message: text.problem };
  const read = readCommandLine(text.value);
  const when = timed(read.problems === undefined ? read.line : undefined, text.value, text);
  if (read.problems !== undefined) return { code: 'invalid', message: read.problems.join('; ') };
  if ('problem' in when) return { code: 'invalid', message: when.problem };
  const { command, by, commandId = when.commandId } = read.line;
  if (by !== undefined && by !== principal.id)
    return { code: 'forbidden', message: `line.by: leave it out; it is "${principal.id}"` };
  const { roles } = commandRoutes[command.command];
  if (!principal.roles.some((role) => roles.includes(role))) {
    return {
      code: 'forbidden',
      message: `${command.command} needs one of the roles ${roles.join(', ')}`,
    };
  }
  return {
    line: { ...read.line, by: principal.id, ...(commandId !== undefined && { commandId }) },
    now: when.now,
  };
}

/** The outcome line of interchange §2, with the message of a rejection. */
function lineOf({
  line,
  outcome: { status, code, events, findings, message },
}: LineOutcome): string {
  return `${JSON.stringify({ line, status, code, events, findings, ...(message !== undefined && { message }) })}\n`;
}
