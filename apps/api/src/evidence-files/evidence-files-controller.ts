import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import {
  EvidenceFileError,
  EvidenceFiles,
  type EvidenceFileProblem,
  type KeptFile,
} from '@penalty-ledger/application/evidence-files';
import { closed, counted, Sha256Schema } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { Readable } from 'node:stream';
import { commandRoutes } from '../commands/command-routes.js';
import { AllowedTo, readers, type KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { onlyParameters, parametersOf } from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { ProblemCode } from '../http/problems/problem-document.js';
import { Answers } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { schemaObject } from '../openapi/schemas.js';
import { fileMediaType } from './file-media-type.js';

const KeptFileSchema = closed(
  { sha256: Sha256Schema, bytes: Type.Integer() },
  { $id: 'KeptFile', description: 'a file as it was kept' },
);

const sha256 = schemaObject(Sha256Schema);

/** The files of evidence beside the ledger, by their hashes. */
@Controller('evidence-files')
@ApiTags('evidence packs')
export class EvidenceFilesController {
  constructor(@Inject(EvidenceFiles) private readonly files: EvidenceFiles) {}

  @Post()
  @HttpCode(201)
  @AllowedTo(...commandRoutes.RegisterEvidence.roles)
  @ApiOperation({
    operationId: 'keepEvidenceFile',
    summary: 'keeps a file of evidence under its SHA-256',
    description:
      'The body is the file itself. The same file sent again is kept once. Register it with ' +
      '`RegisterEvidence`.',
  })
  @ApiConsumes(fileMediaType)
  @ApiQuery({
    name: 'sha256',
    required: false,
    schema: sha256,
    description: 'the hash the file must have; 400 when the bytes that came have another',
  })
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } as never })
  @Answers(KeptFileSchema, { 201: 'kept, durably' })
  @ProblemResponses(400, 401, 403, 413, 415, 503)
  async keep(@Req() request: KnownRequest): Promise<KeptFile> {
    const given = parametersOf(request);
    onlyParameters(given, 'sha256');
    const expected = given['sha256'];
    if (expected !== undefined && !isSha256(expected)) throw new ApiProblem('invalid', notAHash);
    const { body } = request;
    if (!(body instanceof Readable))
      throw new ApiProblem('unsupported_media_type', {
        en: `send the file as ${fileMediaType}`,
        zh: `文件须以 ${fileMediaType} 发送`,
      });
    if (Number(request.headers['content-length'] ?? 0) > this.files.maxBytes)
      throw new ApiProblem('body_too_large', tooLarge(this.files.maxBytes));
    const kept = await asProblem(() => this.files.keep(body, expected));
    request.about = { sha256: kept.sha256 };
    return kept;
  }

  @Get(':sha256')
  @AllowedTo(...readers)
  @ApiOperation({
    operationId: 'evidenceFile',
    summary: 'fetches a file of evidence, whose bytes are checked against its SHA-256',
  })
  @ApiParam({ name: 'sha256', schema: sha256 })
  @ApiProduces(fileMediaType)
  @ApiResponse({
    status: 200,
    description: 'the file',
    content: { [fileMediaType]: { schema: { type: 'string', format: 'binary' } } },
  })
  @ProblemResponses(401, 403, 404, 503)
  async fetch(@Param('sha256') hash: string, @Res() reply: FastifyReply): Promise<void> {
    const opened = await asProblem(() => this.files.open(hash));
    if (opened === undefined)
      throw new ApiProblem('not_found', {
        en: `no file "${hash}" is kept here`,
        zh: `此处未保存文件 "${hash}"`,
      });
    const content = opened.file.createReadStream({ start: 0 });
    // Also when nothing of it was sent, because the access could not be logged.
    reply.raw.once('close', () => content.destroy());
    void reply
      .header('content-type', fileMediaType)
      .header('content-length', String(opened.bytes))
      // Never shown in place: the bytes are a stranger's.
      .header('content-disposition', `attachment; filename="${hash}"`)
      .header('cache-control', 'private, no-store')
      .send(content);
  }
}

const notAHash = {
  en: 'sha256: must be a SHA-256: 64 lower-case hexadecimal digits',
  zh: 'sha256：须为 SHA-256：64 位小写十六进制数字',
};

function isSha256(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}

function tooLarge(maxBytes: number): { readonly en: string; readonly zh: string } {
  return {
    en: `body: a file may have ${counted(maxBytes, 'byte')}`,
    zh: `请求体：最多保存 ${String(maxBytes)} 字节`,
  };
}

const codes: Readonly<Record<EvidenceFileProblem, ProblemCode>> = {
  too_large: 'body_too_large',
  other_hash: 'invalid',
  damaged: 'integrity',
  unwritable: 'unavailable',
  no_folder: 'unavailable',
};

/** Details without the path that the error names: it is the operator’s. */
const details: Readonly<Partial<Record<EvidenceFileProblem, { en: string; zh: string }>>> = {
  unwritable: {
    en: 'the folder of evidence cannot be written',
    zh: '证据文件夹无法写入',
  },
};

/** Runs work on the files, and tells its failures as problems. */
async function asProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EvidenceFileError)) throw error;
    const detail = details[error.problem] ?? error.inBoth;
    throw new ApiProblem(codes[error.problem], detail);
  }
}
