import { join } from 'node:path';
import { openLedger, LedgerCommands, type OpenedLedger } from '@penalty-ledger/application';
import { openLog, type OpenedLog } from '@penalty-ledger/application/open-log';
import {
  buildGathered,
  buildInItsOwnThread,
  gatherPack,
  type Gather,
  type GatheredPack,
  type LogTurn,
  type PackWanted,
} from '@penalty-ledger/application/packing';
import { verifyPack } from '@penalty-ledger/evidence';
import { parseCheckpoint, parseNote, parseVerifierKey } from '@penalty-ledger/merkle-log';
import { temporaryFolder } from '../support/folder.js';
import { instant } from '../support/given.js';
import { installedStatementPrinter } from '../support/statement-printer.js';

let opened: OpenedLedger;
let log: OpenedLog;

afterAll(async () => {
  await log.close();
  await opened.close();
});
const folder = temporaryFolder();
const clock = { now: () => instant('2019-08-01 09:00') };

async function record(
  ...commands: readonly (readonly [command: string, data: object])[]
): Promise<void> {
  const lines = commands.map(([command, data]) => ({
    line: { command: { command, data } },
    now: clock.now(),
  }));
  const outcomes = await opened.commands.execute(new LedgerCommands(lines as never));
  for (const { status, message } of outcomes)
    if (status === 'rejected') throw new Error(message?.en);
}

const deduction = (deductionId: string, agencyId = 'a1') =>
  [
    'RecordDeduction',
    {
      deductionId,
      agencyId,
      points: 1,
      clause: 'improper-operation',
      occurredAt: instant('2019-06-01 09:00'),
      notice: { text: `notice of ${deductionId}` },
    },
  ] as const;

const evidence = (evidenceId: string, kind: string, id: string) =>
  [
    'RegisterEvidence',
    {
      evidenceId,
      subject: { kind, id },
      title: 't',
      mediaType: 'image/png',
      sha256: '1'.repeat(64),
    },
  ] as const;

const creators = ['c1', 'c2', 'c3', 'c4', 'c5'];

const binding = (command: string, creatorId: string, agencyId: string, at: string) =>
  [command, { creatorId, agencyId, effectiveAt: instant(at) }] as const;

const session = (sessionId: string, startedAt: string, endedAt: string) =>
  [
    'RecordSession',
    { sessionId, creatorId: 'c1', startedAt: instant(startedAt), endedAt: instant(endedAt) },
  ] as const;

beforeAll(async () => {
  const url = `sqlite:${join(folder, 'ledger.db')}`;
  opened = await openLedger({
    url,
    simulation: false,
    openedAt: instant('2019-01-01 00:00'),
    clock,
  });
  for (const agencyId of ['a1', 'a2'])
    await record([
      'AdmitAgency',
      { agencyId, name: agencyId, effectiveAt: instant('2019-01-01 00:00') },
    ]);
  await record(...Array.from({ length: 50 }, (_, n) => deduction(`d${n}`)));
  await record(
    evidence('e1', 'deduction', 'd1'),
    evidence('e2', 'agency', 'a2'),
    ['InitiateAppeal', { appealId: 'p1', agencyId: 'a1', deductionIds: ['d1'], grounds: 'x' }],
    [
      'SubmitEvidence',
      {
        appealId: 'p1',
        items: [{ evidenceId: 'e1', title: 't', mediaType: 'image/png', sha256: '1'.repeat(64) }],
      },
    ],
  );
  await record(
    ...creators.map((creatorId) => binding('BindCreator', creatorId, 'a1', '2019-02-01 00:00')),
    binding('BindCreator', 'c6', 'a2', '2019-02-01 00:00'),
    binding('UnbindCreator', 'c6', 'a2', '2019-03-01 00:00'),
    binding('BindCreator', 'c6', 'a1', '2019-07-01 00:00'),
    session('s1', '2019-05-02 20:00', '2019-05-02 21:00'),
    session('s2', '2019-05-31 23:00', '2019-06-01 01:00'),
    session('s3', '2019-06-01 00:30', '2019-06-01 02:00'),
    session('s4', '2019-07-02 20:00', '2019-07-02 21:00'),
    ...['2019-05', '2019-07'].flatMap((month) => [
      ['ComputeAssessment', { month, agencyId: 'a1' }] as const,
      [
        'RecordDeduction',
        {
          deductionId: `of-${month}`,
          agencyId: 'a1',
          points: 40,
          clause: 'operating-metric-missed',
          occurredAt: instant('2019-07-31 09:00'),
          basis: { kind: 'assessment', month },
        },
      ] as const,
    ]),
  );
  log = await openLog(url, { clock });
});

