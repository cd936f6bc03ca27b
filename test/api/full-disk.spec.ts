import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../support/folder.js';
import { startService, type ServiceProcess } from './service-process.js';

jest.setTimeout(120_000);

const folder = temporaryFolder();
let service: ServiceProcess;
let token: string;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const send = (path: string, body: object, as: string): Promise<Response> =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const admit = (agencyId: string): Promise<Response> =>
  send('/commands/AdmitAgency', { agencyId, name: 'x' }, token);

beforeAll(async () => {
  // The operating system refuses to make files longer than a megabyte, as a quota would.
  const settings = { LEDGER_PORT: String(await freePort()) };
  service = await startService(folder, settings, 1_024);
  const issued = await send(
    '/keys',
    { label: 'l', holder: 'h', roles: ['officer', 'auditor'] },
    service.token!,
  );
  token = ((await issued.json()) as { token: string }).token;
});

afterAll(() => {
  service.child.kill('SIGKILL');
});

it('a service refuses commands on a full disk, and goes on when it has room', async () => {
  const acknowledged: string[] = [];
  let refused: Response | undefined;
  for (let n = 0; refused === undefined; n += 1) {
    if (n > 5_000) throw new Error('no limit was reached');
    const response = await admit(`a${String(n)}`);
    if (response.status === 201) acknowledged.push(`a${String(n)}`);
    else refused = response;
  }
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(((await refused.json()) as { code: string }).code).toBe('unavailable');
  expect((await admit('again')).status).toBe(503);
  expect((await fetch(`${service.url}/health/ready`)).status).toBe(503);
  const named = service.logged.find((line) => line.includes('request failed'));
  expect(named).toContain(`${folder}/ledger.db`);

  // It looks every two seconds, and stays as it is while there is no room.
  await pause(3_000);
  expect(service.child.exitCode).toBeNull();
  const pid = String(service.child.pid);
  expect(spawnSync('prlimit', ['--pid', pid, '--fsize=unlimited']).status).toBe(0);
  let status = 0;
  for (let waits = 0; status !== 201; waits += 1) {
    if (waits > 300) throw new Error(`it did not go on: ${String(status)}`);
    await pause(100);
    status = await admit('after').then(
      (response) => response.status,
      () => 0,
    );
  }
  for (const agencyId of acknowledged.slice(-20)) {
    const { status: found } = await fetch(`${service.url}/agencies/${agencyId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(found).toBe(200);
  }
  for (const agencyId of [...acknowledged.slice(-20), 'after'])
    expect((await admit(agencyId)).status).toBe(200);
  service.child.kill('SIGTERM');
  expect(await once(service.child, 'exit')).toEqual([0, null]);
});
