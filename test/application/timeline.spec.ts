import { shanghai, type Line } from '../support/given.js';
import { admit, appeal, deduct, on, revoke } from '../support/lines.js';
import { TestLedger } from '../support/test-ledger.js';
import type { Timeline } from '@penalty-ledger/application';
import type { Instant } from '@penalty-ledger/ledger';

let ledger: TestLedger;
afterEach(() => ledger.close());

const entered = '2019-11-01';
/** A year that was entered on one day in November. */
const lines: readonly Line[] = [
  on(entered, admit({ effectiveAt: shanghai('2019-01-01') })),
  on(entered, deduct('d2', 20, placed('2019-05-01'))),
  on(entered, deduct('d1', 40, placed('2019-03-01'))),
  on(entered, appeal('p1', ['d1'], { initiatedAt: shanghai('2019-03-04'), grounds: '场次漏记' })),
  on(entered, revoke('d2')),
];

function placed(at: string): Line['data'] {
  return { occurredAt: shanghai(at), effectiveAt: shanghai(at), notifiedAt: shanghai(at) };
}

async function timeline(more: object = {}): Promise<Timeline> {
  const asked = { agencyId: 'a1', limit: 100, ...more };
  return (await ledger.reader.timeline(asked)) as Timeline;
}

const placesIn = ({ acts }: Timeline): string[] =>
  acts.map(({ type, at, recordedAt }) => `${type} ${at.slice(0, 10)} ${recordedAt.slice(0, 10)}`);

beforeEach(async () => {
  ledger = await TestLedger.open('observer');
  for (const { at, ...line } of lines)
    expect(await ledger.apply({ at: shanghai(at), ...line })).toMatchObject({ status: 'accepted' });
});

it('is in the order of effect, with the recording beside it', async () => {
  expect(placesIn(await timeline())).toEqual([
    'AgencyAdmitted 2019-01-01 2019-11-01',
    'DeductionImposed 2019-03-01 2019-11-01',
    'AppealInitiated 2019-03-04 2019-11-01',
    'DeductionImposed 2019-05-01 2019-11-01',
    'DeductionRevoked 2019-11-01 2019-11-01',
  ]);
  const { acts } = await timeline();
  expect(acts[2]?.texts).toEqual({ grounds: '场次漏记' });
});

it('is in the order of recording on request', async () => {
  const { acts } = await timeline({ sort: 'revision' });
  expect(acts.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
});

it('ends at E by effect', async () => {
  const effectiveAt = new Date(shanghai('2019-03-04')).toISOString() as Instant;
  expect(placesIn(await timeline({ effectiveAt }))).toHaveLength(3);
});
