import { readSettings, serve, SettingsError } from '@penalty-ledger/api';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get, type RequestOptions } from 'node:https';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { testAuthority, testTls } from '../support/eventstoredb/test-certificate.js';
import { temporaryFolder } from '../support/folder.js';
import { TestService, testService } from './service.js';

const held = testService(undefined, { LEDGER_REQUEST_SECONDS: '1' });

/** The answer to these bytes until the service ends the connection. */
async function answerTo(
  ...parts: readonly string[]
): Promise<{ readonly head: string; readonly body: string }> {
  const { hostname, port } = new URL(held.current.serving.url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
  return { head, body };
}

const post = (path: string, ...headers: readonly string[]): string =>
  [
    `POST ${path} HTTP/1.1`,
    'host: ledger',
    `authorization: Bearer ${held.current.tokens['staff']!}`,
    ...headers,
    '',
    '',
  ].join('\r\n');

const json = 'content-type: application/json';

describe('a sender who takes too long', () => {
  it('with the headers is answered 408, and the connection ends', async () => {
    const { head, body } = await answerTo('GET /agencies HTTP/1.1\r\nhost: led');
    expect(head).toMatch(
      /^HTTP\/1\.1 408 .*content-type: application\/problem\+json.*connection: close/s,
    );
    expect(JSON.parse(body)).toMatchObject({ code: 'request_timeout', status: 408 });
  });

  it('with the body of a command is answered 408, and nothing is stored', async () => {
    const { hostname, port } = new URL(held.current.serving.url);
    const socket = connect(Number(port), hostname);
    const ended = once(socket, 'close');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(
      `${post('/commands/AdmitAgency', json, 'content-length: 200')}{"agencyId":"slow","name":"`,
    );
    const dripping = setInterval(() => socket.write('x'), 100);
    await ended;
    clearInterval(dripping);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*connection: close/is);
    expect(answer).toContain('"code":"request_timeout"');
    expect((await held.current.get('/agencies/slow')).status).toBe(404);
  });

  it('with an import is waited for', async () => {
    const { hostname, port } = new URL(held.current.serving.url);
    const socket = connect(Number(port), hostname);
    const ended = once(socket, 'close');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const line = (agencyId: string) =>
      `{"command":"AdmitAgency","data":{"agencyId":"${agencyId}","name":"x",` +
      '"effectiveAt":"2026-01-01T00:00:00Z"}}\n';
    const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    socket.write(
      post(
        '/import',
        'content-type: application/x-ndjson',
        'transfer-encoding: chunked',
        'connection: close',
      ),
    );
    socket.write(chunk(line('i1')));
    // Longer than a command may take.
    await expect(answerTo('GET / HTTP/1.1\r\n')).resolves.toMatchObject({
      head: expect.stringContaining('408') as string,
    });
    socket.write(`${chunk(line('i2'))}0\r\n\r\n`);
    await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.match(/"status":"accepted"/g)).toHaveLength(2);
  });
});

