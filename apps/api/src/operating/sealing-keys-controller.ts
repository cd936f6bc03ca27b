import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { signingKeyName } from '@penalty-ledger/application';
import {
  maxSharedSubjects,
  SealingKeysSchema,
  type SealingKeys,
} from '@penalty-ledger/application/following';
import { FourEyes } from '@penalty-ledger/application/four-eyes';
import { ArrayMaxSize, IsArray, Matches } from 'class-validator';
import { AllowedTo, type KnownRequest } from '../guard/rule.js';
import { languageOf } from '../http/language.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { checkBody } from '../http/read-body.js';
import { Answers } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ServedLedger } from '../served/served-ledger.js';

const subjectForm = /^[A-Za-z0-9._:-]{1,80}$/;

/** The settings' leave to share keys, as the module gives it to the route. */
export const sharesKeysToken = Symbol('sharesKeys');

class SubjectsBody {
  @IsArray()
  @ArrayMaxSize(maxSharedSubjects)
  @Matches(subjectForm, { each: true })
  readonly subjects!: string[];
}

/** The ledger's keys, for a copy on another machine. */
@Controller('sealing-keys')
@ApiTags('administration')
export class SealingKeysController {
  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(sharesKeysToken) private readonly sharesKeys: boolean,
    @Inject(FourEyes) private readonly fourEyes: FourEyes,
  ) {}

  @Post()
  @HttpCode(200)
  @AllowedTo('administrator')
  @ApiOperation({
    operationId: 'sealingKeys',
    summary: 'the signing key, and the keys of subjects, for a copy on another machine',
    description:
      'Their holder can read all names and texts, and sign as the ledger. The service gives them ' +
      'only with LEDGER_SHARE_KEYS=1, and not with four eyes. "ledger follow --with-keys" asks ' +
      'for them.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['subjects'],
      additionalProperties: false,
      properties: {
        subjects: {
          type: 'array',
          maxItems: maxSharedSubjects,
          items: { type: 'string', pattern: subjectForm.source },
        },
      },
    },
  })
  @Answers(SealingKeysSchema, { 200: 'keys' })
  @ProblemResponses(400, 401, 403, 503)
  async share(@Body() sent: unknown, @Req() request: KnownRequest): Promise<SealingKeys> {
    if (!this.sharesKeys)
      throw new ApiProblem('forbidden', {
        en: 'this service shares no keys; set LEDGER_SHARE_KEYS=1, or bring the key file by hand',
        zh: '本服务不共享密钥；请设置 LEDGER_SHARE_KEYS=1，或手工携带密钥文件',
      });
    if (this.fourEyes.isOn)
      throw new ApiProblem('forbidden', {
        en: 'with four eyes no single administrator is given the keys; bring the key file by hand',
        zh: '已启用双人复核，不向单个管理员提供密钥；请手工携带密钥文件',
      });
    const language = languageOf(request.headers['accept-language']);
    const { subjects } = await checkBody(SubjectsBody, sent, language);
    // Of a fenced writer too: a promotion asks for the keys that its last commands made.
    const { keys } = this.ledger.node;
    const name = signingKeyName(this.ledger.reader.settings.ledgerId);
    const signingKey = keys?.shareSigningKey(name);
    const shared = keys?.share(subjects) ?? [];
    return { ...(signingKey !== undefined && { signingKey }), subjects: [...shared] };
  }
}
