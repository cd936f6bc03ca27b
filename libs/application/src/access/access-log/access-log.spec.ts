import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessFile } from '../access-file.js';
import { instantOf, type Instant } from '@penalty-ledger/ledger';
import type { SignerKey } from '@penalty-ledger/merkle-log';
import { KeyStore } from '../../keys/key-store.js';
import { AccessLog, AccessLogStoppedError } from './access-log.js';
import { Anchors } from './anchors.js';
import type { Access, AccessEntry } from './entry.js';
import { AccessLogAge } from './log-age.js';
import { isSignedBy, readCut } from './log-cut.js';
import { readAccessLog } from './read-access-log.js';
import { verifyAccessLog } from './verify-access-log.js';

const folder = mkdtempSync(join(tmpdir(), 'penalty-ledger-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const access: Access = {
  principal: 'key:1f0c9a3b7d4c',
  role: 'auditor',
  method: 'GET',
  route: '/agencies/:agencyId/balance',
  subject: { agencyId: 'a7' },
  status: 200,
  requestId: 'r-1',
};

let number = 0;
let path: string;
let file: AccessFile;
let anchors: Anchors;
let nowMs: number;
beforeEach(() => {
  number += 1;
  path = join(folder, `${number}.ndjson`);
  file = AccessFile.open(':memory:');
  anchors = new Anchors(file);
  nowMs = Date.UTC(2026, 0, 1);
});
afterEach(() => {
  file.close();
});

const open = () => AccessLog.open({ path, anchors, clock: { now: () => instantOf(nowMs) } });
const lines = () => readFileSync(path, 'utf8').split('\n').slice(0, -1);
const entries = () => lines().map((line) => JSON.parse(line) as AccessEntry);

/** A closed log of `count` entries, a second apart. */
async function written(count: number): Promise<void> {
  const log = await open();
  for (let each = 0; each < count; each += 1) {
    nowMs += 1_000;
    await log.record({ ...access, requestId: `r-${each}` });
  }
  await log.close();
}

it('chains entries over restarts, and verifies', async () => {
  await written(3);
  await written(2);
  expect(entries().map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
  expect(entries()[0]).toEqual({
    ...access,
    at: '2026-01-01T00:00:01.000Z',
    requestId: 'r-0',
    seq: 0,
    previous: '0'.repeat(64),
    hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(entries()[3]?.previous).toBe(entries()[2]?.hash);
  expect(await verifyAccessLog(path, anchors.all())).toEqual({
    entries: 5,
    head: { seq: 4, hash: entries()[4]?.hash },
  });
});

it('writes entries that arrive together as one group, in their order, durably', async () => {
  const log = await open();
  const done: number[] = [];
  await Promise.all(
    Array.from({ length: 500 }, async (_, each) => {
      await log.record({ ...access, requestId: `r-${each}` });
      done.push(each);
      expect(log.head!.seq).toBeGreaterThanOrEqual(each);
    }),
  );
  expect(done).toEqual([...done.keys()]);
  expect(entries().map(({ requestId }) => requestId)).toEqual(done.map((each) => `r-${each}`));
  expect(log.pending).toBe(0);
  await log.close();
});

it('a clock that was set back does not make the log go back', async () => {
  await written(2);
  nowMs -= 60_000;
  await written(1);
  expect(entries()[2]?.at).toBe(entries()[1]?.at);
  expect((await verifyAccessLog(path)).damage).toBeUndefined();
});

it('holds the start of a hash in place of a value that is not an id', async () => {
  const log = await open();
  const odd = {
    ...access,
    principal: 'oidc:张三@example.com',
    subject: { agencyId: '张三' },
    requestId: 'x'.repeat(9999),
  };
  await log.record(odd);
  await log.record(odd);
  await log.record({ ...access, principal: null, role: null, status: 401 });
  await log.close();
  expect(readFileSync(path, 'utf8')).not.toMatch(/张三|example/);
  expect(entries()[0]?.principal).toMatch(/^sha256:[0-9a-f]{32}$/);
  expect(entries()[1]?.principal).toBe(entries()[0]?.principal);
  expect(entries()[2]?.principal).toBeNull();
});

describe('verification names the first damage', () => {
  beforeEach(() => written(6));

  it('where any byte was changed', async () => {
    const intact = readFileSync(path);
    for (let at = 0; at < intact.length; at += 7) {
      const altered = Buffer.from(intact);
      altered[at] = altered[at]! ^ 1;
      writeFileSync(path, altered);
      const { damage } = await verifyAccessLog(path, anchors.all());
      const line = intact.subarray(0, at).toString().split('\n').length - 1;
      expect(damage?.seq).toBe(line);
    }
  });

  it.each<[string, (given: string[]) => string[], number, string]>([
    ['an entry is missing', (given) => given.toSpliced(2, 1), 2, 'order'],
    ['the first is missing', (given) => given.slice(1), 0, 'order'],
    ['two changed places', (given) => given.with(2, given[3]!).with(3, given[2]!), 2, 'order'],
    ['one stands twice', (given) => given.toSpliced(2, 0, given[2]!), 3, 'order'],
    ['there is an empty line', (given) => given.toSpliced(2, 0, ''), 2, 'form'],
    ['a member was added', (given) => given.with(2, given[2]!.replace('{', '{"a":1,')), 2, 'form'],
    ['a space was added', (given) => given.with(2, given[2]!.replace('{', '{ ')), 2, 'form'],
    ['the last was cut off', (given) => given.slice(0, -1), 5, 'cut'],
    ['all were cut off', () => [], 0, 'cut'],
  ])('where %s', async (_what, change, seq, kind) => {
    writeFileSync(
      path,
      change(lines())
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect((await verifyAccessLog(path, anchors.all())).damage).toMatchObject({ seq, kind });
  });

  it('where the file is gone', async () => {
    rmSync(path);
    expect((await verifyAccessLog(path, anchors.all())).damage).toMatchObject({
      seq: 0,
      kind: 'cut',
    });
  });

  it('where the whole log was written anew, and chains', async () => {
    const held = anchors.all();
    rmSync(path);
    anchors = new Anchors(AccessFile.open(':memory:'));
    nowMs += 5_000;
    await written(6);
    expect((await verifyAccessLog(path)).damage).toBeUndefined();
    expect((await verifyAccessLog(path, held)).damage).toMatchObject({ seq: 5, kind: 'anchor' });
    expect((await verifyAccessLog(path, [{ seq: 3, hash: 'ab'.repeat(32) }])).damage).toMatchObject(
      { seq: 3 },
    );
  });

  it('where the last line has no end', async () => {
    truncateSync(path, statSync(path).size - 1);
    expect((await verifyAccessLog(path)).damage).toMatchObject({ seq: 5, kind: 'unfinished' });
  });
});

describe('opening', () => {
  beforeEach(() => written(4));

  it('cuts off an unfinished line that a crash left, and goes on', async () => {
    appendFileSync(path, lines()[3]!.slice(0, 40));
    await written(1);
    expect((await verifyAccessLog(path, anchors.all())).entries).toBe(5);
  });

  it('cuts off zeros that a power loss left, with what follows them', async () => {
    file.statement('DELETE FROM accessLogAnchors').run();
    const bytes = readFileSync(path);
    const [first = ''] = lines();
    bytes.fill(0, first.length + 1, 512 * Math.ceil((first.length + 2) / 512));
    writeFileSync(path, bytes);
    expect((await verifyAccessLog(path)).damage).toMatchObject({ seq: 1, kind: 'unfinished' });
    await written(1);
    expect((await verifyAccessLog(path, anchors.all())).entries).toBe(2);
  });

  it.each([
    ['one byte', 100, 101],
    ['a run that ends within a sector', 1, 60],
  ])('refuses zeros that no torn write leaves: %s', async (_, from, to) => {
    file.statement('DELETE FROM accessLogAnchors').run();
    const bytes = readFileSync(path);
    const [first = ''] = lines();
    bytes.fill(0, first.length + from, first.length + to);
    writeFileSync(path, bytes);
    expect((await verifyAccessLog(path)).damage).toMatchObject({ seq: 1, kind: 'form' });
    await expect(open()).rejects.toThrow(`the access log "${path}"`);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('refuses zeros in an entry that an anchor names', async () => {
    const bytes = readFileSync(path);
    bytes.fill(0, bytes.length - lines()[3]!.length, bytes.length - 50);
    writeFileSync(path, bytes);
    await expect(open()).rejects.toThrow('does not hold entry 3');
  });

  it('takes in entries that were written after the last anchor', async () => {
    file.statement('DELETE FROM accessLogAnchors').run();
    const log = await open();
    expect(log.head?.seq).toBe(3);
    await log.close();
    expect(anchors.lastBefore()?.seq).toBe(3);
  });

  it.each<[string, () => void]>([
    ['its tail was cut off', () => truncateSync(path, lines()[0]!.length + 1)],
    ['it is gone', () => rmSync(path)],
    [
      'the anchored entry was replaced',
      () =>
        writeFileSync(
          path,
          readFileSync(path, 'utf8').replace(entries()[3]!.hash, 'ab'.repeat(32)),
        ),
    ],
    ['what follows its anchor is not an entry', () => appendFileSync(path, 'x\n')],
  ])('refuses a log when %s, and changes nothing', async (_what, damage) => {
    damage();
    const content = () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
    const before = content();
    await expect(open()).rejects.toThrow('Nothing is written on it');
    expect(content()).toBe(before);
  });
});

it('stops when another process writes to the file, and refuses every later request', async () => {
  const log = await open();
  await log.record(access);
  appendFileSync(path, `${lines()[0]!}\n`);
  await expect(log.record(access)).rejects.toThrow(AccessLogStoppedError);
  await expect(log.record(access)).rejects.toThrow('cannot be written');
  await log.close();
});

it('is read in pages from the anchor before them', async () => {
  await written(5);
  const first = await readAccessLog(path, anchors, { after: -1, limit: 2 });
  expect([first.entries.map(({ seq }) => seq), first.next]).toEqual([[0, 1], 1]);
  nowMs += 86_400_000;
  await written(3);
  const second = await readAccessLog(path, anchors, { after: 4, limit: 3 });
  expect([second.entries.map(({ seq }) => seq), second.next]).toEqual([[5, 6, 7], undefined]);
});

it('can be verified while it is written', async () => {
  const log = await open();
  await log.record(access);
  const bytes = log.durableBytes;
  appendFileSync(path, '{"half of');
  expect(await verifyAccessLog(path, anchors.all(), bytes)).toEqual({ entries: 1, head: log.head });
  await log.close();
});

it('the example of the specification verifies', async () => {
  const [, example] = readFileSync(
    join(__dirname, '../../../../../docs/spec/access-log.md'),
    'utf8',
  ).split('```');
  writeFileSync(path, example!.trimStart());
  expect((await verifyAccessLog(path)).damage).toBeUndefined();
  expect(entries()).toHaveLength(2);
});

describe('a log that is cut', () => {
  const day = 86_400_000;
  let signer: SignerKey;
  let other: SignerKey;
  beforeAll(() => {
    const keys = KeyStore.open(':memory:');
    [signer, other] = ['penalty-ledger-1', 'penalty-ledger-2'].map((name) => keys.signer(name)) as [
      SignerKey,
      SignerKey,
    ];
    keys.close();
  });

  const openSigned = (by = signer) =>
    AccessLog.open({ path, anchors, clock: { now: () => instantOf(nowMs) }, signers: [by] });
  const at = (date: string): Instant => `${date}T00:00:00.000Z` as Instant;
  const all = 1_000_000;

  /** Opens a log with an entry a day from the second of January 2026 on. */
  async function daily(days: number): Promise<AccessLog> {
    const log = await openSigned();
    for (let each = 0; each < days; each += 1) {
      nowMs += day;
      await log.record({ ...access, requestId: `r-${each}` });
    }
    return log;
  }

  it('goes on as the same chain, and keeps every entry from the instant on', async () => {
    const log = await daily(40);
    const before = entries();
    const cut = await log.cutBefore(at('2026-02-01'), signer, all);
    expect(cut).toMatchObject({ seq: 29, hash: before[29]!.hash, at: at('2026-01-31') });
    await log.record({ ...access, requestId: 'after' });
    const [first, ...left] = lines();
    expect(readCut(first!)).toEqual(cut);
    expect([signer, other].map((key) => isSignedBy(cut!, [key]))).toEqual([true, false]);
    const read = left.map((line) => JSON.parse(line) as AccessEntry);
    expect(read.slice(0, 10)).toEqual(before.slice(30));
    expect(read.at(-2)).toMatchObject({
      route: 'access log cut',
      subject: { entries: '30', upTo: '29', lastHash: cut!.hash },
    });
    expect(read.at(-1)).toMatchObject({ seq: 41, requestId: 'after' });
    await log.close();
    const verdict = await verifyAccessLog(path, anchors.all());
    expect(verdict).toEqual({ entries: 12, head: log.head, cut });
  });

  it('is cut again, opened again and read in pages', async () => {
    const log = await daily(70);
    await log.cutBefore(at('2026-02-01'), signer, all);
    expect(await log.cutBefore(at('2026-02-01'), signer, all)).toBeUndefined();
    expect(await log.cutBefore(at('2026-03-01'), signer, all)).toMatchObject({ seq: 57 });
    await log.close();
    const again = await openSigned();
    await again.record({ ...access, requestId: 'again' });
    await again.close();
    expect(lines()).toHaveLength(1 + 70 - 58 + 2 + 1);
    const first = await readAccessLog(path, anchors, { after: 3, limit: 2 });
    expect(first).toMatchObject({
      entries: [{ seq: 58 }, { seq: 59 }],
      next: 59,
      cut: { seq: 57 },
    });
    const second = await readAccessLog(path, anchors, { after: 59, limit: 2 });
    expect(second).not.toHaveProperty('cut');
    expect(second.entries.map(({ seq }) => seq)).toEqual([60, 61]);
    expect((await verifyAccessLog(path, anchors.all())).damage).toBeUndefined();
  });

  it('takes entries while it is cut, and loses none', async () => {
    const log = await daily(40);
    const cutting = log.cutBefore(at('2026-02-01'), signer, all);
    for (let each = 0; each < 50; each += 1)
      await Promise.all([1, 2].map(() => log.record({ ...access, requestId: `b-${each}` })));
    await cutting;
    await log.record(access);
    await log.close();
    expect(await verifyAccessLog(path, anchors.all())).toMatchObject({ entries: 112 });
  });

  it('is not cut beyond what a second place has, nor within a day that goes on', async () => {
    const log = await daily(40);
    expect(await log.cutBefore(at('2026-02-01'), signer, -1)).toBeUndefined();
    expect(await log.cutBefore(at('2026-02-01'), signer, 7)).toMatchObject({ seq: 7 });
    expect(await log.cutBefore(at('2026-01-09'), signer, all)).toBeUndefined();
    await log.close();
  });

  it('with another key, another entry or fewer entries than its anchors is refused', async () => {
    const log = await daily(40);
    await log.cutBefore(at('2026-02-01'), signer, all);
    await log.close();
    await expect(openSigned(other)).rejects.toThrow('the ledger did not sign that');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('2026-01-31', '2026-01-30'));
    await expect(openSigned()).rejects.toThrow('the ledger did not sign that');
    writeFileSync(path, text.split('\n').slice(1).join('\n'));
    await expect(openSigned()).rejects.toThrow('its tail was cut off');
    expect((await verifyAccessLog(path, anchors.all())).damage).toMatchObject({ kind: 'order' });
    writeFileSync(path, `${text.split('\n').slice(0, -3).join('\n')}\n`);
    await expect(openSigned()).rejects.toThrow('its tail was cut off');
    expect((await verifyAccessLog(path, anchors.all())).damage).toMatchObject({ kind: 'cut' });
    const [kept] = anchors.all().filter(({ seq }) => seq === 29);
    anchors.put({ ...kept!, hash: 'ab'.repeat(32) });
    writeFileSync(path, text);
    await expect(openSigned()).rejects.toThrow('was cut after another entry 29');
    expect((await verifyAccessLog(path, anchors.all())).damage).toMatchObject({ kind: 'anchor' });
  });

  it('keeps as many months as are wanted beside the current one', async () => {
    const log = await daily(70);
    const keep = async (months: number, now: Instant, key: SignerKey | undefined = signer) => {
      const parts = { log, months, clock: { now: () => now }, copied: () => undefined };
      await new AccessLogAge({ ...parts, signer: () => key }).keep();
      return (await readAccessLog(path, anchors, { after: -1, limit: 1 })).entries[0]!.at;
    };
    expect(await keep(2, at('2026-03-12'))).toBe(at('2026-01-02'));
    expect(await keep(1, at('2026-03-31'))).toBe(at('2026-02-01'));
    expect(await keep(1, at('2026-04-01'))).toBe(at('2026-03-01'));
    await log.close();
  });
});