it('a body that anybody may send is short', async () => {
  const send = (length: number) =>
    held.current.ask('POST', '/fence/promotion', {
      body: { event: 'x'.repeat(length), receipt: '' },
      as: '',
    });
  expect((await send(20_000)).status).toBe(400);
  expect(await send(30_000)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
});

describe('a body that comes slowly', () => {
  const head = (path: string, token = '', method = 'POST'): string =>
    [
      `${method} ${path} HTTP/1.1`,
      'host: ledger',
      json,
      'content-length: 1000',
      ...(token === '' ? [] : [`authorization: Bearer ${token}`]),
      '',
      '',
    ].join('\r\n');

  it.each<[string, string, () => string]>([
    ['to an unknown path', '404', () => head('/no-such-thing')],
    ['with a method that the path has not', '405', () => head('/agencies')],
    ['without a key', '401', () => head('/commands/AdmitAgency')],
    ['of lines without a key', '401', () => head('/import')],
    [
      'with a role that may not send it',
      '403',
      () => head('/commands/AdmitAgency', held.current.tokens['auditor']),
    ],
  ])(
    '%s is refused with %s before it arrives, and its connection ends',
    async (_, status, sent) => {
      const { hostname, port } = new URL(held.current.serving.url);
      const socket = connect(Number(port), hostname);
      // A connection that is destroyed while the body is sent may be reset.
      const ended = new Promise((resolve) => {
        socket.on('error', () => undefined).once('close', resolve);
      });
      socket.write(sent());
      const dripping = setInterval(() => socket.write('x'), 100);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      const answeredAt = performance.now();
      expect(answer.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      await ended;
      clearInterval(dripping);
      // Not after the 15 seconds that a body may take, nor the 120 of a silent connection.
      expect(performance.now() - answeredAt).toBeLessThan(10_000);
    },
  );

  it('and is refused leaves the connection open once all of it is there', async () => {
    const { hostname, port } = new URL(held.current.serving.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const ended = once(socket, 'close');
    socket.write(`${head('/no-such-thing')}${'x'.repeat(500)}`);
    await once(socket, 'data');
    socket.write(
      `${'x'.repeat(500)}GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    await ended;
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200']);
  });
});

describe('a long body that nobody reads', () => {
  it('ends its connection, and a sender over one that is kept reads each answer', async () => {
    const { hostname, port } = new URL(held.current.serving.url);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const body = JSON.stringify({ name: 'x'.repeat(250_000) });
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const answers = [];
    for (const path of ['/no-such-thing', '/health/live', '/keys', '/commands/AdmitAgency']) {
      const method = path === '/health/live' ? 'GET' : 'POST';
      const sent = request({ agent, hostname, port, path, method, headers });
      sent.end(body);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      answers.push([answer.statusCode, answer.headers.connection]);
    }
    agent.destroy();
    expect(answers).toEqual([404, 200, 401, 401].map((status) => [status, 'close']));
  });
});

describe('a sender who waits to be asked for the body', () => {
  const wait = ['expect: 100-continue', 'content-length: 200000', json];

  it.each([
    ['without a key', '401', 'POST /commands/AdmitAgency'],
    ['to an unknown path', '404', 'POST /no-such-thing'],
    ['with a method that the path has not', '405', 'PUT /agencies'],
  ])('%s is refused with %s and not asked, and the connection ends', async (_, status, line) => {
    const { head } = await answerTo([`${line} HTTP/1.1`, 'host: x', ...wait, '', ''].join('\r\n'));
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*connection: close`, 'is'));
  });

  it('is asked once it is known who it is, and then answered', async () => {
    const body = JSON.stringify({
      agencyId: 'asked',
      name: 'x',
      effectiveAt: '2026-01-01T00:00:00Z',
    });
    const { hostname, port } = new URL(held.current.serving.url);
    const socket = connect(Number(port), hostname);
    const ended = once(socket, 'close');
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
      if (/^HTTP\/1\.1 100 .*\r\n\r\n$/s.test(answer)) socket.write(body);
    });
    socket.write(
      post(
        '/commands/AdmitAgency',
        json,
        'expect: 100-continue',
        `content-length: ${Buffer.byteLength(body)}`,
        'connection: close',
      ),
    );
    await ended;
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 201']);
  });
});

