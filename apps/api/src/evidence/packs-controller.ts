import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiBody,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { PackSubject } from '@penalty-ledger/evidence';
import { checkBody } from '../http/read-body.js';
import { assertOwn, principalOf } from '../guard/principal.js';
import { AllowedTo, readersAndAgencies, type KnownRequest } from '../guard/rule.js';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { Answers } from '../openapi/describe-answer.js';
import { Conditional } from '../openapi/describe-query.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { unknownRecord } from '../http/problems/unknown-record.js';
import { languageFor, variesBy } from '../http/varying.js';
import { hasAlready } from '../http/answers.js';
import { EventStreams } from '../served/event-streams.js';
import type { FastifyReply } from '../http/http-types.js';
import { serialiserOf } from '../http/serialiser.js';
import { ServedLedger } from '../served/served-ledger.js';
import type { EvidencePack } from './evidence-pack.js';
import { EvidencePacks } from './evidence-packs.js';
import { assertOneSubject, NewPackBody, newPackSchema, wantedOf } from './pack-body.js';
import { addressOf, PackStatusSchema, statusOf, type PackStatus } from './pack-status.js';

const idParameter = { name: 'id', schema: { type: 'string', format: 'uuid' } } as const;
const zip = 'application/zip';
const writeStatus = serialiserOf(PackStatusSchema);

const notReady = {
  waiting: { en: 'it is waiting', zh: '证据包正在排队（waiting）' },
  building: { en: 'it is building', zh: '证据包正在生成（building）' },
  failed: { en: 'it has failed', zh: '证据包生成失败（failed）' },
  gone: { en: 'it was deleted', zh: '证据包已删除' },
} as const;

/** Evidence packs (docs/spec/evidence-pack.md): request, progress, download and deletion. */
@Controller('evidence-packs')
@ApiTags('evidence packs')
@AllowedTo(...readersAndAgencies)
export class PacksController {
  constructor(
    @Inject(EvidencePacks) private readonly packs: EvidencePacks,
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(EventStreams) private readonly streams: EventStreams,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'makeEvidencePack',
    summary: 'begins an evidence pack for an appeal, or for an agency and a period',
  })
  @ApiBody({
    required: true,
    schema: newPackSchema as never,
    examples: {
      appeal: { summary: 'for an appeal', value: { appealId: 'ap-1' } },
      agency: {
        summary: 'for an agency and a year',
        value: { agencyId: 'mcn-007', period: '2026', disclose: true },
      },
    },
  })
  @Answers(PackStatusSchema, {
    202: {
      description: 'it will be made',
      headers: { Location: { description: 'where its state is read', schema: { type: 'string' } } },
    },
  })
  @ProblemResponses(400, 401, 403, 404, 503)
  async make(
    @Body() sent: unknown,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PackStatus> {
    const principal = principalOf(request);
    const language = languageFor(request, reply);
    const body = await checkBody(NewPackBody, sent, language);
    assertOneSubject(body);
    const { agencyId, appealId } = body;
    request.about = agencyId === undefined ? { appealId: appealId ?? '' } : { agencyId };
    const subject = await this.#subjectOf(body, principal);
    const pack = await this.packs.ask(
      wantedOf(body, subject, principal.agencyId !== undefined),
      principal,
    );
    request.about = { id: pack.id, ...subject };
    void reply.header('location', addressOf(pack)).header('cache-control', 'no-store');
    return statusOf(pack, pack.state, language);
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'evidencePack',
    summary: 'how far a pack is, and where it is fetched',
  })
  @ApiParam(idParameter)
  @Answers(PackStatusSchema, { 200: 'the state' })
  @ProblemResponses(401, 403, 404)
  one(
    @Param('id') id: string,
    @Req() request: KnownRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): PackStatus {
    const pack = this.#found(id, request);
    void reply.header('cache-control', 'no-store');
    return statusOf(pack, pack.state, languageFor(request, reply));
  }

  @Get(':id/events')
  @ApiOperation({
    operationId: 'evidencePackEvents',
    summary: 'how far a pack is, at each change until it is ready or failed: server-sent events',
  })
  @ApiParam(idParameter)
  @ApiResponse({
    status: 200,
    description: 'states',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ProblemResponses(401, 403, 404, 503)
  events(@Param('id') id: string, @Req() request: KnownRequest, @Res() reply: FastifyReply): void {
    const pack = this.#found(id, request);
    const language = languageFor(request, reply);
    const texts = async function* (signal: AbortSignal): AsyncGenerator<string> {
      for await (const state of pack.states(signal))
        yield `event: ${state.status}\ndata: ${writeStatus(statusOf(pack, state, language))}\n\n`;
    };
    this.streams.send(texts, request, reply);
  }

  @Get(':id/pack.zip')
  @ApiOperation({ operationId: 'fetchEvidencePack', summary: 'the pack, once it is ready' })
  @ApiParam(idParameter)
  @ApiProduces(zip)
  @Conditional()
  @ApiResponse({
    status: 200,
    description: 'the file; its ETag is its SHA-256',
    content: { [zip]: { schema: { type: 'string', format: 'binary' } } },
  })
  @ProblemResponses(401, 403, 404, 409)
  async fetch(
    @Param('id') id: string,
    @Req() request: KnownRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pack = this.#found(id, request);
    const { state } = pack;
    if (state.status !== 'ready') throw new ApiProblem('pack_not_ready', notReady[state.status]);
    const etag = `"${state.sha256}"`;
    void reply.header('etag', etag).header('cache-control', 'private, no-store');
    variesBy(reply, 'Authorization');
    if (hasAlready(request, etag)) {
      void reply.status(304).send();
      return;
    }
    const content = (await this.packs.read(pack)).createReadStream();
    // Also when nothing of it was sent, because the access could not be logged.
    reply.raw.once('close', () => content.destroy());
    void reply
      .header('content-type', zip)
      .header('content-length', String(state.bytes))
      .header('content-disposition', `attachment; filename="${fileNameOf(pack.wanted.subject)}"`)
      .send(content);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'removeEvidencePack',
    summary: 'deletes a pack; one that is not ready is not made',
  })
  @ApiParam(idParameter)
  @ApiResponse({ status: 204, description: 'deleted' })
  @ProblemResponses(401, 403, 404)
  async remove(@Param('id') id: string, @Req() request: KnownRequest): Promise<void> {
    await this.packs.remove(this.#found(id, request));
  }

  /** Finds a pack that the sender may see, and notes its subject for the access log. */
  #found(id: string, request: KnownRequest): EvidencePack {
    const pack = this.packs.find(id, principalOf(request));
    request.about = { ...pack.wanted.subject };
    return pack;
  }

  /** The subject of a pack, if the ledger has it and the sender may see it. */
  async #subjectOf(
    { agencyId, appealId }: NewPackBody,
    principal: Principal,
  ): Promise<PackSubject> {
    if (agencyId !== undefined) {
      assertOwn(principal, agencyId);
      if ((await this.ledger.reader.revisionOf(agencyId)) === undefined)
        throw unknownRecord('agency', agencyId);
      return { agencyId };
    }
    const recorded = await this.ledger.reader.agencyOf('appeal', appealId ?? '');
    const isShown = principal.agencyId === undefined || principal.agencyId === recorded;
    if (recorded !== undefined && isShown) return { agencyId: recorded, appealId: appealId ?? '' };
    throw unknownRecord('appeal', appealId ?? '');
  }
}

/** Ids may hold a colon, which some systems take in no name. */
function fileNameOf({ agencyId, appealId }: PackSubject): string {
  return `evidence-${appealId ?? agencyId}.zip`.replaceAll(':', '-');
}
