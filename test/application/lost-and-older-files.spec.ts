import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KeyStore } from '@penalty-ledger/application';
import { backupLedger } from '@penalty-ledger/application/backing-up';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { instantOf, readEvent } from '@penalty-ledger/ledger';
import { diagnose } from '../../apps/cli/src/doctor/diagnoses.js';
import { sampleClock, sendLines } from '../read-models/sample-ledger.js';
import { temporaryFolder } from '../support/folder.js';
import {
  accessBy,
  explainedIn,
  ledgerIn,
  recordIn,
  serviceIn,
  someLines,
  urlIn,
} from '../support/ledger-with-service.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const clock = sampleClock();
const older = join(folder, 'older');
const newest = join(folder, 'newest');
const erased = 'creator:c-a3';
let revokedToken: string;
let checkpoint: string;
let states = 0;

/** Says whether it belongs to a file: SQLite keeps its log beside it, read models their sums. */
const belongsTo = (name: string, file: string): boolean =>
  file === name || (file.startsWith(name) && /^-(?:wal|shm|pages)$/.test(file.slice(name.length)));

function remove(place: string, name: string): void {
  for (const file of readdirSync(place)) if (belongsTo(name, file)) rmSync(join(place, file));
}

function putOlder(place: string, name: string): void {
  remove(place, name);
  for (const file of readdirSync(older))
    if (belongsTo(name, file)) cpSync(join(older, file), join(place, file));
}

/** A copy of the newest files, to be changed. */
function copyOfNewest(): string {
  states += 1;
  const place = join(folder, `state-${String(states)}`);
  cpSync(newest, place, { recursive: true });
  return place;
}

const recordAgain = (place: string): Promise<readonly string[]> => recordIn(place, someLines);

const later = someLines.slice(-40);
const earlier = someLines.slice(0, -40);

beforeAll(async () => {
  const place = join(folder, 'life');
  mkdirSync(place);
  await recordIn(place, earlier);
  let service = await serviceIn(place);
  service.apiKeys.issueFirst(clock.now());
  const issued = service.apiKeys.issue(
    { label: 'x', holder: 'h', roles: ['auditor'] },
    clock.now(),
  );
  revokedToken = issued.token;
  for (const requestId of ['r1', 'r2', 'r3']) await service.accessLog.record(accessBy(requestId));
  await service.close();
  cpSync(place, older, { recursive: true });
  const opened = await ledgerIn(place);
  await sendLines(opened, later);
  await opened.ledger.erase({ subject: erased }, 'o1', clock.now());
  checkpoint = await opened.checkpoint();
  await opened.close();
  service = await serviceIn(place);
  service.apiKeys.revoke(issued.key.id, clock.now());
  for (const requestId of ['r4', 'r5']) await service.accessLog.record(accessBy(requestId));
  await service.close();
  cpSync(place, newest, { recursive: true });
});

/** The checks of `ledger doctor` that fail, and what they found. */
async function failures(place: string): Promise<readonly string[]> {
  const { diagnoses: found } = await diagnose(urlIn(place), false);
  return found
    .filter(({ status }) => status === 'fail')
    .map((each) => `${each.check}: ${each.found}`);
}

async function signIn(place: string): Promise<void> {
  const log = await openLog(urlIn(place));
  await log.close();
}

/** Backs up the ledger and its keys: the backup must have the erased subject without its key. */
async function backUpIn(place: string): Promise<void> {
  const path = `${place}.keys`;
  const seal = { to: 'nobody' } as const;
  await backupLedger({ url: urlIn(place), folder: `${place}.backup`, keys: { path, seal } });
  expect(readFileSync(path, 'utf8')).toContain(`{"key":null,"subject":"${erased}"}`);
}

const statesOf = (statuses: readonly string[]): readonly string[] => [...new Set(statuses)].sort();

describe('a lost file', () => {
  it('of the events is not begun anew while the Merkle log remembers them', async () => {
    const place = copyOfNewest();
    remove(place, 'ledger.db');
    await expect(recordAgain(place)).rejects.toThrow('its tail is gone');
    // Nothing was made in its place.
    remove(place, 'ledger.db');
    cpSync(join(newest, 'ledger.db'), join(place, 'ledger.db'));
    expect(statesOf(await recordAgain(place))).toContain('duplicate');
  });

  it('of the keys lets nothing be sealed or signed; balances stand', async () => {
    const place = copyOfNewest();
    remove(place, 'ledger.keys.db');
    expect(await failures(place)).toEqual([
      expect.stringMatching(/^keys: ".+" is missing$/),
      'checkpoints: there is no key to check their signatures with: give --key',
    ]);
    await expect(recordAgain(place)).rejects.toMatchObject({ code: 'signing_key_lost' });
    // Nobody erased anything: the keys are not here.
    const explained = await explainedIn(place);
    expect(explained).toContain('"sealed"');
    expect(explained).not.toContain('"erased"');
  });

  it('of the Merkle log is made again, and holds what was signed', async () => {
    const place = copyOfNewest();
    remove(place, 'ledger.log.db');
    expect(statesOf(await recordAgain(place))).toEqual(['duplicate', 'rejected']);
    const files = [{ kind: 'checkpoint' as const, name: 'kept', bytes: Buffer.from(checkpoint) }];
    expect((await verifyLedger({ url: urlIn(place), files })).holds).toBe(true);
  });

  it('of the read models is folded again', async () => {
    const place = copyOfNewest();
    const before = await explainedIn(place);
    remove(place, 'ledger.views.db');
    expect(statesOf(await recordAgain(place))).toEqual(['duplicate', 'rejected']);
    expect(await explainedIn(place)).toBe(before);
  });

  it('of the access log is found by its anchors', async () => {
    const place = copyOfNewest();
    remove(place, 'ledger.access.ndjson');
    await expect(serviceIn(place)).rejects.toMatchObject({ code: 'access_log_damaged' });
  });

  it('of API keys opens nothing for earlier keys, and the access log goes on', async () => {
    const place = copyOfNewest();
    remove(place, 'ledger.access.db');
    const service = await serviceIn(place);
    expect(service.apiKeys.verify(revokedToken, clock.now())).toEqual({ problem: 'unknown' });
    expect(service.apiKeys.issueFirst(clock.now())).toBeDefined();
    await service.accessLog.record(accessBy('after'));
    expect(service.accessLog.head?.seq).toBe(5);
    await service.close();
  });
});

