import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEvents } from '@penalty-ledger/event-store/contract';
import { openEventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { instantOf } from '@penalty-ledger/ledger';
import { jsonProposal, testAuthority, testTls, WireServer } from '../support/eventstoredb/index.js';

const folder = mkdtempSync(join(tmpdir(), 'prepare-engine-'));
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, testAuthority);
afterAll(() => rmSync(folder, { recursive: true }));

// What a connection string would split at.
const admin = { username: 'admin', password: 'of: the@house/1' };
let server: WireServer;

beforeEach(async () => {
  server = await WireServer.start({ tls: testTls, credentials: admin });
});
afterEach(() => server.stop());

/** Runs the script as the compose file does; its exit code and what it said. */
function prepare(
  environment: Readonly<Record<string, string>> = {},
  onError: (text: string) => void = () => undefined,
): Promise<{ code: number; said: string }> {
  const env = {
    PATH: process.env['PATH'],
    ENGINE_URL: `esdb://localhost:${server.endpoint.port}`,
    ENGINE_CA_FILE: caFile,
    ENGINE_ADMIN_PASSWORD: admin.password,
    LEDGER_ESDB_PASSWORD: 'ledger’s own',
    ...environment,
  };
  return new Promise((resolve) => {
    const script = execFile(
      process.execPath,
      ['docker/prepare-engine.mjs'],
      { env },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
    script.stderr?.on('data', onError);
  });
}

describe('preparing an engine', () => {
  it('creates a user who may append; all other rights belong to administrators', async () => {
    expect(await prepare()).toEqual({ code: 0, said: expect.stringContaining('ready') as string });
    expect([...server.users.values()]).toEqual([
      { login: 'ledger', password: 'ledger’s own', groups: [] },
    ]);
    const [settings] = server.log.events('$settings');
    const { $userStreamAcl: events, $systemStreamAcl: system } = JSON.parse(
      Buffer.from(settings!.data).toString('utf8'),
    ) as Record<string, Record<string, unknown>>;
    expect(events).toMatchObject({ $w: ['ledger', '$admins'], $d: '$admins', $mw: '$admins' });
    expect(new Set(Object.values(system!))).toEqual(new Set(['$admins']));
  });

  it('lets the user read the streams that the tripwires check', async () => {
    await prepare();
    for (const stream of [
      '$all',
      '$settings',
      '$scavenges',
      '$auto-scavenge-configuration',
      '$auto-scavenges',
    ])
      expect(server.log.streamMetadata(stream)).toMatchObject({
        $acl: {
          $r: expect.arrayContaining(['ledger', '$admins']) as object,
          $w: '$admins',
          $d: '$admins',
          $mw: '$admins',
        },
      });
  });

  it('leaves an engine on which the tripwires find nothing', async () => {
    await prepare();
    const password = encodeURIComponent(admin.password);
    const ca = encodeURIComponent(caFile);
    const host = `localhost:${server.endpoint.port}`;
    const url = `esdb://admin:${password}@${host}?ledger=main&tlsCAFile=${ca}`;
    const store = openEventStoreDb(url, { access: 'write', now: () => instantOf(0) });
    await store.append('agency-a7', 'no_stream', sampleEvents('agency-a7', 1));
    expect(await store.tripwires(['agency-a7'])).toEqual([]);
    await store.close();
  });

  it('keeps the age of the scavenge history, and the right of $ops to read it', async () => {
    // Without that right the engine sets its own rights again.
    const own = { $maxAge: 2_592_000, $acl: { $r: ['$ops'], $w: [], $d: [], $mr: [], $mw: [] } };
    server.log.append('$$$scavenges', 'any', [jsonProposal(randomUUID(), '$metadata', own)]);
    await prepare();
    expect(server.log.streamMetadata('$scavenges')).toMatchObject({
      $maxAge: 2_592_000,
      $acl: { $r: ['ledger', '$admins', '$ops'], $d: '$admins' },
    });
  });

  it('may run again', async () => {
    await prepare();
    expect((await prepare()).code).toBe(0);
    expect(server.users.size).toBe(1);
  });

  it('says that it was refused, without a password', async () => {
    const { code, said } = await prepare({
      ENGINE_ADMIN_PASSWORD: 'mistaken',
      ENGINE_ATTEMPTS: '1',
    });
    expect(code).toBe(1);
    expect(said).toContain('the user could not be set');
    expect(said).not.toContain('mistaken');
    expect(server.users.size).toBe(0);
  });

  it('waits for an engine that is not up yet', async () => {
    await server.down();
    let up: Promise<void> | undefined;
    const { code, said } = await prepare({}, () => {
      up ??= server.up();
    });
    expect(code).toBe(0);
    expect(said).toContain('attempt 1 of 30');
    expect(server.users.size).toBe(1);
  });

  it('names what is missing', async () => {
    expect(await prepare({ LEDGER_ESDB_PASSWORD: '' })).toEqual({
      code: 1,
      said: expect.stringContaining('LEDGER_ESDB_PASSWORD is not set') as string,
    });
  });
});
