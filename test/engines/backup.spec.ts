import { join } from 'node:path';
import {
  applyLines,
  locationOf,
  openLedger,
  openReader,
  readLines,
  simulationRules,
  simulationStart,
} from '@penalty-ledger/application';
import { backupLedger, restoreLedger, verifyBackup } from '@penalty-ledger/application/backing-up';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { WireServer } from '../support/eventstoredb/index.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const servers: WireServer[] = [];

beforeAll(() => {
  process.env['LEDGER_DATA'] = join(folder, 'local');
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
});
afterAll(async () => {
  delete process.env['LEDGER_DATA'];
  delete process.env['LEDGER_ALLOW_INSECURE'];
  for (const server of servers) await server.stop();
});

async function engine(): Promise<WireServer> {
  const server = await WireServer.start();
  servers.push(server);
  return server;
}

async function admit(url: string, from: number, to: number): Promise<void> {
  const opened = await openLedger({ url, simulation: true, openedAt: simulationStart });
  const text = Array.from({ length: to - from }, (_, index) =>
    JSON.stringify({
      at: '2019-01-02T09:00:00+08:00',
      command: 'AdmitAgency',
      data: { agencyId: `a${from + index}`, name: `机构${from + index}` },
    }),
  ).join('\n');
  const bytes = async function* () {
    yield await Promise.resolve(Buffer.from(text));
  };
  const { send } = opened;
  for await (const batch of applyLines(readLines(bytes()), simulationRules(opened.ledger.clock), {
    send,
  }))
    for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  await opened.close();
}

async function checkpointsOf(url: string): Promise<readonly string[]> {
  const { sequencer, close } = await openLog(url);
  const notes = sequencer.checkpoints.map(({ note }) => note);
  await close();
  return notes;
}

it('a ledger on an engine is backed up, restored into a file and onto another engine', async () => {
  const [one, other] = [await engine(), await engine()];
  const saved = join(folder, 'saved');
  const keys = { path: join(folder, 'keys'), seal: { to: 'nobody' } } as const;
  await admit(one.url, 0, 5);
  const first = await backupLedger({ url: one.url, folder: saved });
  await admit(one.url, 5, 7);
  const second = await backupLedger({ url: one.url, folder: saved, keys });
  expect(second).toMatchObject({ added: 2, events: first.events + 2 });
  expect(await verifyBackup({ folder: saved })).toMatchObject({ holds: true });

  const file = `sqlite:${join(folder, 'file', 'ledger.db')}`;
  for (const to of [file, other.url]) {
    const restored = await restoreLedger({ folder: saved, to, keys });
    expect(restored).toMatchObject({ root: second.root, keys: { subjects: 7 } });
    expect(await checkpointsOf(to)).toEqual(await checkpointsOf(one.url));
    expect(await verifyLedger({ url: to })).toMatchObject({ holds: true });
    const { reader, close } = await openReader(to);
    expect(await reader.nameOf('a6')).toBe('机构6');
    await close();
  }
  // The restored ledger goes on, and so does the backup of it.
  await admit(other.url, 7, 8);
  expect(await backupLedger({ url: other.url, folder: saved })).toMatchObject({ added: 1 });
  await expect(backupLedger({ url: one.url, folder: saved })).rejects.toMatchObject({
    code: 'backup_refused',
  });
});

it('another node cannot open a ledger that is not restored to its end', async () => {
  const [one, other] = [await engine(), await engine()];
  const saved = join(folder, 'saved-again');
  await admit(one.url, 0, 5);
  await backupLedger({ url: one.url, folder: saved });
  // Lease, checkpoints and some events are stored before.
  other.faults.next('append', { kind: 'access-denied' }, { skip: 5 });
  await expect(restoreLedger({ folder: saved, to: other.url })).rejects.toThrow();
  await expect(openReader(other.url)).rejects.toMatchObject({ code: 'restore_unfinished' });

  // A node with the ledger's keys and files of its own.
  const { keys } = locationOf(one.url);
  process.env['LEDGER_DATA'] = join(folder, 'other-node');
  process.env['LEDGER_KEYS'] = keys;
  try {
    await expect(
      openLedger({ url: other.url, simulation: true, openedAt: simulationStart }),
    ).rejects.toThrow(/the store holds \d events?, and a checkpoint of \d+ was signed/);
  } finally {
    process.env['LEDGER_DATA'] = join(folder, 'local');
    delete process.env['LEDGER_KEYS'];
  }
  expect(await restoreLedger({ folder: saved, to: other.url })).toMatchObject({ events: 10 });
});