const wanted: PackWanted = { subject: { agencyId: 'a1' }, period: '2019' };
const undisturbed: LogTurn = (work) => work(log);
const gather = (
  more: Partial<PackWanted> = {},
  how: Gather = {},
  turn = undisturbed,
): Promise<GatheredPack> => gatherPack(turn, { ...wanted, ...more }, how);

const sizeOf = ({ checkpoint }: GatheredPack): number =>
  parseCheckpoint(parseNote(checkpoint).text).size;

it('a pack has one checkpoint, though others are signed between the turns', async () => {
  let turns = 0;
  const busy: LogTurn = async (work) => {
    turns += 1;
    const result = await work(log);
    await record(deduction(`between-${turns}`), deduction(`other-${turns}`, 'a2'));
    await log.checkpoint();
    return result;
  };
  const before = (await gather()).streams.get('agency-a1')!.length;
  const gathered = await gather({}, {}, busy);
  expect(turns).toBeGreaterThan(6);
  expect(gathered.streams.get('agency-a1')).toHaveLength(before);
  expect(sizeOf(gathered)).toBeLessThan(log.sequencer.size);
  const { zip } = buildGathered(gathered, wanted, { printer: installedStatementPrinter() });
  const { holds, checks } = verifyPack(zip, { keys: [parseVerifierKey(log.verifierKey)] });
  expect({ holds, failed: checks.filter(({ result }) => result === 'fails') }).toEqual({
    holds: true,
    failed: [],
  });
});

it('a thread builds the same bytes', async () => {
  const gathered = await gather({ disclose: true });
  const disclosing = { ...wanted, disclose: true };
  const [inThread, here] = [
    await buildInItsOwnThread({ gathered, wanted: disclosing }),
    buildGathered(gathered, disclosing, { printer: installedStatementPrinter() }),
  ];
  expect(Buffer.compare(inThread.zip, here.zip)).toBe(0);
  expect(inThread.pages).toBe(here.pages);
});

it('a thread reports the problem of a pack, and ends when it is aborted', async () => {
  const gathered = await gather();
  const asked = { ...wanted, account: 'no-such-account' };
  await expect(buildInItsOwnThread({ gathered, wanted: asked })).rejects.toMatchObject({
    problem: 'computation_events',
  });
  const ended = new AbortController();
  const building = buildInItsOwnThread({ gathered, wanted }, ended.signal);
  ended.abort();
  await expect(building).rejects.toThrow(/abort/);
});

it('discloses texts of the agency, and of evidence submitted or asked for', async () => {
  expect((await gather({ evidenceIds: ['e2'] })).textKeys.size).toBe(0);
  const titlesIn = async (more: Partial<PackWanted>): Promise<number> => {
    const { textKeys } = await gather({ disclose: true, ...more });
    return [...textKeys.values()].filter((keys) => keys.has('/title')).length;
  };
  expect(await titlesIn({})).toBe(1);
  expect(await titlesIn({ evidenceIds: ['e1', 'e2'] })).toBe(2);
  const { textKeys } = await gather({ disclose: true });
  expect([...textKeys.values()].map((keys) => [...keys.keys()])).toContainEqual(['/noticeText']);
});

