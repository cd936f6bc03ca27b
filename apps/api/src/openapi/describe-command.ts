import { ApiBody, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { commandSchemas, type LedgerCommand } from '@penalty-ledger/ledger';
import { CommandAnswerSchema } from '../commands/command-answer.js';
import { commandRoutes } from '../commands/command-routes.js';
import { Answers } from './describe-answer.js';
import { schemaObject } from './schemas.js';
import { ProblemResponses } from './problem-responses.js';

/** Describes a command's route in `/openapi.json`. */
export function describeCommand(name: LedgerCommand['command']): readonly MethodDecorator[] {
  const { summary, example } = commandRoutes[name];
  return [
    ApiTags('commands'),
    ApiOperation({
      operationId: name,
      summary,
      description:
        `The data of ${name} are those of ` +
        '[interchange §2](/docs/spec/interchange.md#2-command-lines-ndjson).',
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'the command’s id, which belongs to its sender: the same with the same data is a ' +
        'duplicate, with other data a conflict',
      schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' },
    }),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        'an ETag read of the agency: refused with 412 when something was recorded on it since',
      schema: { type: 'string' },
    }),
    ApiBody({
      required: true,
      schema: schemaObject(commandSchemas[name]),
      examples: { example: { summary, value: example } },
    }),
    Answers(CommandAnswerSchema, {
      201: 'accepted: stored, durably',
      200: 'a duplicate, or nothing to record: nothing was stored',
    }),
    ProblemResponses(400, 401, 403, 404, 409, 412, 422, 503),
  ];
}
