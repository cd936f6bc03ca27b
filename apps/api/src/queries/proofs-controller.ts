import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { assertOwn, principalOf } from '../guard/access-guard.js';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../problems/api-problem.js';
import type { FastifyReply } from '../service/http-types.js';
import { ServedLog } from '../service/served-log.js';
import { onlyParameters, parametersOf, wholeIn } from './answering.js';

const plain = 'text/plain; charset=utf-8';
const note = {
  status: 200,
  description: 'a signed note',
  content: { 'text/plain': { schema: { type: 'string' } } },
} as const;
const streamParameter = { name: 'stream', schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,100}$' } } as const;
const revisionParameter = { name: 'revision', schema: { type: 'integer', minimum: 0 } } as const;
const noCheckpoint = { en: 'no checkpoint was signed yet', zh: '尚未签署检查点' };
const sizeMost = Number.MAX_SAFE_INTEGER;

/** What proves to others that a record is there, and that nothing was taken away (docs/spec/checkpoint.md, receipt.md). */
@Controller()
@ApiTags('proofs')
@AllowedTo(...readers, 'agency')
export class ProofsController {
  constructor(@Inject(ServedLog) private readonly log: ServedLog) {}

  @Get('checkpoints')
  @ApiOperation({ operationId: 'checkpoints', summary: 'every checkpoint that was signed, smallest tree first' })
  @ApiResponse({
    status: 200,
    description: 'checkpoints',
    schema: { type: 'array', items: { $ref: '#/components/schemas/Checkpoint' } },
  })
  @ProblemResponses(401, 403, 503)
  checkpoints(): Promise<object> {
    return this.log.use(({ sequencer }) => sequencer.checkpoints.map(({ size, note: text }) => ({ size, note: text })));
  }

  @Get('checkpoints/latest')
  @ApiOperation({ operationId: 'latestCheckpoint', summary: 'the latest checkpoint' })
  @ApiProduces('text/plain')
  @ApiResponse(note)
  @ProblemResponses(401, 403, 503)
  async latest(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const latest = await this.log.use(({ sequencer }) => sequencer.latest?.note);
    if (latest === undefined) throw new ApiProblem('not_ready', noCheckpoint, { retryAfter: 60 });
    void reply.header('content-type', plain);
    return latest;
  }

  @Post('checkpoints')
  @HttpCode(200)
  @AllowedTo('auditor', 'administrator')
  @ApiOperation({ operationId: 'signCheckpoint', summary: 'signs for everything recorded so far' })
  @ApiProduces('text/plain')
  @ApiResponse(note)
  @ProblemResponses(401, 403, 503)
  async sign(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const signed = await this.log.sign();
    void reply.header('content-type', plain);
    return signed;
  }

  @Get('verifier-key')
  @ApiOperation({ operationId: 'verifierKey', summary: 'the key that verifies what this ledger signs' })
  @ApiProduces('text/plain')
  @ApiResponse({ ...note, description: 'name+id+key' })
  @ProblemResponses(401, 403)
  async verifierKey(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const key = await this.log.use(({ verifierKey }) => verifierKey);
    void reply.header('content-type', plain);
    return `${key}\n`;
  }

  @Get('receipts/:stream/:revision')
  @ApiOperation({ operationId: 'receipt', summary: 'the receipt for an event, under the latest checkpoint' })
  @ApiParam(streamParameter)
  @ApiParam(revisionParameter)
  @ApiProduces('text/plain')
  @ApiResponse({ ...note, description: 'a receipt' })
  @ProblemResponses(400, 401, 403, 404, 503)
  async receipt(
    @Param('stream') stream: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const revision = this.#ownEvent(stream, request);
    const receipt = await this.log.use((log) => found(() => log.sequencer.receiptFor({ stream, revision })));
    void reply.header('content-type', plain);
    return receipt;
  }

  @Get('proofs/inclusion/:stream/:revision')
  @ApiOperation({ operationId: 'inclusionProof', summary: 'that an event is a leaf of the latest checkpoint’s tree' })
  @ApiParam(streamParameter)
  @ApiParam(revisionParameter)
  @ApiResponse({ status: 200, description: 'the proof', schema: { $ref: '#/components/schemas/InclusionProof' } })
  @ProblemResponses(400, 401, 403, 404, 503)
  async inclusion(@Param('stream') stream: string, @Req() request: KnownRequest): Promise<object> {
    const revision = this.#ownEvent(stream, request);
    const { event, index, proof, checkpoint } = await this.log.use((log) =>
      found(() => log.sequencer.inclusionProofOf(stream, revision)),
    );
    return { stream, revision, leafHash: event.leafHash, index, proof, checkpoint };
  }

  @Get('proofs/consistency')
  @ApiOperation({ operationId: 'consistencyProof', summary: 'that a tree begins with an earlier one' })
  @ApiQuery({ name: 'from', required: true, schema: { type: 'integer', minimum: 1 } })
  @ApiQuery({ name: 'to', required: true, schema: { type: 'integer', minimum: 1 } })
  @ApiResponse({ status: 200, description: 'the proof', schema: { $ref: '#/components/schemas/ConsistencyProof' } })
  @ProblemResponses(400, 401, 403, 503)
  async consistency(@Req() request: KnownRequest): Promise<object> {
    const given = parametersOf(request);
    onlyParameters(given, 'from', 'to');
    const [from, to] = [wholeIn(given, 'from', 1, sizeMost), wholeIn(given, 'to', 1, sizeMost)];
    if (from === undefined || to === undefined || from > to)
      throw new ApiProblem('invalid', 'from, to: give two sizes of the tree, the smaller first');
    return this.log.use(({ sequencer }) => {
      if (to > sequencer.size) throw new ApiProblem('invalid', `to: the tree has ${sequencer.size} leaves`);
      return { from, to, proof: sequencer.consistencyProof(from, to) };
    });
  }

  /** The revision asked for, of a stream that whoever asks may see. */
  #ownEvent(stream: string, request: KnownRequest): number {
    if (!/^[A-Za-z0-9._:-]{1,100}$/.test(stream))
      throw new ApiProblem('invalid', 'stream: give the name of a stream: agency-mcn-007');
    const given = parametersOf(request);
    onlyParameters(given, 'stream', 'revision');
    const principal = principalOf(request);
    if (principal.agencyId !== undefined) {
      if (!stream.startsWith('agency-')) throw new ApiProblem('forbidden');
      assertOwn(principal, stream.slice('agency-'.length));
    }
    return wholeIn(given, 'revision', 0, 999_999_999_999_999) ?? 0;
  }
}

/** @throws ApiProblem `not_found` when there is no such event */
async function found<Result>(prove: () => Promise<Result>): Promise<Result> {
  try {
    return await prove();
  } catch (error) {
    if (error instanceof RangeError) throw new ApiProblem('not_found', error.message);
    throw error;
  }
}