describe('a body', () => {
  const tooLarge = { agencyId: 'large', name: 'x'.repeat(262_144) };

  it('over 256 KiB is refused with 413, announced or not, and nothing is stored', async () => {
    const { current } = held;
    expect(await current.command('AdmitAgency', tooLarge)).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
    const text = JSON.stringify(tooLarge);
    const { head, body } = await answerTo(
      post('/commands/AdmitAgency', json, 'transfer-encoding: chunked', 'connection: close'),
      `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
    );
    expect(head).toMatch(/^HTTP\/1\.1 413 /);
    expect(JSON.parse(body)).toMatchObject({ code: 'body_too_large' });
    expect((await current.get('/agencies/large')).status).toBe(404);
  });

  it.each([
    ['text/plain', '/commands/AdmitAgency'],
    ['application/x-www-form-urlencoded', '/commands/AdmitAgency'],
    ['application/xml', '/keys'],
    ['application/x-ndjson', '/commands/AdmitAgency'],
    ['application/json', '/import'],
  ])('of type %s sent to %s is refused with 415', async (type, path) => {
    const { current } = held;
    const answer = await current.ask('POST', path, {
      body: '{"agencyId":"t","name":"t"}',
      headers: { 'content-type': type },
      as: current.tokens[path === '/keys' ? 'administrator' : 'staff']!,
    });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it.each<[string, string, Record<string, string>]>([
    [
      'in another charset',
      '/commands/AdmitAgency',
      { 'content-type': 'application/json; charset=gbk' },
    ],
    ['that is compressed', '/commands/AdmitAgency', { 'content-encoding': 'gzip' }],
    [
      'of lines that are compressed',
      '/import',
      { 'content-type': 'application/x-ndjson', 'content-encoding': 'br' },
    ],
  ])('%s is refused with 415 and not read as what it is not', async (_what, path, headers) => {
    const { current } = held;
    const answer = await current.ask('POST', path, {
      body: '{"agencyId":"coded","name":"t"}',
      headers,
    });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect((await current.get('/agencies/coded')).status).toBe(404);
  });

  it('may write its charset in any usual form', async () => {
    for (const [n, charset] of ['utf-8', 'UTF8', '"utf-8"'].entries()) {
      const headers = { 'content-type': `application/json; charset=${charset}` };
      const { status } = await held.current.command(
        'AdmitAgency',
        { agencyId: `cs-${n}`, name: 't' },
        { headers },
      );
      expect({ charset, status }).toEqual({ charset, status: 201 });
    }
  });

  it('of bytes that are not UTF-8 is refused, and nothing is recorded', async () => {
    const { current } = held;
    const response = await fetch(`${current.serving.url}/commands/AdmitAgency`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${current.tokens['staff']!}`,
        'content-type': 'application/json',
      },
      body: Buffer.from('{"agencyId":"bytes","name":"\xff\xfe"}', 'latin1'),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'invalid',
      detail: 'body: it is not UTF-8',
    });
    expect((await current.get('/agencies/bytes')).status).toBe(404);
  });
});

it.each([
  ['a request that is not HTTP', 'hello\r\n\r\n', 400, 'invalid'],
  [
    'headers of more than 16 KiB',
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'a request without a host',
    'GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n',
    400,
    'invalid',
  ],
  [
    'a request that expects what is not known',
    'POST /commands/AdmitAgency HTTP/1.1\r\nhost: x\r\nexpect: tea\r\ncontent-length: 9\r\n\r\n',
    417,
    'expectation_failed',
  ],
])('%s is answered with a problem', async (_what, sent, status, code) => {
  const { head, body } = await answerTo(sent);
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(body)).toMatchObject({ code, status });
});

it.each(['/health/live', '/docs', '/agencies', '/no-such-thing'])(
  '%s has headers against framing, sniffing and loading from elsewhere',
  async (path) => {
    const { headers } = await held.current.get(path, { as: '' });
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /default-src 'self'.*frame-ancestors 'none'/,
      ) as string,
      'x-content-type-options': 'nosniff',
      'x-frame-options': expect.stringMatching(/DENY|SAMEORIGIN/) as string,
      'referrer-policy': 'no-referrer',
      'strict-transport-security': expect.stringContaining('max-age=') as string,
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  },
);

it('what is answered to somebody who signed in is kept by no cache that others share', async () => {
  expect((await held.current.get('/agencies')).headers.get('cache-control')).toMatch(
    /private|no-store/,
  );
});

