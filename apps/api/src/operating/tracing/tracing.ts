import { setTimeout as pause } from 'node:timers/promises';
import type { Attributes, Span } from '@opentelemetry/api';

/** Facts about a span: names of our own code, numbers and codes. Never an id, a name or a text. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** Spans around requests and commands. */
export interface Tracing {
  /** Says whether spans are sent to a collector. */
  readonly isOn: boolean;
  /**
   * Runs the work of a request within a span that continues the caller's trace (`traceparent`,
   * W3C). Its status is the one that `work` notes; a 5xx and an error mark it as failed.
   *
   * @param route the template, never the address as sent
   */
  request<T>(
    request: {
      readonly method: string;
      readonly route: string;
      readonly headers: Readonly<Record<string, unknown>>;
    },
    work: (note: (facts: SpanFacts) => void) => Promise<T>,
  ): Promise<T>;
  /** Runs a step, such as a command, within a span of its own under the one that runs. */
  step<T>(
    name: string,
    facts: SpanFacts,
    work: (note: (facts: SpanFacts) => void) => Promise<T>,
  ): Promise<T>;
  /**
   * Sends the spans that wait, for `timeoutMs` at most, and ends. Spans that the collector has not
   * taken by then are lost.
   */
  stop(): Promise<void>;
}

/** The service's name at a collector, unless the environment gives another. */
const serviceName = 'penalty-ledger';

const nothing = (): void => undefined;

/** Without a collector: the work alone, and no line of OpenTelemetry is loaded. */
const off: Tracing = {
  isOn: false,
  request: (_request, work) => work(nothing),
  step: (_name, _facts, work) => work(nothing),
  stop: () => Promise.resolve(),
};

/**
 * Starts tracing when `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector (OTLP over HTTP). The
 * exporter reads its other `OTEL_EXPORTER_OTLP_*` settings itself.
 *
 * @param environment `process.env`
 * @param timeoutMs the longest that the collector may take for one export, and for the last
 *   together
 */
export async function startTracing(
  environment: Readonly<Record<string, string | undefined>>,
  timeoutMs = 3_000,
): Promise<Tracing> {
  const endpoint = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return off;
  const [
    { context, propagation, SpanKind, SpanStatusCode, trace },
    { BatchSpanProcessor, NodeTracerProvider },
    otlp,
    { defaultResource, detectResources, envDetector, resourceFromAttributes },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new otlp.OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: timeoutMs,
  });
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': serviceName }))
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say more than we do.
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  const tracer = provider.getTracer(serviceName);

  async function within<T>(
    span: Span,
    work: (note: (facts: SpanFacts) => void) => Promise<T>,
  ): Promise<T> {
    try {
      return await work((facts) => {
        span.setAttributes(facts);
        const status = facts['http.response.status_code'];
        if (typeof status === 'number' && status >= 500)
          span.setStatus({ code: SpanStatusCode.ERROR });
      });
    } catch (error) {
      // The name alone: a message may quote what was sent.
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    isOn: true,
    request: ({ method, route, headers }, work) => {
      const attributes: Attributes = { 'http.request.method': method, 'http.route': route };
      const options = { kind: SpanKind.SERVER, attributes };
      const caller = propagation.extract(context.active(), headers);
      return tracer.startActiveSpan(`${method} ${route}`, options, caller, (span) =>
        within(span, work),
      );
    },
    step: (name, facts, work) =>
      tracer.startActiveSpan(name, { attributes: facts }, (span) => within(span, work)),
    stop: async () => {
      const waited = new AbortController();
      // A collector that is gone or silent must not keep the service from ending, nor make its end
      // fail.
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, pause(timeoutMs, undefined, waited).catch(() => undefined)]);
      waited.abort();
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
