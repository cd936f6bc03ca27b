import { closed, parseStream, Sha256Schema } from '@penalty-ledger/ledger';
import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { OpenedLog } from '@penalty-ledger/application/open-log';
import { NothingToProveError } from '@penalty-ledger/sequencer';
import { Type } from '@sinclair/typebox';
import { assertOwn, principalOf } from '../guard/principal.js';
import { receiptOf } from '@penalty-ledger/application/receipt-of';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import { Answers } from '../openapi/describe-answer.js';
import { AtLeast, Conditional, SignedUpTo } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { FastifyReply } from '../http/http-types.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';
import { sendAnswer, sendText } from '../http/answers.js';
import { integerIn, onlyParameters, parametersOf, positionIn } from '../http/parameters.js';
import { caughtUp } from '../served/caught-up.js';

const plain = 'text/plain; charset=utf-8';
const note = {
  status: 200,
  description: 'a signed note',
  content: { 'text/plain': { schema: { type: 'string' } } },
} as const;
const streamParameter = {
  name: 'stream',
  schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,100}$' },
} as const;
const revisionParameter = { name: 'revision', schema: { type: 'integer', minimum: 0 } } as const;
const eventParameters = ['stream', 'revision'] as const;
const noCheckpoint = { en: 'no checkpoint was signed yet', zh: '尚未签署检查点' };
const maxSize = Number.MAX_SAFE_INTEGER;

/** Checkpoints of one answer at most; ask for those after the last of them. */
const maxCheckpoints = 1000;

const CheckpointSchema = closed(
  {
    size: Type.Integer({ description: 'events in its tree' }),
    note: Type.String({ description: 'the signed note' }),
  },
  { $id: 'Checkpoint' },
);
const InclusionProofSchema = closed(
  {
    stream: Type.String(),
    revision: Type.Integer(),
    leafHash: Sha256Schema,
    index: Type.Integer({ description: 'of the leaf in the tree' }),
    proof: Type.Array(Type.String()),
    checkpoint: Type.String({ description: 'the signed note of the tree' }),
  },
  { $id: 'InclusionProof' },
);
const ConsistencyProofSchema = closed(
  { from: Type.Integer(), to: Type.Integer(), proof: Type.Array(Type.String()) },
  { $id: 'ConsistencyProof' },
);

/**
 * Proofs for third parties that a record is there and that nothing was removed
 * (docs/spec/checkpoint.md, receipt.md).
 */
@Controller()
@ApiTags('proofs')
@AllowedTo(...readersAndAgencies)
export class ProofsController {
  constructor(
    @Inject(ServedLog) private readonly log: ServedLog,
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
  ) {}

