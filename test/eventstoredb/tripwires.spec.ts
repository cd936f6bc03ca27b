import { randomUUID } from 'node:crypto';
import { sampleEvents } from '@penalty-ledger/event-store/contract';
import type { EventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { jsonProposal, WireServer, type WireLog } from '../support/eventstoredb/index.js';
import { openOn } from './engine-under-test.js';

const stream = 'agency-a7';
const beside = [
  { name: 'checkpoints', needs: 'all' },
  { name: 'writer', needs: 'last' },
] as const;

const onlyAdmins = { $d: '$admins', $mw: '$admins' };
const asInstalled = { $r: '$admins', $w: '$admins', $d: '$admins', $mr: '$admins', $mw: '$admins' };

let server: WireServer;
let store: EventStoreDb;
let log: WireLog;

beforeEach(async () => {
  server = await WireServer.start();
  log = server.log;
  store = openOn(server);
  await store.append(stream, 'no_stream', sampleEvents(stream, 2));
  for (const { name } of beside) {
    const side = store.side(name);
    for (let revision = 0; revision < 3; revision += 1)
      await side.append(revision === 0 ? 'no_stream' : revision - 1, { type: 'Noted', data: {} });
  }
  settings({ $userStreamAcl: onlyAdmins });
});

afterEach(async () => {
  await store.close();
  await server.stop();
});

function settings(data: object): void {
  append('$settings', '$settings', data);
}

function metadata(of: string, data: object): void {
  append(`$$${of}`, '$metadata', data);
}

function append(to: string, type: string, data: object): void {
  log.append(to, 'any', [jsonProposal(randomUUID(), type, data)]);
}

const look = () => store.tripwires([stream], beside);
const codes = async () =>
  (await look()).map(({ code, stream: of }) => (of === undefined ? code : [code, of]));
const texts = async () => (await look()).map(({ what }) => what.en);

describe('rights over system streams', () => {
  it('are no alarm as the engine is installed, whether they are written down or not', async () => {
    expect(await look()).toEqual([]);
    settings({ $userStreamAcl: onlyAdmins, $systemStreamAcl: asInstalled });
    metadata('$settings', { $acl: { ...asInstalled, $r: ['ledger', '$admins'] } });
    expect(await look()).toEqual([]);
  });

  it.each([
    ['$w', 'write system streams'],
    ['$d', 'delete system streams'],
    ['$mw', 'write the metadata of system streams'],
  ])(
    '%s by default is an alarm when a user has it who is not an administrator',
    async (right, act) => {
      settings({
        $userStreamAcl: onlyAdmins,
        $systemStreamAcl: { ...asInstalled, [right]: ['$admins', 'clerk'] },
      });
      expect(await codes()).toEqual(['users_may_write_system_streams']);
      expect(await texts()).toEqual([`by default clerk may ${act}`]);
    },
  );

  it('are an alarm when those of $settings let users write, delete or change them', async () => {
    metadata('$settings', { $acl: { $w: '$all', $d: 'clerk', $mw: ['ledger'] } });
    expect(new Set(await codes())).toEqual(new Set(['users_may_write_system_streams']));
    expect(await texts()).toEqual([
      'by its own rights every user may write $settings',
      'by its own rights clerk may delete $settings',
      'by its own rights ledger may write the metadata of $settings',
    ]);
  });

  it.each(['$scavenges', '$auto-scavenge-configuration', '$auto-scavenges'])(
    'are an alarm when other users may hide entries of %s',
    async (name) => {
      metadata(name, { $acl: { $mw: 'clerk' } });
      expect(await texts()).toEqual([`by its own rights clerk may write the metadata of ${name}`]);
    },
  );
});

describe('a stream beside the events', () => {
  it('of checkpoints is an alarm when entries are hidden or others may delete it', async () => {
    metadata('main:checkpoints', { $maxAge: 60_000_000, $maxCount: 2, $acl: { $d: 'clerk' } });
    expect(await codes()).toEqual([
      ['events_expire', 'main:checkpoints'],
      ['events_expire', 'main:checkpoints'],
      ['users_may_delete', 'main:checkpoints'],
      ['stream_truncated', 'main:checkpoints'],
    ]);
    metadata('main:checkpoints', { $tb: 1 });
    expect(await codes()).toEqual([
      ['events_expire', 'main:checkpoints'],
      ['stream_truncated', 'main:checkpoints'],
    ]);
  });

  it.each(beside)(
    'is an alarm when it is deleted, for now or for good: $name',
    async ({ name }) => {
      log.deleteStream(`main:${name}`, 'any');
      expect(await codes()).toContainEqual(['stream_deleted', `main:${name}`]);
      log.tombstone(`main:${name}`, 'any');
      expect(await codes()).toContainEqual(['stream_deleted', `main:${name}`]);
    },
  );

  it('of a lease may have $maxCount, but $maxAge or rights of other users are alarms', async () => {
    metadata('main:writer', { $maxCount: 1 });
    expect(await look()).toEqual([]);
    metadata('main:writer', {
      $maxCount: 1,
      $maxAge: 60_000_000,
      $acl: { $d: '$all', $mw: 'clerk' },
    });
    expect(await codes()).toEqual([
      ['events_expire', 'main:writer'],
      ['users_may_delete', 'main:writer'],
      ['users_may_write_metadata', 'main:writer'],
    ]);
  });

  it('raises no alarm when it is missing: a new ledger has published nothing', async () => {
    const other = openOn(server, { ledger: 'other' });
    expect(await other.tripwires([], beside)).toEqual([]);
    await other.close();
  });
});

describe('a scavenge to come', () => {
  const configure = () =>
    append('$auto-scavenge-configuration', '$configuration-updated', {
      schedule: '0 3 * * 0',
      updatedAt: '2025-03-01T09:00:00Z',
    });

  it('is an alarm that names its schedule, except while it is paused', async () => {
    configure();
    expect(await codes()).toEqual(['scavenge_scheduled']);
    expect(await texts()).toEqual(['the engine scavenges by itself, by the schedule "0 3 * * 0"']);
    append('$auto-scavenges', '$pause-requested', {});
    expect(await codes()).toEqual(['scavenge_scheduled']);
    append('$auto-scavenges', '$paused', {});
    append('$auto-scavenges', '$cluster-members-changed', {});
    expect(await look()).toEqual([]);
    append('$auto-scavenges', '$resumed', {});
    expect(await codes()).toEqual(['scavenge_scheduled']);
  });
});

it('what the user may not read is said once, stream by stream', async () => {
  // A missing stream is reported before a missing right to read it.
  for (const name of ['$scavenges', '$auto-scavenge-configuration', '$auto-scavenges'])
    metadata(name, { $acl: {} });
  for (let read = 0; read < 32; read += 1) server.faults.next('read', { kind: 'access-denied' });
  const alarms = await look();
  expect(new Set(alarms.map(({ code }) => code))).toEqual(new Set(['not_checked']));
  expect(alarms.map(({ what }) => what.en.replace('the user may not read ', ''))).toEqual([
    '$settings',
    '$scavenges',
    '$auto-scavenge-configuration',
    '$auto-scavenges',
    'main/agency-a7',
    'main:checkpoints',
    'main:writer',
  ]);
});
