import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReader, readQuery } from '@penalty-ledger/application';
import { backupLedger, restoreLedger } from '@penalty-ledger/application/backing-up';
import { copyLedger } from '@penalty-ledger/application/copying';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { readEvent } from '@penalty-ledger/ledger';
import { temporaryFolder } from '../support/folder.js';
import { recordIn, urlIn } from '../support/ledger-with-service.js';

const folder = temporaryFolder();
const one = join(folder, 'one');
const legalPersonId = 'lp-91330100MA2B0';
const effectiveAt = '2019-01-02T10:00:00+08:00';

const admission = (agencyId: string, person = legalPersonId): object => ({
  command: 'AdmitAgency',
  data: { agencyId, name: `机构 ${agencyId}`, legalPersonId: person, effectiveAt },
});

/** The names of legal persons in the events of a ledger, by agency. */
async function legalPersonsIn(place: string): Promise<Record<string, string | undefined>> {
  const store = openSqliteEventStore(join(place, 'ledger.db'), { access: 'read' });
  const found: Record<string, string | undefined> = {};
  for await (const batch of store.readAll())
    for (const record of batch) {
      const event = readEvent(record);
      if (event.type === 'AgencyAdmitted') found[event.data.agencyId] = event.data.legalPerson;
    }
  await store.close();
  return found;
}

async function bannedRelativesIn(place: string, agencyId: string): Promise<unknown> {
  const { reader, close } = await openReader(urlIn(place));
  const read = readQuery({ query: 'explain', agencyId });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  const answer = await reader.answer(read.query);
  await close();
  return (answer as { readonly bannedRelatives?: unknown }).bannedRelatives;
}

beforeAll(async () => {
  const expulsion = { agencyId: 'a1', reason: '累计', effectiveAt: '2019-03-20T10:00:00+08:00' };
  const statuses = await recordIn(one, [
    admission('a1'),
    admission('a1'),
    admission('a1', 'lp-other'),
    { command: 'RecordExpulsion', data: expulsion },
    admission('a2'),
    admission('a3', 'lp-other'),
  ]);
  expect(statuses).toEqual([
    'accepted',
    'duplicate',
    'rejected',
    'accepted',
    'accepted',
    'accepted',
  ]);
});

it('one legal person has one name in the events, and another has another', async () => {
  const { a1, a2, a3 } = await legalPersonsIn(one);
  expect(a1).toMatch(/^hmac-sha256:[A-Za-z0-9_-]{43}$/);
  expect(a2).toBe(a1);
  expect(a3).not.toBe(a1);
});

it('no file of the ledger has its id', () => {
  for (const name of readdirSync(one))
    expect([name, readFileSync(join(one, name)).includes(legalPersonId)]).toEqual([name, false]);
});

it('the agencies of one legal person are found, and the ledger holds', async () => {
  expect(await bannedRelativesIn(one, 'a2')).toEqual(['a1']);
  expect(await bannedRelativesIn(one, 'a3')).toEqual([]);
  expect(await verifyLedger({ url: urlIn(one) })).toMatchObject({ holds: true });
});

it('another ledger names it otherwise', async () => {
  const other = join(folder, 'other');
  await recordIn(other, [admission('a1')]);
  expect((await legalPersonsIn(other))['a1']).not.toBe((await legalPersonsIn(one))['a1']);
});

it.each([
  [
    'a copy',
    async (place: string) => {
      await copyLedger({ from: urlIn(one), to: urlIn(place), keys: true });
    },
  ],
  [
    'a restored backup',
    async (place: string) => {
      const [saved, path] = [join(folder, 'saved'), join(folder, 'saved.keys')];
      await backupLedger({
        url: urlIn(one),
        folder: saved,
        keys: { path, seal: { to: 'nobody' } },
      });
      await restoreLedger({ folder: saved, to: urlIn(place), keys: { path } });
    },
  ],
])('%s names it as before', async (name, make) => {
  const place = join(folder, name);
  await make(place);
  await recordIn(place, [admission('a9')]);
  const { a1, a9 } = await legalPersonsIn(place);
  expect(a9).toBe(a1);
  expect(await bannedRelativesIn(place, 'a9')).toEqual(['a1']);
});
