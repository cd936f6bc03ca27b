import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AllowedTo } from '../../guard/rule.js';
import { ProblemResponses } from '../../openapi/problem-responses.js';
import type { FastifyReply } from '../../http/http-types.js';
import { Metrics } from './metrics.js';

/** The metrics of the service, for Prometheus. */
@Controller('metrics')
@ApiTags('operation')
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @AllowedTo('auditor', 'administrator')
  @ApiOperation({ operationId: 'metrics', summary: 'metrics in the text format of Prometheus' })
  @ApiProduces('text/plain')
  @ApiResponse({
    status: 200,
    description: 'metrics',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @ProblemResponses(401, 403)
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.contentType).header('cache-control', 'no-store');
    return this.metrics.metricsText();
  }
}
