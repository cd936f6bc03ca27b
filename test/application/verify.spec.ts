import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyLines,
  openLedger,
  openReader,
  readLines,
  simulationRules,
} from '@penalty-ledger/application';
import { KeyStore } from '@penalty-ledger/application/key-store';
import { systemClock } from '@penalty-ledger/application';
import { acceptLostCheckpoints, acceptRows } from '@penalty-ledger/application/accept-damage';
import { openLog } from '@penalty-ledger/application/open-log';
import {
  verifyLedger,
  type CheckName,
  type Verification,
} from '@penalty-ledger/application/verification';
import { openSqliteEventStore, type StoredEvent } from '@penalty-ledger/event-store';
import { canonicalJson, eventIdOf, leafHashOf, type EventEnvelope } from '@penalty-ledger/ledger';
import { parseVerifierKey } from '@penalty-ledger/merkle-log';
import { ReadModels } from '@penalty-ledger/projections';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { diagnose } from '../../apps/cli/src/doctor/diagnoses.js';
import { sumOf } from '../../libs/application/src/keys/key-tables.js';
import { instant } from '../support/given.js';

const lines = [
  {
    at: '2019-01-02T09:00:00+08:00',
    command: 'AdmitAgency',
    data: { agencyId: 'a1', name: '杭州云屿文化传媒有限公司' },
  },
  ...['01', '02', '03'].map((month, index) => ({
    at: `2019-0${String(index + 2)}-08T10:00:00+08:00`,
    command: 'RecordDeduction',
    by: 'officer-lin',
    data: {
      deductionId: `d${String(index + 1)}`,
      agencyId: 'a1',
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: `2019-${month}-28T10:00:00+08:00`,
      notice: { text: '扣40分。' },
    },
  })),
  {
    at: '2019-04-09T10:00:00+08:00',
    command: 'InitiateAppeal',
    data: {
      appealId: 'p1',
      agencyId: 'a1',
      kind: 'last_chance',
      deductionIds: ['d3'],
      grounds: '跨零点',
    },
  },
  {
    at: '2019-04-10T10:00:00+08:00',
    command: 'DecideAppeal',
    data: {
      appealId: 'p1',
      outcome: 'partly_upheld',
      adjustments: [{ deductionId: 'd3', points: 10 }],
      reason: '部分成立',
    },
  },
  {
    at: '2019-04-11T10:00:00+08:00',
    command: 'AdmitAgency',
    data: { agencyId: 'a2', name: '武汉南棠' },
  },
];

let folder: string;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
  url = `sqlite:${join(folder, 'ledger.db')}`;
  await apply(lines);
});

afterEach(() => rmSync(folder, { recursive: true }));

