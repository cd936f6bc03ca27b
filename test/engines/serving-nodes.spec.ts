import { join } from 'node:path';
import { readSettings, serve, type Serving } from '@penalty-ledger/api';
import { readZip, verifyPack } from '@penalty-ledger/evidence';
import { checkConsistency, openCheckpoint, parseVerifierKey } from '@penalty-ledger/merkle-log';
import { ServedLedger } from '../../apps/api/src/served/served-ledger.js';
import { WireServer } from '../support/eventstoredb/index.js';
import { temporaryFolder } from '../support/folder.js';
import { eventually } from './node-process.js';

let server: WireServer;
let one: Serving;
let two: Serving;
let token: string;
const environment = process.env;
/** Nodes that still serve. */
const serving = new Set<Serving>();

afterAll(async () => {
  for (const each of serving) await each.close();
  await server.stop();
  process.env = environment;
});
const folder = temporaryFolder();
beforeAll(async () => {
  server = await WireServer.start();
  process.env = {
    ...environment,
    LEDGER_ALLOW_INSECURE: '1',
    LEDGER_DATA: folder,
    LEDGER_KEYS: join(folder, 'shared.keys.db'),
    LEDGER_ACCESS: join(folder, 'shared.access.db'),
  };
  one = await start('127.0.0.1');
  two = await start('localhost');
  const { body } = await ask(
    one,
    '/keys',
    { label: 'l', holder: 'h', roles: ['officer', 'auditor'] },
    one.firstToken,
  );
  token = body['token'] as string;
});

