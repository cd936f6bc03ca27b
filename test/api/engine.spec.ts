import { setTimeout as pause } from 'node:timers/promises';
import { verifyPack } from '@penalty-ledger/evidence';
import { parseVerifierKey } from '@penalty-ledger/merkle-log';
import { temporaryFolder } from '../support/folder.js';
import { WireServer } from '../support/eventstoredb/index.js';
import { TestService } from './service.js';

let server: WireServer;
let service: TestService;

afterAll(async () => {
  await service.serving.close();
  await server.stop();
  delete process.env['LEDGER_ALLOW_INSECURE'];
  delete process.env['LEDGER_DATA'];
});
const folder = temporaryFolder();
beforeAll(async () => {
  server = await WireServer.start();
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
  process.env['LEDGER_DATA'] = folder;
  service = await TestService.start(folder, undefined, { LEDGER_STORE: server.url });
});

/** The tripwires in `/health/ready`, once they were looked at. */
async function tripwires(): Promise<{ alarms: Readonly<Record<string, number>> }> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const { status, body } = await service.get('/health/ready', { as: '' });
    const found = body['tripwires'] as { alarms: Readonly<Record<string, number>> };
    if (Object.keys(found.alarms).length > 0) {
      expect(status).toBe(200);
      return found;
    }
    await pause(5);
  }
  throw new Error('the engine was never looked at');
}

it('on a shared engine, readiness counts rights to remove events, and stays ready', async () => {
  expect(await tripwires()).toEqual({
    alarms: expect.objectContaining({ users_may_delete: expect.any(Number) as number }) as object,
  });
});

it('the same service takes commands, answers queries and shows its metrics', async () => {
  await service.given([
    'AdmitAgency',
    { agencyId: 'a1', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' },
  ]);
  expect(await service.get('/agencies/a1')).toMatchObject({
    status: 200,
    body: { agencyId: 'a1', standing: 'active' },
  });
  const { text } = await service.get('/metrics', { as: service.tokens['auditor']! });
  expect(text).toMatch(/penalty_ledger_append_seconds_count [1-9]/);
});

it('and makes evidence packs of what is on the engine', async () => {
  await service.given([
    'AdmitAgency',
    { agencyId: 'a2', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' },
  ]);
  const asked = await service.ask('POST', '/evidence-packs', {
    body: { agencyId: 'a2', period: '2026' },
  });
  const address = asked.headers.get('location')!;
  expect((await service.get(`${address}/events`)).text).toContain('event: ready\n');
  const fetched = await fetch(`${service.serving.url}${address}/pack.zip`, {
    headers: { authorization: `Bearer ${service.tokens['staff']!}` },
  });
  const keys = [parseVerifierKey(service.serving.verifierKey!)];
  const { holds, computation } = verifyPack(new Uint8Array(await fetched.arrayBuffer()), { keys });
  expect({ holds, agencyId: computation?.agencyId }).toEqual({ holds: true, agencyId: 'a2' });
});
