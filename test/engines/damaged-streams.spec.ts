import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openLedger, openReader, type OpenedLedger } from '@penalty-ledger/application';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { instantOf, readCommandLine } from '@penalty-ledger/ledger';
import { diagnose } from '../../apps/cli/src/doctor/diagnoses.js';
import { cutOff, jsonProposal, WireServer } from '../support/eventstoredb/index.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const environment = process.env;
const clock = { now: () => instantOf(Date.UTC(2030, 0, 1)) };
let server: WireServer;
let made = 0;

beforeEach(async () => {
  server = await WireServer.start();
  made += 1;
  process.env = {
    ...environment,
    LEDGER_ALLOW_INSECURE: '1',
    LEDGER_DATA: join(folder, String(made)),
  };
  const opened = await openLedger({
    url: server.url,
    simulation: false,
    openedAt: clock.now(),
    clock,
  });
  for (const agencyId of ['a1', 'a2']) await admit(opened, agencyId);
  await opened.close();
});

afterEach(async () => {
  await server.stop();
  process.env = environment;
});

async function admit({ ledger }: OpenedLedger, agencyId: string): Promise<void> {
  const read = readCommandLine({ command: 'AdmitAgency', data: { agencyId, name: 'x' } });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  expect(await ledger.handle(read.line, clock.now())).toMatchObject({ status: 'accepted' });
}

function hide(stream: string, metadata: Readonly<Record<string, unknown>>): void {
  server.log.append(`$$${stream}`, 'any', [jsonProposal(randomUUID(), '$metadata', metadata)]);
}

const failures = async (): Promise<string[]> =>
  (await diagnose(server.url, false)).diagnoses
    .filter(({ status }) => status === 'fail')
    .map(({ check, found }) => `${check}: ${found}`);

describe.each<readonly [string, () => void]>([
  ['softly deleted', () => server.log.deleteStream('ledger/agency-a1', 'any')],
  ['cut by $tb', () => hide('ledger/agency-a1', { $tb: 1 })],
  ['closed for good', () => server.log.tombstone('ledger/agency-a1', 'any')],
])('an agency whose stream is %s', (_, damage) => {
  it('is damaged, not unknown, and others are answered for', async () => {
    damage();
    const { reader, close } = await openReader(server.url, clock);
    const balance = (agencyId: string): Promise<unknown> =>
      reader.answer({ query: 'balance', agencyId });
    await expect(balance('a1')).rejects.toMatchObject({ code: 'integrity' });
    await expect(balance('a1')).rejects.toThrow(/agency-a1/);
    expect(await balance('a2')).toMatchObject({ standing: 'active' });
    expect(await balance('a3')).toEqual({ error: 'unknown_agency' });
    await close();
  });

  it('is found by verify and by doctor', async () => {
    damage();
    const { holds, checks } = await verifyLedger({ url: server.url });
    expect(holds).toBe(false);
    expect(checks.flatMap(({ damages }) => damages)).toContainEqual(
      expect.objectContaining({ check: 'streams', stream: 'agency-a1', revision: 0 }),
    );
    expect(await failures()).toContainEqual(
      expect.stringMatching(/^alarm stream_(deleted|truncated): stream agency-a1: /),
    );
  });
});

it('a ledger that nothing harmed has no failure', async () => {
  expect(await failures()).toEqual([]);
  expect(await verifyLedger({ url: server.url })).toMatchObject({ holds: true });
});

it('a tail that only the Merkle log remembers is found by doctor', async () => {
  const events = server.log.events('ledger/agency-a2');
  const before = server.log.slots.findIndex(({ event }) => event === events[0]);
  cutOff(server.log, server.log.slots[before - 1]!.position);
  expect(await failures()).toContainEqual(expect.stringMatching(/^merkle log: .*its tail is gone/));
});
