import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  evolveAlarms,
  instantOf,
  leafHashOf,
  noAlarms,
  readEvent,
  recordEvents,
  soundAlarms,
  type AlarmEvent,
  type EngineAlarm,
  type StandingAlarms,
} from '@penalty-ledger/ledger';

const expiring: EngineAlarm = { code: 'events_expire', stream: 'agency-a1', what: '$maxAge 60' };
const deletable: EngineAlarm = { code: 'users_may_delete', what: 'every user may delete streams' };

const after = (...looks: readonly (readonly EngineAlarm[])[]): StandingAlarms =>
  looks.reduce<StandingAlarms>(
    (standing, found) => soundAlarms(found, standing).reduce(evolveAlarms, standing),
    noAlarms,
  );

const typesOf = (events: readonly AlarmEvent[]): string[] =>
  events.map(({ type, data }) => `${type} ${data.code}`);

describe('an alarm', () => {
  it('is raised once while it stands, whatever the order it is found in', () => {
    expect(typesOf(soundAlarms([expiring, deletable], noAlarms))).toEqual([
      'IntegrityAlarmRaised events_expire',
      'IntegrityAlarmRaised users_may_delete',
    ]);
    expect(soundAlarms([deletable, expiring, deletable], after([expiring, deletable]))).toEqual([]);
  });

  it('is cleared when a look does not find it, and raised again when one does', () => {
    expect(typesOf(soundAlarms([deletable], after([expiring, deletable])))).toEqual([
      'IntegrityAlarmCleared events_expire',
    ]);
    expect(typesOf(soundAlarms([expiring], after([expiring], [])))).toEqual([
      'IntegrityAlarmRaised events_expire',
    ]);
  });

  it('is another one for another stream, and for another finding', () => {
    const elsewhere = { ...expiring, stream: 'agency-a2' };
    const longer = { ...expiring, what: '$maxAge 90' };
    expect(typesOf(soundAlarms([expiring, elsewhere, longer], after([expiring])))).toHaveLength(2);
  });

  it('is recorded without what its finder said besides', () => {
    const found = { ...deletable, hint: 'Set $d to "$admins".' };
    expect(soundAlarms([found], noAlarms)).toEqual([
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
    const recorded = recordEvents(soundAlarms(vector.found, after([expiring])), {
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