async function apply(commands: readonly unknown[]): Promise<void> {
  const opened = await openLedger({ url, simulation: true, openedAt: instant('2019-01-01 00:00') });
  const text = Buffer.from(commands.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const given = readLines(
    (async function* () {
      yield text;
    })(),
  );
  const { ledger, send } = opened;
  for await (const batch of applyLines(given, simulationRules(ledger.clock), { send }))
    for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  await opened.close();
}

type Part = 'events' | 'log' | 'views';
const files: Readonly<Record<Part, string>> = {
  events: 'ledger.db',
  log: 'ledger.log.db',
  views: 'ledger.views.db',
};

/** Changes a file as a deliberate forger would, who puts its guards back. */
function tamper(part: Part, change: string | ((db: DatabaseSyncInstance) => void)): void {
  const db = new DatabaseSync(join(folder, files[part]));
  const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
  const guards = triggers as { name: string; sql: string }[];
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
  if (typeof change === 'string') db.exec(change);
  else change(db);
  for (const { sql } of guards) db.exec(sql);
  db.close();
}

/** Takes the key of the rows' MACs away, as only somebody with the key file could. */
function forgetRowKey(): void {
  const keys = KeyStore.open(join(folder, 'ledger.keys.db'));
  keys.forgetFiles();
  keys.close();
}

/**
 * Returns the damages as `check: stream@revision`, each once and in order. Those of MACs, which
 * find every change of an event too, have tests of their own.
 */
function named({ checks: all }: Verification): string[] {
  const checks = all.filter(({ check }) => check !== 'row MACs');
  const found = checks.flatMap(({ check, damages }) =>
    damages.map(({ stream, revision, position }) =>
      stream !== undefined
        ? `${check}: ${stream}${revision === undefined ? '' : `@${String(revision)}`}`
        : `${check}:${position === undefined ? '' : ` position ${String(position)}`}`,
    ),
  );
  return [...new Set(found)];
}

async function found(): Promise<string[]> {
  const verification = await verifyLedger({ url });
  const foreign = verification.checks.find(({ check }) => check === 'row MACs')?.damages ?? [];
  expect(verification.holds).toBe(named(verification).length + foreign.length === 0);
  return named(verification);
}

function problems({ checks }: Verification, check: CheckName): string {
  return checks
    .filter((each) => each.check === check)
    .flatMap(({ damages }) => damages.map(({ problem }) => problem.en))
    .join('\n');
}

interface StoredRow {
  readonly position: number;
  readonly body: string;
}

function findRow(
  db: DatabaseSyncInstance,
  stream: string,
  revision: number,
): StoredRow | undefined {
  const select = `
    SELECT position, body FROM events JOIN streams USING (stream_id)
    WHERE name = ? AND revision = ?`;
  return db.prepare(select).get(stream, revision) as StoredRow | undefined;
}

function rowOf(db: DatabaseSyncInstance, stream: string, revision: number): StoredRow {
  return findRow(db, stream, revision)!;
}

function setBody(
  db: DatabaseSyncInstance,
  { position }: StoredRow,
  body: string,
  leafHash?: string,
): void {
  db.prepare('UPDATE events SET body = ? WHERE position = ?').run(body, position);
  if (leafHash !== undefined)
    db.prepare('UPDATE events SET leaf_hash = ? WHERE position = ?').run(leafHash, position);
}

/** Writes a stream anew from a revision on, every hash and every link of it right. */
function rewrite(
  db: DatabaseSyncInstance,
  stream: string,
  from: number,
  change: (body: string) => string,
): void {
  let previous: string | undefined;
  for (let revision = from; ; revision += 1) {
    const row = findRow(db, stream, revision);
    if (row === undefined) return;
    let { body } = row;
    if (revision === from) body = change(body);
    const event = JSON.parse(body) as EventEnvelope;
    if (previous !== undefined) body = canonicalJson({ ...event, previous });
    previous = leafHashOf(body);
    setBody(db, row, body, previous);
  }
}

/** Appends an event like another one, after a stream's last, with a right id and chain. */
async function append(
  stream: string,
  like: { readonly stream: string; readonly revision: number },
  change: (event: EventEnvelope) => Partial<EventEnvelope> = () => ({}),
): Promise<void> {
  const store = openSqliteEventStore(join(folder, files.events), { access: 'write' });
  const all: StoredEvent[] = [];
  for await (const batch of store.readAll()) all.push(...batch);
  const model = all.find(
    (event) => event.stream === like.stream && event.revision === like.revision,
  )!;
  const last = all.findLast((event) => event.stream === stream)!;
  const { recordedAt } = JSON.parse(all.at(-1)!.body) as EventEnvelope;
  const { data } = JSON.parse(all[0]!.body) as EventEnvelope<string, { ledgerId: string }>;
  const event = JSON.parse(model.body) as EventEnvelope;
  const next: EventEnvelope = {
    ...event,
    ...change(event),
    stream,
    revision: last.revision + 1,
    previous: last.leafHash,
    recordedAt,
  };
  const id = eventIdOf(data.ledgerId, stream, next.causation, 0);
  const body = canonicalJson({ ...next, id });
  const record = { stream, revision: next.revision, id, body, leafHash: leafHashOf(body) };
  await store.append(stream, last.revision, [record]);
  await store.close();
}

const lowered = (body: string): string => body.replace('"points":40', '"points":39');

it('an erasure under a hold is named, and an honest one is not', async () => {
  await apply([
    {
      at: '2019-04-12T10:00:00+08:00',
      command: 'FileComplaint',
      data: {
        complaintId: 'k1',
        agencyId: 'a1',
        complainant: { kind: 'consumer', id: 'u1' },
        occurredAt: '2019-04-01T10:00:00+08:00',
        subject: '货未发出',
      },
    },
    {
      at: '2019-04-12T11:00:00+08:00',
      command: 'BindCreator',
      data: { agencyId: 'a1', creatorId: 'c1', name: '小满' },
    },
  ]);
  const opened = await openLedger({ url, simulation: true, openedAt: instant('2019-01-01 00:00') });
  const { ledger } = opened;
  expect(await ledger.erase({ subject: 'agency:a2' }, 'o1', ledger.clock)).toMatchObject({
    status: 'accepted',
  });
  await opened.close();
  expect(await found()).toEqual([]);

  await apply([
    {
      at: '2019-04-15T10:00:00+08:00',
      command: 'PlaceLegalHold',
      by: 'officer-9',
      data: { holdId: 'h1', subject: 'agency:a1', reason: '法院要求' },
    },
  ]);
  let number = 0;
  for (const subject of ['agency:a1', 'complaint:k1', 'creator:c1', 'agency:a2'])
    await append('erasures', { stream: 'erasures', revision: 0 }, ({ causation }) => ({
      data: { subject },
      causation: { ...causation, commandId: `erasures/x${String((number += 1))}` },
    }));
  const verification = await verifyLedger({ url });
  expect(named(verification).filter((line) => line.startsWith('decisions'))).toEqual([
    'decisions: erasures@2',
    'decisions: erasures@3',
    'decisions: erasures@4',
  ]);
  const held = 'was erased while it was held; legal hold: "h1" by officer-9, without a set end';
  for (const subject of ['agency:a1', 'complaint:k1', 'creator:c1'])
    expect(problems(verification, 'decisions')).toContain(`"${subject}" ${held}`);
});

it('an erasure is judged by the sessions under retention, as they stood then', async () => {
  const session = (sessionId: string, creatorId: string, year: number) => ({
    at: `${String(year)}-03-02T10:00:00+08:00`,
    command: 'RecordSession',
    data: {
      sessionId,
      creatorId,
      startedAt: `${String(year)}-03-01T10:00:00+08:00`,
      endedAt: `${String(year)}-03-01T12:00:00+08:00`,
    },
  });
  const act = (at: string, command: string, data: object) => ({ at, command, data });
  await apply([
    act('2025-01-02T09:00:00+08:00', 'AdmitAgency', { agencyId: 'a3', name: '成都青禾' }),
    ...['c2', 'c3', 'c4'].map((creatorId) =>
      act('2025-02-02T09:00:00+08:00', 'BindCreator', { agencyId: 'a3', creatorId, name: '小满' }),
    ),
    session('s4', 'c4', 2025),
    session('s2', 'c2', 2026),
    session('s3', 'c3', 2026),
    act('2026-03-03T09:00:00+08:00', 'VoidSession', { sessionId: 's3', reason: '测试' }),
    act('2026-03-03T09:00:00+08:00', 'RegisterEvidence', {
      ...{ evidenceId: 'e2', subject: { kind: 'session', id: 's2' }, title: '录屏' },
      ...{ mediaType: 'video/mp4', sha256: 'a'.repeat(64) },
    }),
  ]);
  const opened = await openLedger({ url, simulation: true, openedAt: instant('2019-01-01 00:00') });
  const { ledger } = opened;
  // Its session was voided, or ended before the order came into force.
  for (const subject of ['creator:c3', 'creator:c4'])
    expect(await ledger.erase({ subject }, 'o1', ledger.clock)).toMatchObject({
      status: 'accepted',
    });
  await opened.close();
  expect(await found()).toEqual([]);

  let number = 0;
  for (const subject of ['agency:a3', 'creator:c2', 'evidence:e2', 'creator:c4'])
    await append('erasures', { stream: 'erasures', revision: 0 }, ({ causation }) => ({
      data: { subject },
      causation: { ...causation, commandId: `erasures/x${String((number += 1))}` },
    }));
  const verification = await verifyLedger({ url });
  expect(named(verification).filter((line) => line.startsWith('decisions'))).toEqual([
    ...['decisions: erasures@2', 'decisions: erasures@3', 'decisions: erasures@4'],
  ]);
  for (const subject of ['agency:a3', 'creator:c2', 'evidence:e2'])
    expect(problems(verification, 'decisions')).toContain(
      `"${subject}" was erased while it was held; retention under Order 117: session "s2"`,
    );
});

it('an untouched ledger passes every check', async () => {
  const { holds, complete, checks, events } = await verifyLedger({ url });
  expect(holds).toBe(true);
  expect(checks.map(({ check }) => check)).toEqual([
    ...['guards', 'events', 'row MACs', 'form', 'leaf hashes', 'streams', 'ids', 'times'],
    ...['tree', 'checkpoints', 'keys', 'rulebooks', 'decisions', 'read models'],
  ]);
  expect(complete).toBe(true);
  expect(
    checks.flatMap(({ damages, notMade }) => [
      ...damages,
      ...(notMade === undefined ? [] : [notMade]),
    ]),
  ).toEqual([]);
  expect(events).toBe(13);
});

describe('damage is named with its place:', () => {
  it('a byte of a body', async () => {
    tamper('events', (db) => {
      const row = rowOf(db, 'agency-a1', 2);
      setBody(db, row, lowered(row.body));
    });
    expect(await found()).toEqual([
      'leaf hashes: agency-a1@2',
      'streams: agency-a1@3',
      'tree: position 6',
      'checkpoints:',
    ]);
  });

  it('a leaf hash', async () => {
    tamper(
      'events',
      `
      UPDATE events SET leaf_hash = replace(leaf_hash, substr(leaf_hash, 1, 4), '0000')
      WHERE position = 5`,
    );
    expect(await found()).toEqual(['leaf hashes: agency-a1@1']);
  });

  it('a body together with its leaf hash', async () => {
    tamper('events', (db) => {
      const row = rowOf(db, 'agency-a1', 2);
      setBody(db, row, lowered(row.body), leafHashOf(lowered(row.body)));
    });
    expect(await found()).toEqual(['streams: agency-a1@3', 'tree: position 6', 'checkpoints:']);
  });

  it('a whole stream written anew, by the tree, the checkpoint and the decisions', async () => {
    tamper('events', (db) => rewrite(db, 'agency-a1', 2, lowered));
    const all = await found();
    expect(all).toEqual(
      expect.arrayContaining(['tree: position 6', 'checkpoints:', 'decisions: agency-a1@2']),
    );
    expect(all.filter((line) => /^(form|leaf hashes|streams|ids|times)/.test(line))).toEqual([]);
  });

  it('a revision', async () => {
    tamper('events', 'UPDATE events SET revision = 90 WHERE position = 6');
    expect(await found()).toEqual(
      expect.arrayContaining(['streams: agency-a1@90', 'streams: agency-a1@3']),
    );
  });

  it('an event that was deleted', async () => {
    tamper('events', 'DELETE FROM events WHERE position = 6');
    const all = await found();
    expect(all).toEqual(
      expect.arrayContaining(['events: position 6', 'streams: agency-a1@3', 'tree: position 6']),
    );
  });

  it('a tail that was cut', async () => {
    tamper('events', 'DELETE FROM events WHERE position >= 12');
    const verification = await verifyLedger({ url });
    expect(problems(verification, 'tree')).toContain(
      'it has 13 leaves, and the store 11 events: the tail is gone',
    );
    expect(problems(verification, 'checkpoints')).toContain(
      'signed for 13 events, and the store holds 11',
    );
    expect(problems(verification, 'read models')).toContain('its tail is gone');
  });

  it('two events that changed places', async () => {
    tamper(
      'events',
      `
      UPDATE events SET position = -1 WHERE position = 6;
      UPDATE events SET position = 6 WHERE position = 5;
      UPDATE events SET position = 5 WHERE position = -1`,
    );
    expect(await found()).toEqual(
      expect.arrayContaining([
        'streams: agency-a1@2',
        'times: agency-a1@1',
        'tree: position 5',
        'tree: position 6',
      ]),
    );
  });

  it('a key that stands twice', async () => {
    tamper('events', (db) =>
      rewrite(db, 'agency-a2', 0, (body) =>
        body.replace('"agencyId":"a2"', '"agencyId":"a9","agencyId":"a2"'),
      ),
    );
    const verification = await verifyLedger({ url });
    expect(named(verification)).toEqual(expect.arrayContaining(['form: agency-a2@0']));
    expect(problems(verification, 'form')).toContain('not canonical JSON');
  });

  it.each([
    ['a space between tokens', (body: string) => body.replace('"data":{', '"data": {')],
    [
      'keys in another order',
      (body: string) => body.replace(/^\{("actor":"[^"]*"),(.*)\}$/, '{$2,$1}'),
    ],
    [
      'a number with a fraction',
      (body: string) => body.replace('"schemaVersion":1', '"schemaVersion":1.0'),
    ],
    ['an escape that need not be', (body: string) => body.replace('"a2"', '"\\u00612"')],
    ['a member too many', (body: string) => body.replace('"type":', '"typ":1,"type":')],
    [
      'lists in one another',
      (body: string) =>
        body.replace('"data":{', `"data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},`),
    ],
    ['a day that is none', (body: string) => body.replace('2019-04-11T02', '2019-02-30T02')],
  ])('%s', async (_, change) => {
    tamper('events', (db) => {
      const row = rowOf(db, 'agency-a2', 0);
      expect(change(row.body)).not.toBe(row.body);
      setBody(db, row, change(row.body), leafHashOf(change(row.body)));
    });
    expect(await found()).toEqual(expect.arrayContaining(['form: agency-a2@0']));
  });

  it('bytes that are not text', async () => {
    tamper('events', "UPDATE events SET body = CAST(x'7b22ff227d' AS TEXT) WHERE position = 13");
    expect(await found()).toEqual(
      expect.arrayContaining(['form: agency-a2@0', 'leaf hashes: agency-a2@0']),
    );
  });

  it('an id that its command does not give', async () => {
    tamper('events', (db) =>
      rewrite(db, 'agency-a2', 0, (body) =>
        body.replace('"commandId":"agency/a2"', '"commandId":"agency/a3"'),
      ),
    );
    expect(await found()).toEqual(expect.arrayContaining(['ids: agency-a2@0']));
  });

  describe('something that only one event may have', () => {
    it('an event that was recorded twice', async () => {
      await append('agency-a1', { stream: 'agency-a1', revision: 1 });
      const verification = await verifyLedger({ url });
      expect(named(verification)).toContain('ids: agency-a1@9');
      expect(problems(verification, 'ids')).toMatch(
        /^its event id "[0-9a-f-]{36}" is that of agency-a1 at revision 1, position \d+, too$/m,
      );
      expect(problems(verification, 'ids')).toMatch(
        /^its registration "deduction d1" is that of agency-a1 at revision 1/m,
      );
    });

    it('the id of a deduction, taken for another agency too', async () => {
      await append('agency-a2', { stream: 'agency-a1', revision: 1 });
      expect(problems(await verifyLedger({ url }), 'ids')).toMatch(
        /^its registration "deduction d1" is that of agency-a1 at revision 1/m,
      );
    });

    it.each(['k1', 'k1@o1'])('a command id that was sent twice: k1, then %s', async (again) => {
      const sent = { agencyId: 'a1', balance: 40, observedAt: '2019-02-10T00:00:00+08:00' };
      const command = { command: 'ObservePlatformBalance', by: 'o1', commandId: 'k1' };
      await apply([{ at: '2019-06-01T00:00:00+08:00', ...command, data: sent }]);
      const at = { stream: 'agency-a1', revision: 9 };
      expect(await found()).toEqual([]);
      await append('agency-a2', at, ({ causation }) => ({
        causation: { ...causation, commandId: again, fingerprint: 'f'.repeat(64) },
      }));
      expect(problems(await verifyLedger({ url }), 'ids')).toMatch(
        /^its command id "o1 k1" is that of agency-a1 at revision 9/m,
      );
    });
  });

  it('an instant that goes back', async () => {
    tamper('events', (db) =>
      rewrite(db, 'agency-a2', 0, (body) => body.replaceAll('2019-04-11', '2019-04-01')),
    );
    expect(await found()).toEqual(expect.arrayContaining(['times: agency-a2@0']));
  });

  it('a rulebook that was never published', async () => {
    tamper('events', (db) =>
      rewrite(db, 'agency-a1', 1, (body) =>
        body.replace(/"rulebookVersion":"[^"]*"/, '"rulebookVersion":"2018-01-01"'),
      ),
    );
    expect(await found()).toEqual(expect.arrayContaining(['rulebooks: agency-a1@1']));
  });

  it('a rulebook whose text was changed', async () => {
    tamper('events', (db) =>
      rewrite(db, 'rulebooks', 0, (body) => body.replace('"threshold":120', '"threshold":121')),
    );
    expect(await found()).toEqual(expect.arrayContaining(['rulebooks: rulebooks@0']));
  });

  it('a balance that opened what it should not have', async () => {
    tamper('events', (db) =>
      rewrite(db, 'agency-a1', 4, (body) => body.replace('"balance":120', '"balance":119')),
    );
    const verification = await verifyLedger({ url });
    expect(named(verification)).toEqual(expect.arrayContaining(['decisions: agency-a1@3']));
    expect(problems(verification, 'decisions')).toContain(
      'PendingExpulsionOpened: its data.balance is 119, and comes out as 120',
    );
  });

  const recorded = '2019-04-11T02:00:00.000Z';
  const soon = '2019-04-11T02:00:00.001Z';
  const imposed = {
    ...{ account: 'points', agencyId: 'a2', clause: 'agency-violation' },
    ...{ deductionId: 'd9', period: '2019', periodStated: false, points: 40 },
  };
  const at = { occurredAt: recorded, effectiveAt: recorded };
  const measure = { agencyId: 'a2', kind: 'warning', measureId: 'm1' };
  const addition = { additionId: 'b1', agencyId: 'a2', period: '2019', points: 999_999 };
  const complaint = { agencyId: 'a2', complaintId: 'k1', complainantKind: 'consumer' };

  const assessed = {
    ...{ active: 6, agencyId: 'a2', anyTime: { active: 6, base: 6 }, base: 5, exposed: 0 },
    ...{ headcountMin: 5, minSessions: 10, month: '2019-03', rate: 70, reasons: [] },
    sessions: { count: 0, effective: 0, overlapping: 0, sha256: '0'.repeat(64) },
    verdict: 'passed',
  };

  type Forged = readonly [what: string, command: string, type: string, event: object, said: string];
  const forged: readonly Forged[] = [
    [
      'points above the range',
      ...(['RecordDeduction', 'DeductionImposed'] as const),
      { data: { ...imposed, points: 999_999 }, ...at },
      'data.points: 999999 is not from 1 to ',
    ],
    [
      'no points',
      ...(['RecordDeduction', 'DeductionImposed'] as const),
      { data: { ...imposed, points: 0 }, ...at },
      'data.points: 0 is not from 1 to ',
    ],
    [
      'a deduction whose id is none',
      ...(['RecordDeduction', 'DeductionImposed'] as const),
      { data: { ...imposed, deductionId: 'not an id' }, ...at },
      'data.deductionId: must be an id',
    ],
    [
      'an assessment with more active creators than there are',
      ...(['ComputeAssessment', 'AssessmentComputed'] as const),
      { data: assessed },
      '6 of 5 creators active is no count',
    ],
    [
      'a deduction for what has not occurred',
      ...(['RecordDeduction', 'DeductionImposed'] as const),
      { data: imposed, occurredAt: soon, effectiveAt: soon },
      'data.occurredAt: ',
    ],
    [
      'a deduction in effect before it occurred',
      ...(['RecordDeduction', 'DeductionImposed'] as const),
      { data: imposed, occurredAt: recorded, effectiveAt: '2019-04-11T01:59:59.999Z' },
      'data.effectiveAt: ',
    ],
    [
      'a deduction too far ahead',
      ...(['RecordDeduction', 'DeductionImposed'] as const),
      { data: imposed, occurredAt: recorded, effectiveAt: '2020-04-11T02:00:00.001Z' },
      'is more than 366 days ahead',
    ],
    [
      'a correction to an instant too far ahead',
      ...(['CorrectDeduction', 'DeductionCorrected'] as const),
      {
        data: { ...imposed, corrected: ['effectiveAt'] },
        occurredAt: recorded,
        effectiveAt: '2020-04-11T02:00:00.001Z',
      },
      'is more than 366 days ahead',
    ],
    [
      'an addition to an account that takes none',
      ...(['RecordAddition', 'AdditionGranted'] as const),
      { data: { ...addition, account: 'points' }, effectiveAt: recorded },
      'takes no additions',
    ],
    [
      'an addition to an account that there is not',
      ...(['RecordAddition', 'AdditionGranted'] as const),
      { data: { ...addition, account: 'credit' }, effectiveAt: recorded },
      'has no account "credit"',
    ],
    [
      'an addition in the future',
      ...(['RecordAddition', 'AdditionGranted'] as const),
      { data: { ...addition, account: 'points' }, effectiveAt: soon },
      'data.effectiveAt: ',
    ],
    [
      'an exit in the future',
      ...(['RecordExit', 'AgencyExited'] as const),
      { data: { agencyId: 'a2' }, effectiveAt: soon },
      'data.effectiveAt: ',
    ],
    [
      'a measure in the future',
      ...(['RecordMeasure', 'MeasureImposed'] as const),
      { data: measure, effectiveAt: soon },
      'data.effectiveAt: ',
    ],
    [
      'a measure whose term is over as it begins',
      ...(['RecordMeasure', 'MeasureImposed'] as const),
      { data: { ...measure, until: recorded }, effectiveAt: recorded },
      'data.until: ',
    ],
    [
      'a review of nothing',
      ...(['RequestHumanReview', 'HumanReviewRequested'] as const),
      { data: { agencyId: 'a2', reviewId: 'r1' } },
      'give either deductionId or measureId',
    ],
    [
      'a balance seen in the future',
      ...(['ObservePlatformBalance', 'PlatformBalanceObserved'] as const),
      { data: { agencyId: 'a2', balance: 0, computed: 0, period: '2019' }, occurredAt: soon },
      'data.observedAt: ',
    ],
    [
      'a complaint about what has not occurred',
      ...(['FileComplaint', 'ComplaintFiled'] as const),
      { data: complaint, occurredAt: soon },
      'data.occurredAt: ',
    ],
    [
      'a complaint merged into itself',
      ...(['MergeComplaints', 'ComplaintsMerged'] as const),
      { data: { agencyId: 'a2', from: ['k1'], into: 'k1' } },
      'cannot be merged into itself',
    ],
    [
      'a post in the future',
      ...(['RecordGrowthPost', 'GrowthPostRecorded'] as const),
      { data: { agencyId: 'a2', postId: 'g1' }, occurredAt: soon },
      'data.occurredAt: ',
    ],
  ];

  it('what no command could have recorded', async () => {
    const admissions = forged.map((_, index) => ({
      at: '2019-04-11T10:00:00+08:00',
      command: 'AdmitAgency',
      data: { agencyId: `f${String(index)}`, name: '武汉南棠' },
    }));
    await apply(admissions);
    for (const [index, [, command, type, event]] of forged.entries()) {
      const stream = `agency-f${String(index)}`;
      // An id of the agency's own, since one that is taken twice is another damage.
      const own = JSON.stringify(event)
        .replaceAll('"a2"', `"f${String(index)}"`)
        .replaceAll(/"([bdgkmr]\d)"/g, `"$1-${String(index)}"`);
      await append(stream, { stream, revision: 0 }, ({ causation }) => ({
        ...(JSON.parse(own) as object),
        type,
        causation: { ...causation, command, commandId: `forged-${String(index)}` },
      }));
    }
    const { checks } = await verifyLedger({ url });
    const damages = checks.flatMap(({ check, damages: found }) =>
      check === 'decisions' ? found : [],
    );
    const said = forged.map(([what], index) => {
      const damage = damages.find(({ stream }) => stream === `agency-f${String(index)}`);
      return [what, damage?.revision, damage?.problem.toJSON()];
    });
    expect(said).toEqual(
      forged.map(([what, command, , , problem]): unknown[] => [
        what,
        1,
        expect.stringMatching(
          new RegExp(`^${command} is invalid: .*${problem.replaceAll('.', String.raw`\.`)}`),
        ),
      ]),
    );
  });

  it('a tile', async () => {
    tamper(
      'log',
      `
      UPDATE tiles
      SET hashes = CAST(substr(hashes, 1, 64) || x'00' || substr(hashes, 66) AS BLOB)`,
    );
    expect(await found()).toEqual(['tree: position 3']);
  });

  it('a head', async () => {
    tamper('log', "UPDATE heads SET revision = 7 WHERE stream = 'agency-a2'");
    expect(await found()).toEqual(['tree: agency-a2@7']);
  });

  it('a page of the map of heads', async () => {
    tamper('log', "INSERT INTO headPages VALUES ('', zeroblob(528))");
    expect(problems(await verifyLedger({ url }), 'tree')).toContain(
      'its map of stream heads has 1 page without',
    );
  });

  it('a byte of a checkpoint, in its text and in its signature', async () => {
    tamper(
      'log',
      "UPDATE checkpoints SET note = replace(note, 'signed-at 2019-04-11', 'signed-at 2019-04-12')",
    );
    expect(problems(await verifyLedger({ url }), 'checkpoints')).toContain('signature: ');
    tamper('log', "UPDATE checkpoints SET note = note || 'x'");
    expect(problems(await verifyLedger({ url }), 'checkpoints')).toContain('note: ');
  });

  it('a row of a read model', async () => {
    tamper('views', "UPDATE agencies SET agencyId = 'a8' WHERE agencyId = 'a2'");
    expect(problems(await verifyLedger({ url }), 'read models')).toContain(
      '"agencies" differs from what the events give',
    );
  });

  it('several at once, and not the first alone', async () => {
    tamper('events', (db) => {
      for (const [stream, revision] of [
        ['agency-a1', 1],
        ['agency-a2', 0],
      ] as const)
        setBody(
          db,
          rowOf(db, stream, revision),
          rowOf(db, stream, revision).body.replace('"format":1', '"format":2'),
        );
    });
    expect(await found()).toEqual(
      expect.arrayContaining(['form: agency-a1@1', 'form: agency-a2@0']),
    );
  });
});

describe('a history that was written anew with every hash right', () => {
  it('is found by a kept receipt and checkpoint, even with a Merkle log made from it', async () => {
    const log = await openLog(url);
    const receipt = await log.sequencer.receiptFor({ stream: 'agency-a1', revision: 2 });
    const checkpoint = await log.checkpoint();
    const keys = [parseVerifierKey(log.verifierKey)];
    await log.close();
    const bytes = { receipt: Buffer.from(receipt), checkpoint: Buffer.from(checkpoint) };
    const outside = (['receipt', 'checkpoint'] as const).map((kind) => ({
      kind,
      name: `kept.${kind}`,
      bytes: bytes[kind],
    }));
    expect((await verifyLedger({ url, keys, files: outside })).holds).toBe(true);

    tamper('events', (db) =>
      rewrite(db, 'agency-a1', 2, (body) =>
        body.replace('"actor":"officer-lin"', '"actor":"officer-he"'),
      ),
    );
    for (const file of ['ledger.log.db', 'ledger.views.db']) rmSync(join(folder, file));
    await expect(openLog(url)).rejects.toThrow('the ledger did not store');
    forgetRowKey();
    const again = await openLog(url);
    await again.checkpoint();
    await again.close();
    ReadModels.open(join(folder, 'ledger.views.db')).close();
    expect(await found()).toEqual([]);
    const verification = await verifyLedger({ url, keys, files: outside });
    expect(named(verification)).toEqual(['outside: agency-a1@2', 'outside:']);
    expect(problems(verification, 'outside')).toContain(
      '"kept.checkpoint" was signed for 13 events',
    );
    expect(problems(verification, 'outside')).toContain('another history');
  });

  it('is not opened when it is shorter than a kept checkpoint', async () => {
    tamper(
      'events',
      "DELETE FROM events WHERE position >= 13; DELETE FROM streams WHERE name = 'agency-a2'",
    );
    rmSync(join(folder, 'ledger.views.db'));
    await expect(openLog(url)).rejects.toThrow('its tail is gone');
    const more = {
      at: '2019-05-01T10:00:00+08:00',
      command: 'AdmitAgency',
      data: { agencyId: 'a3', name: '成都' },
    };
    await expect(apply([more])).rejects.toThrow('its tail is gone');
  });
});

describe('against whoever can write some of the files,', () => {
  const more = {
    at: '2019-05-01T10:00:00+08:00',
    command: 'AdmitAgency',
    data: { agencyId: 'a3', name: '成都' },
  };

  /** Changes the rows of a table of keys, with their sums. */
  function tamperKeys(change: (db: DatabaseSyncInstance) => void): void {
    const db = new DatabaseSync(join(folder, 'ledger.keys.db'));
    change(db);
    db.close();
  }

  it('an event that the ledger did not store is found, and nothing opens on it', async () => {
    await append('agency-a2', { stream: 'agency-a2', revision: 0 });
    const verification = await verifyLedger({ url });
    expect(problems(verification, 'row MACs')).toContain('the ledger did not store it');
    const macs = verification.checks.find(({ check }) => check === 'row MACs');
    expect(macs?.damages).toMatchObject([{ position: 14 }]);
    for (const open of [() => apply([more]), () => openReader(url), () => openLog(url)])
      await expect(open()).rejects.toMatchObject({ code: 'integrity', place: { position: '14' } });
  });

  it('a history that was rewritten with all its hashes is found without its log', async () => {
    tamper('events', (db) =>
      rewrite(db, 'agency-a1', 2, (body) =>
        body.replace('"actor":"officer-lin"', '"actor":"officer-he"'),
      ),
    );
    for (const file of ['ledger.log.db', 'ledger.views.db']) rmSync(join(folder, file));
    expect(problems(await verifyLedger({ url }), 'row MACs')).toContain(
      'did not store all of them',
    );
    // Without the key nothing is said of the rows, and that is said.
    rmSync(join(folder, 'ledger.keys.db'));
    const { checks, complete } = await verifyLedger({ url, keys: [] });
    expect(complete).toBe(false);
    for (const name of ['row MACs', 'keys'] as const)
      expect(checks.find(({ check }) => check === name)?.notMade?.en).toContain('no key file');
  });

  it('guards that were dropped are named, and the next writer looks at every row', async () => {
    const db = new DatabaseSync(join(folder, 'ledger.db'));
    db.exec('DROP TRIGGER events_are_never_updated; DROP TRIGGER streams_are_only_appended');
    db.close();
    expect(problems(await verifyLedger({ url }), 'guards')).toBe(
      ['events_are_never_updated', 'streams_are_only_appended']
        .map((name) => `the trigger "${name}" is missing or was changed: rows could be altered`)
        .join('\n'),
    );
    await apply([more]);
    expect((await verifyLedger({ url })).holds).toBe(true);
  });

  it('a checkpoint that was deleted is missed, unless a later one is kept elsewhere', async () => {
    await apply([more]);
    const log = await openLog(url);
    const kept = Buffer.from(await log.checkpoint());
    await log.close();
    tamper('log', 'DELETE FROM checkpoints WHERE size = 13');
    const missed = await verifyLedger({ url });
    expect(problems(missed, 'checkpoints')).toContain(
      'one was signed for 13 events, and it is not',
    );
    const { diagnoses } = await diagnose(url, false);
    expect(diagnoses.filter(({ status }) => status === 'fail')).toMatchObject([
      { check: 'checkpoints', found: expect.stringContaining('is not kept any more') as string },
    ]);
    const files = [{ kind: 'checkpoint' as const, name: 'kept', bytes: kept }];
    expect((await verifyLedger({ url, files })).holds).toBe(true);
  });

  it('guards of the log that were dropped are named, and put back by the next writer', async () => {
    const db = new DatabaseSync(join(folder, 'ledger.log.db'));
    db.exec('DROP TRIGGER checkpoints_are_never_deleted; DROP TRIGGER checkpoints_only_grow');
    db.close();
    const dropped = ['checkpoints_are_never_deleted', 'checkpoints_only_grow'].map(
      (name) => `the trigger "${name}" is missing or was changed: rows could be altered`,
    );
    expect(problems(await verifyLedger({ url }), 'guards')).toBe(dropped.join('\n'));
    const { diagnoses } = await diagnose(url, false);
    expect(diagnoses.filter(({ status }) => status === 'fail').map(({ found }) => found)).toEqual(
      dropped,
    );
    await apply([more]);
    expect((await verifyLedger({ url })).holds).toBe(true);
  });

  it('a loss of checkpoints is accepted by an event, and no later one with it', async () => {
    const accept = () =>
      acceptLostCheckpoints({ url, simulation: true, by: 'admin-1', clock: systemClock });
    await expect(accept()).rejects.toMatchObject({ code: 'nothing_accepted' });
    await apply([more]);
    rmSync(join(folder, 'ledger.log.db'));
    await apply([{ ...more, data: { agencyId: 'a4', name: '成都' } }]);
    expect((await verifyLedger({ url })).holds).toBe(false);
    expect(await accept()).toEqual({ kind: 'checkpoints_lost', count: 2, upTo: 14 });
    const accepted = await verifyLedger({ url });
    expect({ holds: accepted.holds, complete: accepted.complete }).toEqual({
      holds: true,
      complete: false,
    });
    const checkpoints = accepted.checks.find(({ check }) => check === 'checkpoints');
    expect(checkpoints?.notMade?.en).toContain('2 checkpoints, up to the one for 14 events, ');
    const { diagnoses } = await diagnose(url, false);
    expect(diagnoses.find(({ check }) => check === 'checkpoints')?.status).toBe('warn');
    await expect(accept()).rejects.toMatchObject({ code: 'nothing_accepted' });
    // One that is deleted later is missed as ever.
    tamper('log', 'DELETE FROM checkpoints WHERE size = 15');
    expect(problems(await verifyLedger({ url }), 'checkpoints')).toContain('signed for 15 events');
  });

  it('rows are accepted under another key, when all else holds', async () => {
    const accept = () => acceptRows({ url, simulation: true, by: 'admin-1', clock: systemClock });
    await expect(accept()).rejects.toMatchObject({ code: 'nothing_accepted' });
    // An older key file: it knows another key of rows, or events that came later.
    const keys = KeyStore.open(join(folder, 'ledger.keys.db'));
    keys.forgetRowKey();
    keys.putRowKey(Buffer.alloc(32, 7));
    keys.save();
    keys.close();
    await expect(apply([more])).rejects.toThrow('the ledger did not store');
    tamper('log', "UPDATE heads SET revision = revision + 1 WHERE stream = 'agency-a1'");
    await expect(accept()).rejects.toMatchObject({
      code: 'nothing_accepted',
      inBoth: { en: expect.stringContaining('not only the MACs of rows') as string },
    });
    tamper('log', "UPDATE heads SET revision = revision - 1 WHERE stream = 'agency-a1'");
    expect(await accept()).toEqual({ kind: 'rows_unknown', count: 13, upTo: 13 });
    await apply([more]);
    expect((await verifyLedger({ url })).holds).toBe(true);
  });

  it('keys that were exchanged with their sums, lost or put back are named', async () => {
    const keys = KeyStore.open(join(folder, 'ledger.keys.db'));
    const [one, other] = ['agency:a1', 'agency:a2'].map((subject) => keys.find(subject)!);
    keys.close();
    const put = (db: DatabaseSyncInstance, subject: string, key: Uint8Array): void => {
      db.prepare('UPDATE subjectKeys SET key = ?, sum = ? WHERE subject = ?').run(
        key,
        sumOf(subject, key),
        subject,
      );
    };
    tamperKeys((db) => {
      put(db, 'agency:a1', other!);
      put(db, 'agency:a2', one!);
    });
    expect(problems(await verifyLedger({ url }), 'keys')).toBe(
      ['agency:a1', 'agency:a2']
        .map((subject) => `the key of "${subject}" does not open what was sealed for it: `)
        .map((text) => `${text}another key lies in its place`)
        .join('\n'),
    );
    tamperKeys((db) => {
      put(db, 'agency:a1', one!);
      db.exec("DELETE FROM subjectKeys WHERE subject = 'agency:a2'");
    });
    expect(problems(await verifyLedger({ url }), 'keys')).toBe(
      'the key of "agency:a2" is lost: what was sealed for it cannot be read',
    );
  });
});

describe('a check that cannot be made is reported', () => {
  it('when there is no Merkle log', async () => {
    rmSync(join(folder, 'ledger.log.db'));
    const missed = await verifyLedger({ url });
    expect(problems(missed, 'checkpoints')).toContain(
      'one was signed for 13 events, and it is not kept any more',
    );
    forgetRowKey();
    const { holds, complete, checks } = await verifyLedger({ url });
    expect({ holds, complete }).toEqual({ holds: true, complete: false });
    expect(checks.find(({ check }) => check === 'tree')?.notMade?.en).toContain(
      'without it nothing here says what was signed',
    );
  });

  it('when no key is known that could have signed', async () => {
    rmSync(join(folder, 'ledger.keys.db'));
    expect(problems(await verifyLedger({ url }), 'checkpoints')).toContain('give --key');
  });

  it('when another ledger’s key is given', async () => {
    const vectors = readFileSync(join(__dirname, '../vectors/merkle/checkpoints.json'), 'utf8');
    const [key = ''] = (JSON.parse(vectors) as { readonly keys: readonly string[] }).keys;
    const keys = [parseVerifierKey(key)];
    const files = [
      { kind: 'receipt' as const, name: 'note.txt', bytes: Buffer.from('not a receipt') },
    ];
    const verification = await verifyLedger({ url, keys, files });
    expect(problems(verification, 'checkpoints')).toContain('unsigned: ');
    expect(problems(verification, 'outside')).toContain('"note.txt": receipt: ');
  });
});
