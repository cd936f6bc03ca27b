import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { closed, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { Public } from '../guard/rule.js';
import { Answers } from '../openapi/describe-answer.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { maxLag, maxQueued, ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';
import { Rebuilds } from './rebuilds.js';
import { scrubReport, ScrubReportSchema } from './scrub-report.js';
import { nodeReport, NodeReportSchema } from './node-report.js';
import { tripwireReport, TripwireReportSchema } from './tripwire-report.js';

const LiveSchema = closed({ status: Type.Literal('ok') }, { $id: 'Live' });

type ReadyAnswer = Shape<typeof ReadySchema>;
const ReadySchema = closed(
  {
    status: Type.Literal('ok'),
    checks: closed({
      ledger: Type.Boolean(),
      store: Type.Boolean(),
      sequencer: Type.Boolean(),
      readModels: Type.Boolean(),
      queue: Type.Boolean(),
    }),
    ...NodeReportSchema.properties,
    queued: Type.Integer({ description: 'commands that are not yet answered' }),
    lagEvents: Type.Integer({ description: 'events that the read models are behind' }),
    damagedStreams: Type.Integer({
      description: 'streams with damaged events, met since the start; only what needs them fails',
    }),
    scrub: ScrubReportSchema,
    tripwires: Type.Optional(TripwireReportSchema),
  },
  { $id: 'Ready' },
);

type WriterAnswer = Shape<typeof WriterSchema>;
const WriterSchema = closed(
  { status: Type.Literal('ok'), ...NodeReportSchema.properties },
  { $id: 'Writer' },
);

/** The state of the service, for its operators. It reveals nothing of what is in the ledger. */
@Controller('health')
@ApiTags('operation')
@Public()
export class HealthController {
  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(ServedLog) private readonly log: ServedLog,
    @Inject(Rebuilds) private readonly rebuilds: Rebuilds,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'isLive', summary: 'whether the process answers' })
  @Answers(LiveSchema, { 200: 'it does' })
  live(): Shape<typeof LiveSchema> {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'isReady',
    summary: 'whether it can answer queries, and take commands if it is the writer',
  })
  @Answers(ReadySchema, { 200: 'it can' })
  @ProblemResponses(503)
  async ready(): Promise<ReadyAnswer> {
    const { node, reader, queued, isClosing } = this.ledger;
    const { writer, writingEnded, followingFailure } = node;
    const [head, isLogOpen, lagging] = await Promise.all([
      within(reader.events.head()),
      within(this.log.isOpen()),
      within(this.ledger.lagEvents()),
    ]);
    const checks = {
      ledger: (writer?.ledger.isRunning ?? true) && writingEnded === undefined && !isClosing,
      store: head !== 'failed',
      sequencer: isLogOpen === true,
      readModels: followingFailure === undefined,
      queue: queued < maxQueued,
    };
    const isReady =
      Object.values(checks).every(Boolean) && lagging !== 'failed' && lagging <= maxLag;
    const members = {
      checks,
      ...nodeReport(node),
      queued,
      damagedStreams: reader.damagedStreams,
      scrub: scrubReport(reader.scrub, this.rebuilds),
      ...(lagging !== 'failed' && { lagEvents: lagging }),
      ...(writer?.tripwires !== undefined && { tripwires: tripwireReport(writer.tripwires) }),
    };
    if (!isReady) throw new ApiProblem('not_ready', undefined, { retryAfter: 5, members });
    return { status: 'ok', ...members, lagEvents: lagging };
  }

  @Get('writer')
  @ApiOperation({
    operationId: 'isWriter',
    summary: 'whether commands are to be sent to this node',
  })
  @Answers(WriterSchema, { 200: 'they are' })
  @ProblemResponses(503)
  isWriter(): WriterAnswer {
    this.ledger.assertRoom();
    return { status: 'ok', ...nodeReport(this.ledger.node) };
  }
}

/**
 * A part that answers no sooner counts as failed: health is asked every few seconds, and a store by
 * itself is patient for longer.
 */
const answerTimeoutMs = 800;

async function within<T>(asked: Promise<T>): Promise<T | 'failed'> {
  const answered = new AbortController();
  const late = pause(answerTimeoutMs, 'failed' as const, { signal: answered.signal }).catch(
    () => 'failed' as const,
  );
  try {
    return await Promise.race([asked.catch(() => 'failed' as const), late]);
  } finally {
    answered.abort();
  }
}
