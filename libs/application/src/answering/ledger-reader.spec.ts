import { MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import {
  agencyStream,
  aliMcn20190307,
  readCommandLine,
  type CommandLine,
  type Instant,
  type Rulebook,
  Sentence,
} from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';
import { KeyStore } from '../keys/key-store.js';
import { LedgerReader } from './ledger-reader.js';
import { LedgerWriter } from '../recording/ledger-writer.js';

const now = '2019-06-01T00:00:00.000Z' as Instant;
const clock = { now: () => now };

let store: MemoryEventStore;
let ledger: LedgerWriter;
let reader: LedgerReader;

async function newReader(): Promise<LedgerReader> {
  const parts = {
    store,
    keys: KeyStore.open(':memory:'),
    readModels: ReadModels.open(':memory:'),
    clock,
  };
  return (await LedgerReader.open({ ...parts, zoneDataVersion: 'test' }))!;
}

function lineOf(command: string, data: object): CommandLine {
  const read = readCommandLine({ command, data });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  return read.line;
}

async function handle(command: string, data: object): Promise<void> {
  expect(await ledger.handle(lineOf(command, data), now)).toMatchObject({ status: 'accepted' });
}

const deduct = (deductionId: string, agencyId = 'a1'): Promise<void> =>
  handle('RecordDeduction', {
    deductionId,
    agencyId,
    points: 1,
    clause: 'improper-operation',
    occurredAt: '2019-03-01T00:00:00Z',
  });

const balanceOf = (asked: LedgerReader, agencyId = 'a1') =>
  asked.answer({ query: 'balance', agencyId });

beforeEach(async () => {
  store = new MemoryEventStore(new MemoryLog());
  const settings = {
    ledgerId: 'l1',
    mode: 'observer',
    simulation: false,
    zone: 'Asia/Shanghai',
  } as const;
  ledger = (await LedgerWriter.open(
    {
      store,
      keys: KeyStore.open(':memory:'),
      readModels: ReadModels.open(':memory:'),
      zoneDataVersion: 'test',
    },
    { settings, at: '2019-01-01T00:00:00.000Z' as Instant, actor: 'import' },
  ))!;
  for (const agencyId of ['a1', 'a2'])
    await handle('AdmitAgency', { agencyId, name: '云帆', effectiveAt: '2019-01-02T00:00:00Z' });
  reader = await newReader();
});

afterEach(() => ledger.close());

it('a clock that was set back hides nothing that was recorded before', async () => {
  await deduct('d1');
  const parts = {
    store,
    keys: KeyStore.open(':memory:'),
    readModels: ReadModels.open(':memory:'),
    clock: { now: () => '2019-05-01T00:00:00.000Z' as Instant },
    zoneDataVersion: 'test',
  };
  const behind = (await LedgerReader.open(parts))!;
  expect(await balanceOf(behind)).toEqual(await balanceOf(reader));
});

it('a history that is kept takes in later events without being read again', async () => {
  await deduct('d1');
  expect(await balanceOf(reader)).toMatchObject({ balance: 1 });
  expect(await balanceOf(reader, 'a2')).toMatchObject({ balance: 0 });
  const read = jest.spyOn(store, 'readStream');
  await deduct('d2');
  await deduct('d3', 'a2');
  expect([await balanceOf(reader), await balanceOf(reader, 'a2')]).toMatchObject([
    { balance: 2 },
    { balance: 1 },
  ]);
  const streams = read.mock.calls.map(([stream]) => stream);
  read.mockRestore();
  expect(streams).not.toContain(agencyStream('a1'));
  expect(streams).not.toContain(agencyStream('a2'));
  expect(await balanceOf(reader)).toEqual(await balanceOf(await newReader()));
});

it('a reader that is far behind begins anew, with the same answer', async () => {
  await balanceOf(reader);
  const lines = Array.from({ length: 2_100 }, (_, index) => {
    const data = { agencyId: 'a1', postId: `p${index}`, occurredAt: '2019-03-01T00:00:00Z' };
    return { line: lineOf('RecordGrowthPost', data), now };
  });
  await ledger.handleAll(lines);
  await deduct('d1');
  expect(await balanceOf(reader)).toMatchObject({ balance: 1 });
  expect(await balanceOf(reader)).toEqual(await balanceOf(await newReader()));
});

it('questions asked during an update rest on all events appended before them', async () => {
  const first = balanceOf(reader);
  await deduct('d1');
  const others = await Promise.all([balanceOf(reader), balanceOf(reader), balanceOf(reader)]);
  expect(others).toMatchObject([{ balance: 1 }, { balance: 1 }, { balance: 1 }]);
  await first;
});

it('a look at the store that fails fails one question, and the next one is answered', async () => {
  const head = jest.spyOn(store, 'head').mockRejectedValueOnce(new Error('away'));
  await expect(balanceOf(reader)).rejects.toThrow('away');
  head.mockRestore();
  expect(await balanceOf(reader)).toMatchObject({ balance: 0 });
});

describe('the nearest ids', () => {
  const ids = async (...asked: Parameters<LedgerReader['nearestIds']>) =>
    (await reader.nearestIds(...asked)).map(({ id }) => id);

  it('are of the kind that was asked for', async () => {
    await deduct('a3');
    expect(await ids('agency', 'a9')).toEqual(['a1', 'a2']);
    expect(await ids('deduction', 'a9')).toEqual(['a3']);
    expect(await ids('appeal', 'a9')).toEqual([]);
  });

  it('are found for creators and sessions too, which are kept elsewhere', async () => {
    await handle('BindCreator', {
      creatorId: 'cr-1',
      agencyId: 'a1',
      effectiveAt: '2019-01-03T00:00:00Z',
    });
    await handle('RecordSession', {
      sessionId: 'zb-1',
      creatorId: 'cr-1',
      startedAt: '2019-02-01T10:00:00Z',
      endedAt: '2019-02-01T12:00:00Z',
    });
    expect(await ids('creator', 'cr-2')).toEqual(['cr-1']);
    expect(await ids('session', 'zb1')).toEqual(['zb-1']);
  });

  it('hold the id itself where it is in use, with the time of its recording', async () => {
    expect(await reader.nearestIds('agency', 'a2')).toEqual([
      { id: 'a2', recordedAt: now },
      { id: 'a1', recordedAt: now },
    ]);
  });
});

describe('a what-if under a rulebook that was sent along', () => {
  const document = {
    ...aliMcn20190307,
    rulebookVersion: 'draft',
    parameters: {
      ...aliMcn20190307.parameters,
      headcountMin: { ...aliMcn20190307.parameters.headcountMin, value: 0 },
    },
  };
  const whatIf = (rulebook: Rulebook) =>
    reader.answer({ query: 'whatif', agencyId: 'a1', rulebook: { document: rulebook } });

  it('states it first, and judges the assessments again', async () => {
    await handle('ComputeAssessment', { month: '2019-05', agencyId: 'a1' });
    await handle('RecordDeduction', {
      deductionId: 'd1',
      agencyId: 'a1',
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: '2019-05-31T12:00:00Z',
      basis: { kind: 'assessment', month: '2019-05' },
    });
    const answer = await whatIf(document);
    expect(Object.keys(answer).slice(0, 2)).toEqual(['whatIf', 'supposing']);
    expect(answer).toMatchObject({
      supposing: { without: [], points: {}, rulebook: { id: 'ali-mcn', rulebookVersion: 'draft' } },
      assessments: [
        { month: '2019-05', recorded: 'failed', whatif: 'passed', deductionIds: ['d1'] },
      ],
      recorded: { balance: 40 },
      whatif: { balance: 40 },
    });
    expect(await whatIf(aliMcn20190307)).toMatchObject({ assessments: [] });
  });

  it('refuses one that contradicts itself', async () => {
    const [clause] = document.clauses;
    expect(await whatIf({ ...document, clauses: [clause!, clause!] })).toEqual({
      error: 'invalid',
      problem: new Sentence({
        en: `query.rulebook: clauses: two have the same id "${clause!.id}"`,
        zh: `query.rulebook：clauses：有两个 id 同为 "${clause!.id}"`,
      }),
    });
  });
});
