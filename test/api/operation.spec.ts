import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseInstant } from '@penalty-ledger/ledger';
import { readSettings, serve } from '@penalty-ledger/api';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ledgerProgram } from '../cli/transcript.js';
import { temporaryFolder } from '../support/folder.js';
import { testService } from './service.js';

const admitted = (agencyId: string) => ({
  agencyId,
  name: '甲',
  effectiveAt: '2026-01-01T00:00:00+08:00',
});

describe('metrics', () => {
  const held = testService();
  const read = async () =>
    (await held.current.get('/metrics', { as: held.current.tokens['administrator']! })).text;
  /** The value of a sample; 0 while there is none. */
  const valueOf = async (sample: string): Promise<number> =>
    Number(
      (await read())
        .split('\n')
        .find((line) => line.startsWith(`${sample} `))
        ?.slice(sample.length + 1) ?? 0,
    );

  it('count answered commands, events made durable for them, and appends', async () => {
    const names = [
      'command_seconds_count',
      'commands_together_sum',
      'append_group_size_sum',
      'appended_events_total',
    ];
    const goes = 'penalty_ledger_append_seconds_count';
    const values = () => Promise.all(names.map((name) => valueOf(`penalty_ledger_${name}`)));
    const [before, goesBefore] = [await values(), await valueOf(goes)];
    await held.current.given(['AdmitAgency', admitted('m1')], ['AdmitAgency', admitted('m2')]);
    expect(await values()).toEqual(before.map((value) => value + 2));
    expect(await valueOf(goes)).toBe(goesBefore + 2);
    const lines = ['m4', 'm5', 'm6', 'm7'].map((id) =>
      JSON.stringify({ command: 'AdmitAgency', data: admitted(id) }),
    );
    const { text } = await held.current.ask('POST', '/import', {
      body: `${lines.join('\n')}\n`,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(text.match(/"accepted"/g)).toHaveLength(4);
    expect(await valueOf('penalty_ledger_append_group_size_sum')).toBe(before[2]! + 6);
    // Four lines that come together are one group of four.
    expect(await valueOf(goes)).toBe(goesBefore + 3);
  });

  it('show the last verification and replay that ran beside the service', async () => {
    expect(await read()).not.toContain('penalty_ledger_check_events{');
    const { store } = held.current;
    for (const verb of ['verify', 'replay'])
      await promisify(execFile)(process.execPath, [ledgerProgram, verb, '--store', store]);
    const text = await read();
    for (const check of ['verification', 'replay']) {
      expect(text).toMatch(
        new RegExp(`check_timestamp_seconds\\{check="${check}",verdict="intact"\\} 1\\d{9}`),
      );
      expect(await valueOf(`penalty_ledger_check_events{check="${check}"}`)).toBeGreaterThan(5);
      expect(
        await valueOf(`penalty_ledger_check_events_per_second{check="${check}"}`),
      ).toBeGreaterThan(0);
    }
    expect(await read()).not.toContain('verdict="damaged"');
  });

  it('count requests by route and status, never by the address that was sent', async () => {
    await held.current.get('/agencies/secret-name/balance');
    await held.current.get('/no-such-thing');
    const text = await read();
    expect(text).toContain('method="GET",route="/agencies/:agencyId/balance",status="404"');
    expect(text).toContain('method="GET",route="none",status="404"');
    expect(text).not.toMatch(/secret-name|no-such-thing/);
  });

  it('show how far the read models are behind until a query folds the events in', async () => {
    await held.current.given(['AdmitAgency', admitted('m3')]);
    await held.current.get('/agencies/m3');
    expect(await valueOf('penalty_ledger_read_model_lag_events')).toBe(0);
    expect(await valueOf('penalty_ledger_queue_depth{queue="commands"}')).toBe(0);
    expect(await read()).toContain('penalty_ledger_process_resident_memory_bytes');
  });

  it('are read without an entry in the access log, since they show no ledger data', async () => {
    await read();
    const { body } = await held.current.get('/access-log?limit=1000', {
      as: held.current.tokens['administrator']!,
    });
    const entries = body['entries'] as { route: string }[];
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.map(({ route }) => route)).not.toContain('/metrics');
  });
});

describe('traces', () => {
  interface Span {
    readonly name: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId?: string;
  }
  let collector: Server;
  let bodies: string[];
  const folder = temporaryFolder();
  beforeEach(async () => {
    bodies = [];
    collector = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString());
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    collector.closeAllConnections();
    await new Promise((resolve) => collector.close(resolve));
  });

  it('have spans for request and command in the caller’s trace, and nothing personal', async () => {
    const settings = readSettings({
      LEDGER_STORE: `sqlite:${join(folder, 'ledger.db')}`,
      LEDGER_PORT: '0',
      LEDGER_LOG_LEVEL: 'silent',
    });
    const at = parseInstant('2026-02-10T10:00:00+08:00')!;
    const { port } = collector.address() as AddressInfo;
    const service = await serve(
      settings,
      { now: () => at },
      { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
    );
    // The body is sent once the service has the headers. What then runs began with the socket and
    // not with the request.
    const asked = async (
      path: string,
      token: string,
      body: object,
    ): Promise<{ status: number; text: string }> => {
      const sending = request(`${service.url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          expect: '100-continue',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        },
      });
      sending.flushHeaders();
      await once(sending, 'continue');
      sending.end(JSON.stringify(body));
      const [answer] = (await once(sending, 'response')) as [IncomingMessage];
      return {
        status: answer.statusCode ?? 0,
        text: Buffer.concat(await answer.toArray()).toString(),
      };
    };
    const issued = await asked('/keys', service.firstToken!, {
      label: 'x',
      holder: 'h',
      roles: ['officer'],
    });
    const { token } = JSON.parse(issued.text) as { token: string };
    expect(
      (await asked('/commands/AdmitAgency', token, { agencyId: 'a-77', name: '杭州云帆' })).status,
    ).toBe(201);
    await service.close();

    const spans = bodies.flatMap((body) =>
      (
        JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
      ).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
    const requested = spans.find(({ name }) => name === 'POST /commands/AdmitAgency')!;
    expect(requested).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
    expect(spans.find(({ name }) => name === 'command AdmitAgency')).toMatchObject({
      traceId: requested.traceId,
      parentSpanId: requested.spanId,
    });
    expect(spans.map(({ name }) => name)).toContain('POST /keys');
    expect(bodies.join('')).not.toMatch(/杭州云帆|a-77|plk_/);
  });
});
