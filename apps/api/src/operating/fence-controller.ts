import { Body, Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Fence } from '@penalty-ledger/application';
import {
  confirmFence,
  PromotionProofError,
  termProved,
} from '@penalty-ledger/application/following';
import { closed, UnknownEventError, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { IsString, Matches, MaxLength } from 'class-validator';
import { AllowedTo, Public, type KnownRequest } from '../guard/rule.js';
import { IntegerFrom, MayBeMissing } from '../http/fields.js';
import { languageOf } from '../http/language.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { checkBody } from '../http/read-body.js';
import { Answers } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';
import { fenceAt, promotionProofOf } from './promotion-watch.js';

/** The longest receipt and the longest event of a promotion are far below. */
const maxProofLength = 8_192;

const writerForm = /^https?:\/\/[A-Za-z0-9.:[\]/_-]{1,200}$/;
const idForm = /^[A-Za-z0-9._:-]{1,64}$/;
const idSchema = { type: 'string', pattern: idForm.source } as const;
const writerSchema = { type: 'string', pattern: writerForm.source, maxLength: 210 } as const;
const proofText = { type: 'string', maxLength: maxProofLength } as const;

const neverSigned = { en: 'this ledger has no signing key yet', zh: '本账本尚无签名密钥' };

class FenceBody {
  @Matches(idForm) readonly ledgerId!: string;
  @Matches(idForm) readonly copy!: string;
  @IntegerFrom(2, 1_000_000) readonly term!: number;
  @MayBeMissing() @Matches(writerForm) readonly writer?: string;
}

class PromotionBody {
  @IsString() @MaxLength(maxProofLength) readonly event!: string;
  @IsString() @MaxLength(maxProofLength) readonly receipt!: string;
  @MayBeMissing() @Matches(writerForm) readonly writer?: string;
}

type FenceAnswer = Shape<typeof FenceSchema>;
const FenceSchema = closed(
  {
    term: Type.Integer({ description: 'the term of the writer that took over' }),
    position: Type.String({ description: 'of the last event: nothing is added behind it' }),
  },
  { $id: 'Fence' },
);

type FenceConfirmedAnswer = Shape<typeof FenceConfirmedSchema>;
const FenceConfirmedSchema = closed(
  {
    ...FenceSchema.properties,
    confirmation: Type.String({
      description: 'a signed note of the ledger over `ledgerId`, `copy`, `term` and `position`',
    }),
  },
  { $id: 'FenceConfirmed' },
);

type ProofAnswer = Shape<typeof ProofSchema>;
const ProofSchema = closed(
  {
    event: Type.String({ description: 'the bytes of the event WriterPromoted' }),
    receipt: Type.String({ description: 'its receipt' }),
  },
  { $id: 'PromotionProof' },
);

/** Ends the writing of this service for good, because another machine took over. */
@Controller()
@ApiTags('administration')
export class FenceController {
  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(ServedLog) private readonly log: ServedLog,
  ) {}

  @Post('fence')
  @HttpCode(200)
  @AllowedTo('administrator')
  @ApiOperation({
    operationId: 'fence',
    summary: 'ends the taking of commands for good: another machine takes over',
    description: '"ledger promote" sends it. It is kept in the file, and holds after a restart.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['ledgerId', 'copy', 'term'],
      additionalProperties: false,
      properties: {
        ledgerId: { ...idSchema, description: 'the ledger that is meant' },
        copy: { ...idSchema, description: 'the copy that takes over; it alone may repeat this' },
        term: { type: 'integer', minimum: 2 },
        writer: writerSchema,
      },
    },
  })
  @Answers(FenceConfirmedSchema, { 200: 'it takes no more commands' })
  @ProblemResponses(400, 401, 403, 409, 503)
  async fence(@Body() sent: unknown, @Req() request: KnownRequest): Promise<FenceConfirmedAnswer> {
    const language = languageOf(request.headers['accept-language']);
    const { ledgerId, copy, term, writer } = await checkBody(FenceBody, sent, language);
    const own = this.ledger.reader.settings.ledgerId;
    if (ledgerId !== own)
      throw new ApiProblem('other_ledger', {
        en: `this service has the ledger ${own}, and the order is for ${ledgerId}`,
        zh: `本服务的账本为 ${own}，而该指令针对 ${ledgerId}`,
      });
    const signer = this.ledger.node.signer();
    if (signer === undefined) throw new ApiProblem('not_ready', neverSigned);
    const fenced = await this.#fence({ term, copy, writer: writer ?? '' });
    const confirmation = confirmFence({ ledgerId, copy, term }, fenced.position, signer);
    return { ...fenced, confirmation };
  }

  @Post('fence/promotion')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    operationId: 'fenceByPromotion',
    summary: 'ends the taking of commands upon proof that another machine took over',
    description:
      'The proof is signed by the ledger itself, so it needs no key, and nobody can make one up.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['event', 'receipt'],
      additionalProperties: false,
      properties: { event: proofText, receipt: proofText, writer: writerSchema },
    },
  })
  @Answers(FenceSchema, { 200: 'it takes no more commands' })
  @ProblemResponses(400, 409, 422, 503)
  async fenceByPromotion(
    @Body() sent: unknown,
    @Req() request: KnownRequest,
  ): Promise<FenceAnswer> {
    const language = languageOf(request.headers['accept-language']);
    const { writer, ...proof } = await checkBody(PromotionBody, sent, language);
    const verifierKey = this.ledger.node.verifierKey();
    if (verifierKey === undefined) throw new ApiProblem('no_promotion');
    try {
      return await this.#fence({ term: termProved(proof, verifierKey), writer: writer ?? '' });
    } catch (error) {
      if (error instanceof PromotionProofError || error instanceof UnknownEventError)
        throw new ApiProblem('no_promotion', error.inBoth);
      throw error;
    }
  }

  @Get('promotion')
  @Public()
  @ApiOperation({
    operationId: 'promotion',
    summary: 'the proof that this ledger took over from another machine',
    description: 'It needs no key: the machine that was replaced has none here, and must learn it.',
  })
  @Answers(ProofSchema, { 200: 'the last promotion' })
  @ProblemResponses(404, 503)
  async promotion(): Promise<ProofAnswer> {
    const proof = await promotionProofOf(this.ledger, this.log);
    if (proof === undefined) throw new ApiProblem('never_promoted');
    return proof;
  }

  async #fence(fence: Fence): Promise<FenceAnswer> {
    const position = (await fenceAt(this.ledger, fence)) ?? '0';
    return { term: fence.term, position };
  }
}