describe('an older file put back', () => {
  it('of the events is refused while the Merkle log or the read models know more', async () => {
    const place = copyOfNewest();
    putOlder(place, 'ledger.db');
    await expect(recordAgain(place)).rejects.toThrow('its tail is gone');
    putOlder(place, 'ledger.log.db');
    await expect(recordAgain(place)).rejects.toThrow('its tail is gone');
    expect(await failures(place)).toContainEqual(expect.stringContaining('its tail is gone'));
  });

  it('of all files is found by a checkpoint kept outside, and by nothing else', async () => {
    const place = copyOfNewest();
    for (const name of ['ledger.db', 'ledger.log.db', 'ledger.views.db', 'ledger.keys.db'])
      putOlder(place, name);
    expect(await failures(place)).toEqual([]);
    const files = [{ kind: 'checkpoint' as const, name: 'kept', bytes: Buffer.from(checkpoint) }];
    expect((await verifyLedger({ url: urlIn(place), files })).holds).toBe(false);
    expect(statesOf(await recordAgain(place))).toEqual(['accepted', 'duplicate']);
  });

  it.each([
    ['writing', recordAgain],
    ['reading', explainedIn],
    ['signing', signIn],
    ['backing up', backUpIn],
    ['a check', failures],
  ])('of the keys gives no erased key back, opened for %s', async (_, use) => {
    const place = copyOfNewest();
    putOlder(place, 'ledger.keys.db');
    const keys = KeyStore.open(join(place, 'ledger.keys.db'));
    expect(keys.stateOf(erased)).toBe('held');
    keys.close();
    await use(place);
    const after = KeyStore.open(join(place, 'ledger.keys.db'));
    expect(after.stateOf(erased)).toBe('destroyed');
    after.close();
  });

  it('of the keys is noticed by the doctor', async () => {
    const place = copyOfNewest();
    putOlder(place, 'ledger.keys.db');
    const erasedChecks = async (): Promise<readonly unknown[]> =>
      (await diagnose(urlIn(place), false)).diagnoses.filter(({ check }) => check === 'erased');
    expect(await erasedChecks()).toMatchObject([
      { status: 'warn', found: expect.stringMatching(/^1 key of erased subjects/) as string },
    ]);
    expect(await erasedChecks()).toMatchObject([{ status: 'ok' }]);
  });

  it('of the Merkle log catches up, and holds what was signed since', async () => {
    const place = copyOfNewest();
    putOlder(place, 'ledger.log.db');
    expect(statesOf(await recordAgain(place))).toEqual(['duplicate', 'rejected']);
    const files = [{ kind: 'checkpoint' as const, name: 'kept', bytes: Buffer.from(checkpoint) }];
    expect((await verifyLedger({ url: urlIn(place), files })).holds).toBe(true);
  });

  it('of the read models catches up', async () => {
    const place = copyOfNewest();
    const before = await explainedIn(place);
    putOlder(place, 'ledger.views.db');
    expect(statesOf(await recordAgain(place))).toEqual(['duplicate', 'rejected']);
    expect(await explainedIn(place)).toBe(before);
  });

  it('of the access log is refused', async () => {
    const place = copyOfNewest();
    putOlder(place, 'ledger.access.ndjson');
    await expect(serviceIn(place)).rejects.toThrow('its tail was cut off');
  });

  // Nothing outside the file says what was revoked: docs/operations.md names what to do.
  it('of API keys makes a revoked key valid again, and the access log goes on', async () => {
    const place = copyOfNewest();
    putOlder(place, 'ledger.access.db');
    const service = await serviceIn(place);
    expect(service.apiKeys.verify(revokedToken, clock.now()).principal).toBeDefined();
    expect(service.accessLog.head?.seq).toBe(4);
    await service.close();
  });
});

it('a clock that is set back never sets recordedAt back', async () => {
  const place = copyOfNewest();
  const opened = await ledgerIn(place, { now: () => instantOf(Date.UTC(2018, 0, 1)) });
  const admitted = { command: 'AdmitAgency', data: { agencyId: 'late', name: 'Late' } };
  const outcomes = await sendLines(opened, [admitted], {
    now: () => instantOf(Date.UTC(2018, 0, 1)),
  });
  expect(outcomes.map(({ outcome }) => outcome.status)).toEqual(['accepted']);
  await opened.checkpoint();
  await opened.close();
  const store = openSqliteEventStore(join(place, 'ledger.db'), { access: 'read' });
  const instants: string[] = [];
  for await (const batch of store.readAll())
    instants.push(...batch.map((record) => readEvent(record).recordedAt));
  await store.close();
  expect(instants).toEqual([...instants].sort());
  expect((await verifyLedger({ url: urlIn(place) })).holds).toBe(true);
});