describe('TLS', () => {
  const folder = temporaryFolder();
  const base = {
    LEDGER_STORE: `sqlite:${join(folder, 'ledger.db')}`,
    LEDGER_PORT: '0',
    LEDGER_LOG_LEVEL: 'silent',
  };
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  beforeAll(() => {
    writeFileSync(cert, testTls.certificate);
    writeFileSync(key, testTls.key);
  });

  async function status(url: string, options: RequestOptions): Promise<number> {
    const [answer] = (await once(get(url, options), 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode ?? 0;
  }

  it('uses the certificate that was given, and plain HTTP fails on that port', async () => {
    const serving = await serve(
      readSettings({ ...base, LEDGER_TLS_CERT: cert, LEDGER_TLS_KEY: key }),
    );
    try {
      expect(serving.url).toMatch(/^https:/);
      const agent = false as const;
      expect(await status(`${serving.url}/health/live`, { ca: testAuthority, agent })).toBe(200);
      await expect(status(`${serving.url}/health/live`, { agent })).rejects.toThrow(/certificate/);
      await expect(fetch(serving.url.replace('https', 'http'))).rejects.toThrow();
    } finally {
      await serving.close();
    }
  });

  it('is required on an address reachable from outside, unless a proxy for it is named', () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.7', 'ledger.example.com']) {
      const outside = { ...base, LEDGER_HOST: host };
      expect(() => readSettings(outside)).toThrow(SettingsError);
      expect(() => readSettings(outside)).toThrow(
        /LEDGER_HOST: .* LEDGER_TLS_CERT .* LEDGER_TRUST_PROXY/,
      );
      expect(readSettings({ ...outside, LEDGER_TRUST_PROXY: '10.0.0.0/8' }).host).toBe(host);
      expect(readSettings({ ...outside, LEDGER_TLS_CERT: cert, LEDGER_TLS_KEY: key }).host).toBe(
        host,
      );
    }
  });

  it('with a certificate that cannot be read does not start, and says which file', async () => {
    const settings = readSettings({
      ...base,
      LEDGER_TLS_CERT: join(folder, 'none.pem'),
      LEDGER_TLS_KEY: key,
    });
    await expect(serve(settings)).rejects.toThrow(/LEDGER_TLS_CERT: cannot read ".*none\.pem"/);
  });
});

describe('a service that is closing', () => {
  const folder = temporaryFolder();

  it('waits a few seconds at most for a body that does not come', async () => {
    const service = await TestService.start(join(folder, 'slow'), undefined, {
      LEDGER_REQUEST_SECONDS: '300',
    });
    const { hostname, port } = new URL(service.serving.url);
    const socket = connect(Number(port), hostname);
    const ended = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.write(
      ['POST /commands/AdmitAgency HTTP/1.1', 'host: ledger', json, 'content-length: 9'].join(
        '\r\n',
      ) + `\r\nauthorization: Bearer ${service.tokens['staff']!}\r\n\r\n{`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedAt = performance.now();
    await service.serving.close();
    await ended;
    // 5 s, and what a busy machine adds; the body may take 300.
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  it('refuses an unfinished command and the next one, with problem documents', async () => {
    const service = await TestService.start(folder);
    const { hostname, port } = new URL(service.serving.url);
    const socket = connect(Number(port), hostname);
    const ended = once(socket, 'close');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const body = JSON.stringify({ agencyId: 'late', name: 'x' });
    const head = ['host: ledger', `authorization: Bearer ${service.tokens['staff']!}`, json];
    const request = (...more: readonly string[]): string =>
      ['POST /commands/AdmitAgency HTTP/1.1', ...head, ...more, '', ''].join('\r\n');
    socket.write(request(`content-length: ${Buffer.byteLength(body)}`) + body.slice(0, 5));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = service.serving.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.write(body.slice(5) + request('accept-language: zh', 'content-length: 2') + '{}');
    await Promise.all([ended, closed]);
    const answers = answer.split(/(?=HTTP\/1\.1 )/);
    for (const each of answers) {
      expect(each).toMatch(/^HTTP\/1\.1 503 .*content-type: application\/problem\+json/is);
      expect(each).toMatch(/retry-after: \d/i);
    }
    const details = answers.map(
      (each) => JSON.parse(each.slice(each.indexOf('{'))) as { readonly detail: string },
    );
    expect(details).toMatchObject([
      { detail: 'the service is closing' },
      { detail: '服务正在停止' },
    ]);
  });
});
