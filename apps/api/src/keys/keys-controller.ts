import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import {
  cursorOf,
  pageOf,
  pageSchema,
  type Clock,
  type ListPage,
} from '@penalty-ledger/application';
import { parseInstant, type Instant } from '@penalty-ledger/ledger';
import { ArrayNotEmpty, IsArray, IsIn } from 'class-validator';
import { AnInstant, Id, MayBeMissing, IntegerFrom, TextUpTo } from '../http/fields.js';
import { clockToken } from '../guard/access-guard.js';
import { FourEyes, PendingActSchema, type PendingAct } from '@penalty-ledger/application/four-eyes';
import { hold } from '../four-eyes/held-act.js';
import type { FastifyReply } from '../http/http-types.js';
import { checkBody } from '../http/read-body.js';
import { principalOf } from '../guard/principal.js';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { pageIn } from '../http/paging.js';
import { onlyParameters, parametersOf } from '../http/parameters.js';
import { Answers, AnswersOf } from '../openapi/describe-answer.js';
import { Pages } from '../openapi/describe-list.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { languageOf } from '../http/language.js';
import {
  ApiKeys,
  ApiKeySchema,
  assertMayIssue,
  assertMayRotate,
  defaultGraceHours,
  IssuedKeySchema,
  maxGraceHours,
  roles,
  type ApiKey,
  type IssuedKey,
  type NewApiKey,
  rightsOf,
  type Role,
} from '@penalty-ledger/application/api-keys';

const idPattern = '^[A-Za-z0-9._:-]{1,64}$';
const heldDescription = 'with four eyes: another administrator must confirm';
const listOfRoles = {
  type: 'array',
  uniqueItems: true,
  items: { type: 'string', enum: [...roles] },
};
const newKeyExample = { label: 'settlement system', holder: 'settlement', roles: ['ingest'] };

class NewKeyBody {
  @TextUpTo(200) readonly label!: string;
  @Id() readonly holder!: string;
  @IsArray() @ArrayNotEmpty() @IsIn(roles, { each: true }) readonly roles!: Role[];
  @MayBeMissing() @Id() readonly agencyId?: string;
  @MayBeMissing() @IsArray() @IsIn(roles, { each: true }) readonly mayGrant?: Role[];
  @MayBeMissing() @AnInstant() readonly expiresAt?: string;
}

class RotationBody {
  @MayBeMissing() @IntegerFrom(0, maxGraceHours) readonly graceHours?: number;
}

const keySorts = ['createdAt'] as const;
const KeyPageSchema = pageSchema(ApiKeySchema, 'KeyPage');

/** API keys: issued, rotated, revoked and listed by an administrator. A token is shown once. */
@Controller('keys')
@ApiTags('administration')
@AllowedTo('administrator')
export class KeysController {
  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(FourEyes) private readonly fourEyes: FourEyes,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listKeys',
    summary: 'keys without their secrets, and those that ended within 400 days',
  })
  @Pages(keySorts)
  @Answers(KeyPageSchema, { 200: 'a page' })
  @ProblemResponses(400, 401, 403)
  list(@Req() request: KnownRequest): ListPage<ApiKey> {
    const given = parametersOf(request);
    onlyParameters(given, 'sort', 'limit', 'cursor');
    const { limit, after } = pageIn(given, keySorts);
    const keys = this.keys.list(this.clock.now(), {
      limit: limit + 1,
      ...(after !== undefined && { after }),
    });
    const cursorAt = ({ createdAt, id }: ApiKey): string =>
      cursorOf(keySorts[0], { key: createdAt, id });
    return pageOf(keys, limit, cursorAt, (key) => key);
  }

  @Post()
  @ApiOperation({
    operationId: 'issueKey',
    summary: 'issues a key; its token is shown this once',
    description:
      'The key is for another holder than the issuer. Its `roles`, and the roles it `mayGrant`, ' +
      'are at most those that the issuer may grant.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['label', 'holder', 'roles'],
      additionalProperties: false,
      properties: {
        label: { type: 'string', minLength: 1, maxLength: 200 },
        holder: {
          type: 'string',
          pattern: idPattern,
          description: 'the person or system that will hold it, by an id',
        },
        roles: { ...listOfRoles, minItems: 1 },
        agencyId: { type: 'string', pattern: idPattern },
        mayGrant: {
          ...listOfRoles,
          description: 'with the role administrator: the roles it may grant; none unless given',
        },
        expiresAt: { type: 'string', format: 'date-time' },
      },
    },
    examples: { example: { value: newKeyExample } },
  })
  @AnswersOf(
    [IssuedKeySchema, { 201: 'the key and its token' }],
    [PendingActSchema, { 202: heldDescription }],
  )
  @ProblemResponses(400, 401, 403, 409)
  async issue(
    @Body() sent: unknown,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedKey | PendingAct> {
    const body = await checkBody(NewKeyBody, sent, languageOf(request.headers['accept-language']));
    const wanted = wantedIn(body);
    assertMayIssue(principalOf(request), wanted);
    const now = this.clock.now();
    if (this.fourEyes.isOn) {
      const act = { kind: 'issue-key', ...this.keys.checked(wanted, now) } as const;
      return hold(this.fourEyes, act, request, reply, now);
    }
    const issued = this.keys.issue(wanted, now);
    request.about = rightsOf(issued.key);
    return issued;
  }

  @Post(':id/rotate')
  @ApiOperation({
    operationId: 'rotateKey',
    summary: 'gives a key a new token; the earlier one opens on for a while',
    description: 'The key is your own, or one that you could issue.',
  })
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @ApiBody({
    required: false,
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: { graceHours: { type: 'integer', minimum: 0, maximum: maxGraceHours } },
    },
  })
  @AnswersOf(
    [IssuedKeySchema, { 201: 'the key and its new token' }],
    [PendingActSchema, { 202: heldDescription }],
  )
  @ProblemResponses(400, 401, 403, 404, 409)
  async rotate(
    @Param('id') id: string,
    @Body() sent: unknown,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedKey | PendingAct> {
    const { graceHours = defaultGraceHours } = await checkBody(
      RotationBody,
      sent ?? {},
      languageOf(request.headers['accept-language']),
    );
    const now = this.clock.now();
    assertMayRotate(principalOf(request), this.keys.rotatable(id, now, graceHours));
    if (this.fourEyes.isOn) {
      const act = { kind: 'rotate-key', keyId: id, graceHours } as const;
      return hold(this.fourEyes, act, request, reply, now);
    }
    const rotated = this.keys.rotate(id, now, graceHours);
    const { rotatingUntil } = rotated.key;
    request.about = { ...rightsOf(rotated.key), ...(rotatingUntil && { rotatingUntil }) };
    return rotated;
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @ApiOperation({ operationId: 'revokeKey', summary: 'ends a key at once and for good' })
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @Answers(ApiKeySchema, { 200: 'the key' })
  @ProblemResponses(401, 403, 404)
  revoke(@Param('id') id: string, @Req() request: KnownRequest): ApiKey {
    const revoked = this.keys.revoke(id, this.clock.now());
    request.about = rightsOf(revoked);
    return revoked;
  }
}

function wantedIn({ label, holder, roles: wanted, agencyId, mayGrant, ...body }: NewKeyBody) {
  const expiresAt: Instant | undefined =
    body.expiresAt === undefined ? undefined : parseInstant(body.expiresAt);
  return {
    label,
    holder,
    roles: wanted,
    ...(agencyId !== undefined && { agencyId }),
    ...(mayGrant !== undefined && { mayGrant }),
    ...(expiresAt !== undefined && { expiresAt }),
  } satisfies NewApiKey;
}