  @Get('checkpoints')
  @ApiOperation({
    operationId: 'checkpoints',
    summary: 'the checkpoints that were signed, smallest tree first',
  })
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'only those of more events',
    schema: { type: 'integer', minimum: 0 },
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 1000 },
  })
  @SignedUpTo()
  @Conditional()
  @Answers(Type.Array(CheckpointSchema, { maxItems: maxCheckpoints }), { 200: 'checkpoints' })
  @ProblemResponses(400, 401, 403, 503)
  async checkpoints(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    const after = integerIn(given, 'after', 0, maxSize) ?? 0;
    const limit = integerIn(given, 'limit', 1, maxCheckpoints) ?? maxCheckpoints;
    const kept = await this.#signed(request, ['after', 'limit'], ({ sequencer }) =>
      sequencer.checkpointsAfter(after, limit),
    );
    return sendAnswer(
      kept.map(({ size, note: text }) => ({ size, note: text })),
      request,
      reply,
    );
  }

  @Get('checkpoints/latest')
  @ApiOperation({ operationId: 'latestCheckpoint', summary: 'the latest checkpoint' })
  @SignedUpTo()
  @Conditional()
  @ApiProduces('text/plain')
  @ApiResponse(note)
  @ProblemResponses(400, 401, 403, 503)
  async latest(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const latest = await this.#signed(request, [], ({ sequencer }) => sequencer.latest?.note);
    if (latest === undefined) throw new ApiProblem('not_ready', noCheckpoint, { retryAfter: 60 });
    return sendText(latest, plain, request, reply);
  }

  @Post('checkpoints')
  @HttpCode(200)
  @AllowedTo('auditor', 'administrator')
  @ApiOperation({ operationId: 'signCheckpoint', summary: 'signs for everything recorded so far' })
  @ApiProduces('text/plain')
  @ApiResponse(note)
  @ProblemResponses(401, 403, 503)
  async sign(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    this.ledger.writer();
    const signed = await this.log.sign();
    void reply.header('content-type', plain);
    return signed;
  }

  @Get('verifier-key')
  @ApiOperation({
    operationId: 'verifierKey',
    summary: 'the key that verifies what this ledger signs',
  })
  @Conditional()
  @ApiProduces('text/plain')
  @ApiResponse({ ...note, description: 'name+id+key' })
  @ProblemResponses(401, 403, 503)
  async verifierKey(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const key = await this.log.use(({ verifierKey }) => verifierKey);
    return sendText(`${key}\n`, plain, request, reply);
  }

  @Get('receipts/:stream/:revision')
  @ApiOperation({
    operationId: 'receipt',
    summary: 'the receipt for an event, under the latest checkpoint',
  })
  @ApiParam(streamParameter)
  @ApiParam(revisionParameter)
  @SignedUpTo()
  @Conditional()
  @ApiProduces('text/plain')
  @ApiResponse({ ...note, description: 'a receipt' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async receipt(
    @Param('stream') stream: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const revision = this.#ownEvent(stream, request);
    const receipt = await this.#signed(request, eventParameters, (log) =>
      found(() => receiptOf(log, { stream, revision })),
    );
    return sendText(receipt, plain, request, reply);
  }

  @Get('proofs/inclusion/:stream/:revision')
  @ApiOperation({
    operationId: 'inclusionProof',
    summary: 'that an event is a leaf of the latest checkpoint’s tree',
  })
  @ApiParam(streamParameter)
  @ApiParam(revisionParameter)
  @SignedUpTo()
  @Conditional()
  @Answers(InclusionProofSchema, { 200: 'the proof' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async inclusion(
    @Param('stream') stream: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const revision = this.#ownEvent(stream, request);
    const { event, index, proof, checkpoint } = await this.#signed(
      request,
      eventParameters,
      (log) => found(() => log.sequencer.inclusionProofOf(stream, revision)),
    );
    return sendAnswer(
      { stream, revision, leafHash: event.leafHash, index, proof, checkpoint },
      request,
      reply,
    );
  }

  @Get('proofs/consistency')
  @ApiOperation({
    operationId: 'consistencyProof',
    summary: 'that a tree begins with an earlier one',
  })
  @ApiQuery({ name: 'from', required: true, schema: { type: 'integer', minimum: 1 } })
  @ApiQuery({ name: 'to', required: true, schema: { type: 'integer', minimum: 1 } })
  @AtLeast()
  @Conditional()
  @Answers(ConsistencyProofSchema, { 200: 'the proof' })
  @ProblemResponses(400, 401, 403, 503)
  async consistency(
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const given = parametersOf(request);
    onlyParameters(given, 'from', 'to', 'atLeast');
    const [from, to] = [integerIn(given, 'from', 1, maxSize), integerIn(given, 'to', 1, maxSize)];
    if (from === undefined || to === undefined || from > to)
      throw new ApiProblem('invalid', {
        en: 'from, to: give two sizes of the tree, the smaller first',
        zh: 'from、to：须为两个树大小，较小者在前',
      });
    await caughtUp(this.ledger, given);
    const proof = await this.log.use(({ sequencer }) => {
      if (to > sequencer.size)
        throw new ApiProblem('invalid', {
          en: `to: the tree has ${sequencer.size} leaves`,
          zh: `to：树只有 ${sequencer.size} 个叶子`,
        });
      return sequencer.consistencyProof(from, to);
    });
    return sendAnswer({ from, to, proof }, request, reply);
  }

  /**
   * Works with the log once its latest checkpoint holds everything up to the position in `atLeast`,
   * if one is given.
   */
  async #signed<Result>(
    request: KnownRequest,
    known: readonly string[],
    work: (log: OpenedLog) => Promise<Result> | Result,
  ): Promise<Result> {
    const given = parametersOf(request);
    onlyParameters(given, ...known, 'atLeast');
    await caughtUp(this.ledger, given);
    return this.log.signedUpTo(positionIn(given['atLeast'], 'atLeast'), work);
  }

  /** The revision asked for, of a stream that the sender may see. */
  #ownEvent(stream: string, request: KnownRequest): number {
    if (!/^[A-Za-z0-9._:-]{1,100}$/.test(stream))
      throw new ApiProblem('invalid', {
        en: 'stream: give the name of a stream: agency-mcn-007',
        zh: 'stream：须为流的名称：agency-mcn-007',
      });
    const given = parametersOf(request);
    onlyParameters(given, ...eventParameters, 'atLeast');
    const principal = principalOf(request);
    if (principal.agencyId !== undefined) {
      const parsed = parseStream(stream);
      if (parsed?.kind !== 'agency') throw new ApiProblem('forbidden');
      assertOwn(principal, parsed.agencyId);
    }
    return integerIn(given, 'revision', 0, 999_999_999_999_999) ?? 0;
  }
}

/** @throws ApiProblem `not_found` when there is no such event */
async function found<Result>(prove: () => Promise<Result>): Promise<Result> {
  try {
    return await prove();
  } catch (error) {
    if (error instanceof NothingToProveError) throw new ApiProblem('not_found', error.inBoth);
    throw error;
  }
}
