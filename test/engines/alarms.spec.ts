import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '@penalty-ledger/application';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import {
  alarmsStream,
  eventIn,
  instantOf,
  readCommandLine,
  readEvent,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import { jsonProposal, removeEvent, WireServer } from '../support/eventstoredb/index.js';

let folder: string;
let server: WireServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alarms-'));
  server = await WireServer.start();
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
  process.env['LEDGER_DATA'] = folder;
});

afterEach(async () => {
  await server.stop();
  delete process.env['LEDGER_ALLOW_INSECURE'];
  delete process.env['LEDGER_DATA'];
  rmSync(folder, { recursive: true });
});

function metadata(stream: string, value: Readonly<Record<string, unknown>>): void {
  server.log.append(`$$${stream}`, 'any', [jsonProposal(randomUUID(), '$metadata', value)]);
}

async function recorded(): Promise<StreamEvent<'alarms'>[]> {
  const { store, close } = await openLog(server.url);
  const events: StreamEvent<'alarms'>[] = [];
  for await (const batch of store.readStream(alarmsStream))
    events.push(...batch.map((record) => eventIn('alarms', readEvent(record))));
  await close();
  return events;
}

it('an alarm about the engine is recorded once, and cleared when its cause is gone', async () => {
  const clock = { now: () => instantOf(Date.UTC(2030, 0, 1)) };
  const opened = await openLedger({
    url: server.url,
    simulation: false,
    openedAt: clock.now(),
    clock,
  });
  await opened.tripwires!.look();
  const first = await recorded();
  expect(first.map(({ type }) => type)).toEqual(first.map(() => 'IntegrityAlarmRaised'));
  expect(first.map(({ data }) => data.code)).toContain('users_may_delete');
  await opened.tripwires!.look();
  expect(await recorded()).toEqual(first);

  metadata('ledger:checkpoints', { $maxAge: 60_000_000 });
  metadata('ledger:writer', { $maxCount: 100 });
  await opened.tripwires!.look();
  expect((await recorded()).slice(first.length)).toMatchObject([
    { type: 'IntegrityAlarmRaised', data: { code: 'events_expire', stream: 'ledger:checkpoints' } },
  ]);
  metadata('ledger:checkpoints', {});
  await opened.tripwires!.look();
  first.push(...(await recorded()).slice(first.length));

  metadata('ledger/rulebooks', { $maxCount: 1000 });
  await opened.tripwires!.look();
  const [expiring] = (await recorded()).slice(first.length);
  expect(expiring).toMatchObject({
    type: 'IntegrityAlarmRaised',
    data: { code: 'events_expire', stream: 'rulebooks' },
  });
  metadata('ledger/rulebooks', {});
  await opened.tripwires!.look();
  expect((await recorded()).at(-1)).toMatchObject({
    type: 'IntegrityAlarmCleared',
    data: { code: 'events_expire' },
  });
  expect(opened.tripwires!.lastFailure).toBeUndefined();
  await opened.close();
  expect(await verifyLedger({ url: server.url })).toMatchObject({ holds: true });
});

it('checks streams after the last checkpoint, also one whose only event is gone', async () => {
  const clock = { now: () => instantOf(Date.UTC(2030, 0, 1)) };
  const opened = await openLedger({
    url: server.url,
    simulation: false,
    openedAt: clock.now(),
    clock,
  });
  const admit = async (agencyId: string): Promise<void> => {
    const read = readCommandLine({ command: 'AdmitAgency', data: { agencyId, name: 'x' } });
    if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
    expect(await opened.ledger.handle(read.line, clock.now())).toMatchObject({
      status: 'accepted',
    });
  };
  for (const agencyId of ['a1', 'a2', 'a3']) await admit(agencyId);
  metadata('ledger/agency-a3', { $maxAge: 60 });
  await opened.tripwires!.look();
  expect((await recorded()).at(-1)).toMatchObject({
    data: { code: 'events_expire', stream: 'agency-a3' },
  });

  removeEvent(server.log, 'ledger/agency-a2', 0n);
  await opened.tripwires!.look();
  expect(opened.tripwires!.alarms).toContainEqual(
    expect.objectContaining({ code: 'stream_deleted', stream: 'agency-a2' }),
  );
  await opened.close().catch(() => undefined);
});
