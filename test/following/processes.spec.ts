import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { openReader } from '@penalty-ledger/application';
import { firstTokenBy } from '../support/first-key.js';
import { temporaryFolder } from '../support/folder.js';
import { bodiesIn, countIn, statusOf, until } from './copies.js';

jest.setTimeout(180_000);

const folder = temporaryFolder();
const service = join(__dirname, '../../dist/service.js');
const program = join(__dirname, '../../apps/cli/bin/ledger.js');
const copyFile = join(folder, 'copy', 'ledger.db');
const copy = `sqlite:${copyFile}`;
const keys = join(folder, 'source', 'ledger.keys.db');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...given: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout,
    stderr,
  }));
  return { child, ended };
}

const ledger = (...given: readonly string[]): Promise<Ended> => start(...given).ended;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function serve(
  store: string,
  port: number,
): Promise<{ child: ChildProcess; token?: string }> {
  const child = spawn(process.execPath, [service], {
    env: {
      ...process.env,
      LEDGER_STORE: store,
      LEDGER_PORT: String(port),
      LEDGER_LOG_LEVEL: 'error',
      LEDGER_CHECKPOINT_SECONDS: '1',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let token: string | undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    token ??= firstTokenBy(line);
    if (line.startsWith('open ')) break;
  }
  child.stderr.resume();
  return { child, ...(token !== undefined && { token }) };
}

const post = (url: string, token: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

it('killed under load on both sides, the promoted copy has what was acknowledged', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(join(folder, 'source'));
  const store = `sqlite:${join(folder, 'source', 'ledger.db')}`;
  let source = await serve(store, port);
  const administrator = source.token!;
  const issued = await post(`${url}/keys`, administrator, {
    label: 'l',
    holder: 'h',
    roles: ['officer'],
  });
  const { token } = (await issued.json()) as { token: string };
  const tokenFile = join(folder, 'admin.key');
  writeFileSync(tokenFile, `${administrator}\n`);
  const follow = ['follow', url, '--to', copy, '--token-file', tokenFile, '--name', 'b'] as const;

  const acknowledged: string[] = [];
  let isEnding = false;
  const sender = async (n: number): Promise<void> => {
    for (let i = 0; !isEnding; i += 1) {
      const agencyId = `s${n}-${i}`;
      try {
        const body = { agencyId, name: 'x' };
        const { status } = await post(`${url}/commands/AdmitAgency`, token, body);
        if (status === 201) acknowledged.push(agencyId);
      } catch {
        await pause(100);
      }
    }
  };
  const load = Promise.all(Array.from({ length: 4 }, (_, n) => sender(n)));
  for (let round = 0; round < 3; round += 1) {
    const follower = start(...follow);
    const before = await countIn(copyFile);
    await until(async () => (await countIn(copyFile)) > before);
    await pause(Math.random() * 1_000);
    follower.child.kill('SIGKILL');
    await follower.ended;
  }
  const follower = start(...follow);
  const before = await countIn(copyFile);
  await until(async () => (await countIn(copyFile)) > before);
  source.child.kill('SIGKILL');
  await once(source.child, 'exit');
  await pause(1_000);
  const cut = await countIn(copyFile);
  source = await serve(store, port);
  await until(async () => (await countIn(copyFile)) > cut);
  await until(() => statusOf(copyFile)?.state === 'following');
  follower.child.kill('SIGTERM');
  const { code, stderr } = await follower.ended;
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/source is away[^]*following:[^]*stopped: /) as string,
  });

  // Still under load: what is acknowledged until the fence is fetched, and nothing after it.
  const outlook = await ledger('promote', '--store', copy);
  expect(outlook).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/term +2 would begin/) as string,
  });
  const promoted = await ledger(
    ...['promote', '--store', copy, '--token-file', tokenFile, '--keys', keys, '--yes', '--json'],
  );
  expect(promoted).toMatchObject({ code: 0 });
  const { formerWriter, term } = JSON.parse(promoted.stdout) as Record<string, unknown>;
  expect({ formerWriter, term }).toEqual({ formerWriter: 'fenced', term: 2 });
  await pause(300);
  isEnding = true;
  await load;
  const refused = await post(`${url}/commands/AdmitAgency`, token, { agencyId: 'z', name: 'x' });
  expect(await refused.json()).toMatchObject({ code: 'fenced' });
  source.child.kill('SIGTERM');
  await once(source.child, 'exit');

  const held = await bodiesIn(copyFile);
  expect(held.slice(0, -1)).toEqual(await bodiesIn(join(folder, 'source', 'ledger.db')));
  expect(acknowledged.length).toBeGreaterThan(20);
  const { reader, close } = await openReader(copy);
  const agencies = (await reader.answer({ query: 'agencies' })) as unknown as {
    agencyId: string;
  }[];
  await close();
  const ids = new Set(agencies.map(({ agencyId }) => agencyId));
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  expect(await ledger('verify', '--store', copy)).toMatchObject({ code: 0 });
  expect((await ledger('doctor', '--store', copy)).stdout).toMatch(/custody.*took over from/);
  expect((await ledger('doctor', '--store', store)).stdout).toMatch(/custody.*fenced/);
  // A fenced file is neither started nor written again, nor made a copy.
  const line = JSON.stringify({ command: 'AdmitAgency', data: { agencyId: 'y', name: 'x' } });
  writeFileSync(join(folder, 'one.ndjson'), `${line}\n`);
  for (const given of [
    ['import', join(folder, 'one.ndjson'), '--store', store],
    ['serve', '--store', store, '--port', '0'],
    ['checkpoint', '--store', store],
    ['follow', url, '--to', store, '--token-file', tokenFile, '--once'],
  ])
    expect(await ledger(...given)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/is fenced: another machine took over/) as string,
    });
});