/** Starts a node. Its host names its local files, so two nodes in one process share none. */
async function start(host: string): Promise<Serving> {
  const started = await serve(
    readSettings({
      LEDGER_STORE: server.url.replace('127.0.0.1', host),
      LEDGER_PORT: '0',
      LEDGER_LEASE_SECONDS: '5',
      LEDGER_CHECKPOINT_SECONDS: '3600',
      LEDGER_LOG_LEVEL: 'silent',
    }),
  );
  serving.add(started);
  return started;
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Posts when there is a body. */
async function ask(
  { url }: Serving,
  path: string,
  body?: object | string,
  as = token,
): Promise<Answered> {
  const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${as}`, ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as object as Record<string, unknown>) : {},
  };
}

const admit = (node: Serving, agencyId: string): Promise<Answered> =>
  ask(node, '/commands/AdmitAgency', { agencyId, name: 'x' });

it('one node takes commands and the other answers, and each says what it is', async () => {
  expect([one.role, two.role]).toEqual(['writer', 'reader']);
  expect(two.firstToken).toBeUndefined();
  expect(two.verifierKey).toBe(one.verifierKey);
  expect(await ask(one, '/health/writer')).toMatchObject({
    status: 200,
    body: { role: 'writer', lease: { holder: 'this_node' } },
  });
  const refused = await ask(two, '/health/writer');
  expect(refused).toMatchObject({ status: 503, body: { code: 'not_the_writer' } });
  expect(refused.headers.get('retry-after')).toBe('2');
  await eventually('the reader has looked at the lease', async () => {
    const { status, body } = await ask(two, '/health/ready');
    expect(status).toBe(200);
    expect(body['role']).toBe('reader');
    return (body['lease'] as { holder: string }).holder === 'another_node';
  });
  const isWriter = async (node: Serving) =>
    /^penalty_ledger_is_writer (\d)$/m.exec((await ask(node, '/metrics')).text)?.[1];
  expect([await isWriter(one), await isWriter(two)]).toEqual(['1', '0']);
});

it('a reader refuses commands, imports, erasures and checkpoints, and names no node', async () => {
  const administrator = one.firstToken!;
  const answers = [
    await admit(two, 'a1'),
    await ask(two, '/import', '{"command":"AdmitAgency","data":{"agencyId":"a1","name":"x"}}\n'),
    await ask(two, '/erasures', { subject: 'agency:a1' }, administrator),
    await ask(two, '/checkpoints', {}),
  ];
  for (const { status, body, text } of answers) {
    expect({ status, code: body['code'] }).toEqual({ status: 503, code: 'not_the_writer' });
    expect(text).not.toContain(String(process.pid));
  }
});

it('a node answers at the position of a write on the other, and follows by itself', async () => {
  const { status, body } = await admit(one, 'a2');
  expect(status).toBe(201);
  expect(
    await ask(two, `/agencies/a2/balance?atLeast=${body['position'] as string}`),
  ).toMatchObject({ status: 200 });
  const { reader } = two.app.get<{ reader: { position?: string } }>(ServedLedger);
  const { body: next } = await admit(one, 'a3');
  await eventually('the read models follow', () =>
    Promise.resolve(reader.position === next['position']),
  );
});

it('a reader proves under what the writer signed', async () => {
  const { text: signed } = await ask(one, '/checkpoints', {});
  expect((await ask(two, '/checkpoints/latest')).text).toBe(signed);
  const { status, text } = await ask(two, '/receipts/agency-a2/0');
  expect(status).toBe(200);
  expect(text).toBe((await ask(one, '/receipts/agency-a2/0')).text);
});

it('a reader makes evidence packs under what the writer signed', async () => {
  const { text: signed } = await ask(two, '/checkpoints/latest');
  const asked = await ask(two, '/evidence-packs', { agencyId: 'a2', period: '2026' });
  expect(asked.status).toBe(202);
  const address = asked.headers.get('location')!;
  await eventually('the pack is made', async () => {
    const { body } = await ask(two, address);
    expect(body['status']).not.toBe('failed');
    return body['status'] === 'ready';
  });
  const response = await fetch(`${two.url}${address}/pack.zip`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const zip = Buffer.from(await response.arrayBuffer());
  const { holds } = verifyPack(zip, { keys: [parseVerifierKey(one.verifierKey!)] });
  expect(holds).toBe(true);
  const checkpoint = readZip(zip).find(({ name }) => name === 'checkpoint.txt')!;
  expect(Buffer.from(checkpoint.content).toString()).toBe(signed);
});

it('when the writer ends, the other takes over; its followers and log continue', async () => {
  const before = openCheckpoint((await ask(one, '/checkpoints/latest')).text, [
    parseVerifierKey(one.verifierKey!),
  ]);
  const stop = new AbortController();
  const followed = await fetch(`${two.url}/events/stream?type=AgencyAdmitted`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stop.signal,
  });
  serving.delete(one);
  await one.close();
  await eventually(
    'the reader took over',
    async () => (await ask(two, '/health/writer')).status === 200,
  );
  expect(await admit(two, 'a4')).toMatchObject({ status: 201 });
  expect(await admit(two, 'a2')).toMatchObject({ status: 200, body: { status: 'duplicate' } });

  let seen = '';
  for await (const text of followed.body!.pipeThrough(new TextDecoderStream())) {
    seen += text;
    if (seen.includes('"a4"')) break;
  }
  stop.abort();
  for (const agencyId of ['a2', 'a3', 'a4'])
    expect(seen.split(`"agencyId":"${agencyId}"`)).toHaveLength(2);

  const after = openCheckpoint((await ask(two, '/checkpoints', {})).text, [
    parseVerifierKey(two.verifierKey!),
  ]);
  expect(after.size).toBeGreaterThan(before.size);
  const { body } = await ask(two, `/proofs/consistency?from=${before.size}&to=${after.size}`);
  checkConsistency(before.size, before.root, after.size, after.root, body['proof'] as string[]);
});

it('a node that comes back is a reader, and answers', async () => {
  one = await start('127.0.0.1');
  expect(one.role).toBe('reader');
  expect(await ask(one, '/agencies/a4')).toMatchObject({ status: 200, body: { agencyId: 'a4' } });
});

it('a writer without its lease refuses commands until the engine is back', async () => {
  await server.down();
  await eventually(
    'the node reports the loss',
    async () => (await ask(two, '/health/writer')).status === 503,
  );
  expect(await admit(two, 'a5')).toMatchObject({ status: 503, body: { code: 'not_the_writer' } });
  await server.up();
  let writer = two;
  await eventually('a node took over', async () => {
    for (const node of serving) {
      if ((await ask(node, '/health/writer')).status !== 200) continue;
      writer = node;
      return true;
    }
    return false;
  });
  expect(await admit(writer, 'a5')).toMatchObject({ status: 201 });
});
