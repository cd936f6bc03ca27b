import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../guard/rule.js';
import { ProblemResponses } from '../openapi/problem-responses.js';
import { ApiProblem } from '../problems/api-problem.js';
import { lagMost, queueMost, ServedLedger } from './served-ledger.js';
import { ServedLog } from './served-log.js';
import { tripwireReport } from './tripwire-report.js';

/** How the service is, for whoever keeps it running. Says nothing of what is in the ledger. */
@Controller('health')
@ApiTags('operation')
@Public()
export class HealthController {
  constructor(
    @Inject(ServedLedger) private readonly ledger: ServedLedger,
    @Inject(ServedLog) private readonly log: ServedLog,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'isLive', summary: 'whether the process answers' })
  @ApiResponse({ status: 200, description: 'it does', schema: { $ref: '#/components/schemas/Live' } })
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ operationId: 'isReady', summary: 'whether it can take commands and answer queries' })
  @ApiResponse({ status: 200, description: 'it can', schema: { $ref: '#/components/schemas/Ready' } })
  @ProblemResponses(503)
  async ready(): Promise<object> {
    const { opened, queued, isClosing } = this.ledger;
    const checks = {
      ledger: opened.ledger.isRunning && !isClosing,
      store: await succeeds(() => opened.reader.parts.store.head()),
      sequencer: await succeeds(() => this.log.use(({ sequencer }) => sequencer.size)),
      queue: queued < queueMost,
    };
    const lagging = await this.ledger.lagEvents();
    const isReady = Object.values(checks).every(Boolean) && lagging <= lagMost;
    const members = {
      checks,
      queued,
      lagEvents: lagging,
      ...(opened.tripwires !== undefined && { tripwires: tripwireReport(opened.tripwires) }),
    };
    if (!isReady) throw new ApiProblem('not_ready', undefined, { retryAfter: 5, members });
    return { status: 'ok', ...members };
  }
}

async function succeeds(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
}
