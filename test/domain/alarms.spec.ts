import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  alarms,
  instantOf,
  leafHashOf,
  readEvent,
  recordEvents,
  type AlarmEvent,
  type EngineAlarm,
  type StandingAlarms,
} from '@penalty-ledger/ledger';

const expiring: EngineAlarm = { code: 'events_expire', stream: 'agency-a1', what: '$maxAge 60' };
const deletable: EngineAlarm = { code: 'users_may_delete', what: 'every user may delete streams' };

const after = (...looks: readonly (readonly EngineAlarm[])[]): StandingAlarms =>
  looks.reduce<StandingAlarms>(
    (standing, found) => alarms.soundAlarms(found, standing).reduce(alarms.evolve, standing),
    alarms.empty,
  );

const typesOf = (events: readonly AlarmEvent[]): string[] =>
  events.map(({ type, data }) => `${type} ${data.code}`);

describe('an alarm', () => {
  it('is raised once while it stands, whatever the order it is found in', () => {
    expect(typesOf(alarms.soundAlarms([expiring, deletable], alarms.empty))).toEqual([
      'IntegrityAlarmRaised events_expire',
      'IntegrityAlarmRaised users_may_delete',
    ]);
    expect(
      alarms.soundAlarms([deletable, expiring, deletable], after([expiring, deletable])),
    ).toEqual([]);
  });

  it('is cleared when a look does not find it, and raised again when one does', () => {
    expect(typesOf(alarms.soundAlarms([deletable], after([expiring, deletable])))).toEqual([
      'IntegrityAlarmCleared events_expire',
    ]);
    expect(typesOf(alarms.soundAlarms([expiring], after([expiring], [])))).toEqual([
      'IntegrityAlarmRaised events_expire',
    ]);
  });

  it('is another one for another stream, and for another finding', () => {
    const elsewhere = { ...expiring, stream: 'agency-a2' };
    const longer = { ...expiring, what: '$maxAge 90' };
    expect(
      typesOf(alarms.soundAlarms([expiring, elsewhere, longer], after([expiring]))),
    ).toHaveLength(2);
  });

  it('is recorded without what its finder said besides', () => {
    const found = { ...deletable, hint: 'Set $d to "$admins".' };
    expect(alarms.soundAlarms([found], alarms.empty)).toEqual([
      { type: 'IntegrityAlarmRaised', data: deletable },
    ]);
  });

  it('is written as the vector has it', () => {
    const vector = JSON.parse(
      readFileSync(join(__dirname, '../vectors/event/alarms.json'), 'utf8'),
    ) as {
      readonly found: readonly EngineAlarm[];
      readonly bodies: readonly string[];
      readonly leafHashes: readonly string[];
    };
    const fingerprint = 'a'.repeat(64);
    const recorded = recordEvents(alarms.soundAlarms(vector.found, after([expiring])), {
      ledgerId: 'l1',
      stream: 'alarms',
      head: undefined,
      recordedAt: instantOf(Date.UTC(2025, 2, 1, 9)),
      actor: 'ledger/clock',
      causation: { command: 'CheckEngine', commandId: 'alarms@0/aaaaaaaaaaaaaaaa', fingerprint },
    });
    expect(recorded.map(({ record }) => record.body)).toEqual(vector.bodies);
    expect(recorded.map(({ record }) => record.leafHash)).toEqual(vector.leafHashes);
    expect(vector.bodies.map(leafHashOf)).toEqual(vector.leafHashes);
    expect(vector.bodies.map((body) => readEvent({ body }).type)).toEqual([
      'IntegrityAlarmRaised',
      'IntegrityAlarmCleared',
    ]);
  });
});
