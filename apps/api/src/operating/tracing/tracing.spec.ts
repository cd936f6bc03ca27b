import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTracing } from './tracing.js';

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly {
    readonly key: string;
    readonly value: Readonly<Record<string, unknown>>;
  }[];
}

interface Exported {
  readonly resourceSpans: readonly { readonly resource: Pick<ExportedSpan, 'attributes'> }[];
}

let collector: Server;
let endpoint: string;
let bodies: string[];
beforeEach(async () => {
  bodies = [];
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response
        .writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' })
        .end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterEach(async () => {
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

const spans = (): ExportedSpan[] =>
  bodies.flatMap((body) =>
    (
      JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[] }
    ).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const request = { method: 'POST', route: '/commands/record-deduction', headers: { traceparent } };

it('without a collector it runs the work alone', async () => {
  const tracing = await startTracing({});
  expect(tracing.isOn).toBe(false);
  const answer = await tracing.request(request, (note) => {
    note({ 'http.response.status_code': 200 });
    return tracing.step('command', {}, () => Promise.resolve('done'));
  });
  expect(answer).toBe('done');
  await tracing.stop();
});

it('sends a span for the request in the caller’s trace, and a child for the command', async () => {
  const tracing = await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/` });
  await tracing.request(request, async (note) => {
    await tracing.step(
      'command RecordDeduction',
      { 'ledger.command': 'RecordDeduction' },
      (noteStep) => {
        noteStep({ 'ledger.outcome': 'accepted' });
        return Promise.resolve();
      },
    );
    note({ 'http.response.status_code': 201 });
  });
  await tracing.stop();
  const [command, asked] = spans() as [ExportedSpan, ExportedSpan];
  expect(asked).toMatchObject({
    name: 'POST /commands/record-deduction',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    status: { code: 0 },
  });
  expect(command).toMatchObject({
    name: 'command RecordDeduction',
    traceId: asked.traceId,
    parentSpanId: asked.spanId,
  });
  expect(command.attributes.map(({ key, value }) => [key, value['stringValue']])).toEqual([
    ['ledger.command', 'RecordDeduction'],
    ['ledger.outcome', 'accepted'],
  ]);
});

it.each([
  [undefined, 'penalty-ledger'],
  ['ledger-of-the-north', 'ledger-of-the-north'],
])('is called by its name: OTEL_SERVICE_NAME %s gives %s', async (given, called) => {
  if (given !== undefined) process.env['OTEL_SERVICE_NAME'] = given;
  try {
    const tracing = await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    await tracing.request(request, () => Promise.resolve());
    await tracing.stop();
  } finally {
    delete process.env['OTEL_SERVICE_NAME'];
  }
  const [{ resourceSpans }] = bodies.map((body) => JSON.parse(body) as Exported) as [Exported];
  const attributes = resourceSpans[0]!.resource.attributes;
  expect(attributes.find(({ key }) => key === 'service.name')!.value).toEqual({
    stringValue: called,
  });
});

it('marks what failed, and keeps what the error said to itself', async () => {
  const tracing = await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  await expect(
    tracing.request(request, () => Promise.reject(new RangeError('张三 13800000000'))),
  ).rejects.toThrow('张三');
  await tracing.request(request, (note) => {
    note({ 'http.response.status_code': 503 });
    return Promise.resolve();
  });
  await tracing.stop();
  expect(spans().map(({ status }) => status.code)).toEqual([2, 2]);
  expect(bodies.join('')).toContain('RangeError');
  expect(bodies.join('')).not.toMatch(/张三|13800000000/);
});

it('ends when the collector is gone, and says nothing of it', async () => {
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
  const tracing = await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, 200);
  await tracing.request(request, () => Promise.resolve());
  await expect(tracing.stop()).resolves.toBeUndefined();
});