it('unregistered evidence and evidence that the caller may not see are refused alike', async () => {
  const unknown = (evidenceId: string) => ({
    code: 'unknown_evidence',
    message: `no evidence "${evidenceId}" was registered`,
  });
  await expect(gather({ evidenceIds: ['e9'] })).rejects.toMatchObject(unknown('e9'));
  expect((await gather({ evidenceIds: ['e2'] })).streams.get('evidence-e2')).toHaveLength(1);
  const maySee: Gather['maySee'] = ({ kind }) => Promise.resolve(kind === 'deduction');
  expect(
    (await gather({ evidenceIds: ['e1'] }, { maySee })).streams.get('evidence-e1'),
  ).toHaveLength(1);
  await expect(gather({ evidenceIds: ['e2'] }, { maySee })).rejects.toMatchObject(unknown('e2'));
  await expect(gather({ subject: { agencyId: 'nobody' } })).rejects.toMatchObject({
    code: 'unknown_agency',
  });
});

it('evidence of an appeal needs the right to see it too; progress is reported', async () => {
  await expect(gather({}, { maySee: () => Promise.resolve(false) })).rejects.toMatchObject({
    code: 'unknown_evidence',
  });
  const progress: (readonly [done: number, of: number])[] = [];
  const { streams } = await gather({}, { onProgress: (done, of) => progress.push([done, of]) });
  const events = [...streams.values()].reduce((sum, { length }) => sum + length, 0);
  expect(progress.at(-1)).toEqual([events, events]);
  expect(progress.length).toBeGreaterThan(4);
});

describe('the assessments that deductions rest on', () => {
  const creatorsOf = (): Promise<readonly string[]> => Promise.resolve([...creators, 'c6']);
  const streamsOf = (...ids: readonly string[]): string[] => ids.map((id) => `creator-${id}`);

  it('come with their sessions and bindings, and are counted again', async () => {
    const gathered = await gather({ disclose: true }, { creatorsOf });
    expect(gathered.assessed).toEqual({
      months: ['2019-05', '2019-07'],
      // One of May runs into June.
      streams: [
        ...['session-a1-2019-05', 'session-a1-2019-06', ...streamsOf(...creators)],
        ...['session-a1-2019-07', 'creator-c6'],
      ],
    });
    const { zip } = buildGathered(gathered, wanted, { printer: installedStatementPrinter() });
    const { checks, holds, manifest, notChecked } = verifyPack(zip, {
      keys: [parseVerifierKey(log.verifierKey)],
    });
    expect(checks.filter(({ result }) => result !== 'holds')).toEqual([]);
    expect({ holds, assessments: manifest?.assessments }).toEqual({
      holds: true,
      assessments: ['2019-05', '2019-07'],
    });
    const said = notChecked.map(({ en }) => en).join();
    expect(said).toContain('whether the assessments of 2019-05, 2019-07 left out a creator');
    expect(said).not.toContain('assessments counted');
  });

  it('leave out a month with which bindings to other agencies would be shown', async () => {
    const { assessed } = await gather({}, { creatorsOf, ownBindingsOnly: true });
    expect(assessed?.months).toEqual(['2019-05']);
    expect(assessed?.streams).not.toContain('creator-c6');
  });

  it('leave out a month that does not come out, and months of no deduction', async () => {
    const fewer = await gather({}, { creatorsOf: () => Promise.resolve(['c1']) });
    expect(fewer.assessed).toBeUndefined();
    expect((await gather({ period: '2018' }, { creatorsOf })).assessed).toBeUndefined();
    const appeal = { subject: { agencyId: 'a1', appealId: 'p1' } };
    expect((await gather(appeal, { creatorsOf })).assessed).toBeUndefined();
    expect((await gather()).assessed).toBeUndefined();
  });
});

it('gathering ends between two turns when it is aborted', async () => {
  const ended = new AbortController();
  let turns = 0;
  const turn: LogTurn = (work) => {
    if ((turns += 1) === 3) ended.abort();
    return work(log);
  };
  await expect(gather({}, { signal: ended.signal }, turn)).rejects.toThrow(/abort/);
  expect(turns).toBe(3);
});
