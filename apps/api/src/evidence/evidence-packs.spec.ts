import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuiltPack } from '@penalty-ledger/evidence';
import { epochMsOf, instantOf, type Instant } from '@penalty-ledger/ledger';
import type { Principal } from '@penalty-ledger/application/api-keys';
import type { PackState } from './evidence-pack.js';
import {
  EvidencePacks,
  maxKeptForOne,
  maxKept,
  keptMs,
  maxWaiting,
  maxWaitingOfOne,
  type BuildPack,
} from './evidence-packs.js';
import { PackFiles } from './pack-files.js';

const built: BuiltPack = { zip: Buffer.from('a pack'), pages: 1, missingGlyphs: [] };
const wanted = { subject: { agencyId: 'a1' }, period: '2019' };
const requester = (id: string): Principal => ({ id, holder: id, roles: ['officer'] });
const one = requester('key:1');

let folder: string;
let clock: { at: Instant; now: () => Instant };
let packs: EvidencePacks;
let failures: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-packs-'));
  clock = { at: instantOf(Date.UTC(2026, 0, 1)), now: () => clock.at };
  failures = [];
});
afterEach(async () => {
  await packs.close();
  rmSync(folder, { recursive: true });
});

async function open(build: BuildPack): Promise<void> {
  const onError = (error: unknown): void => void failures.push(error);
  packs = new EvidencePacks({ files: await PackFiles.open(folder), clock, build, onError });
}

const later = (ms: number): Instant => instantOf(epochMsOf(clock.at) + ms);

/** Every state of a pack to its end. */
async function statesOf(pack: {
  states: (signal: AbortSignal) => AsyncIterable<PackState>;
}): Promise<string[]> {
  const sent: string[] = [];
  for await (const { status } of pack.states(new AbortController().signal)) sent.push(status);
  return sent;
}

/** A build that waits until it is let go, and counts how many go on at once. */
function held() {
  const going: (() => void)[] = [];
  let atOnce = 0;
  let maxAtOnce = 0;
  const build: BuildPack = async (_wanted, _asker, { signal }) => {
    maxAtOnce = Math.max(maxAtOnce, (atOnce += 1));
    await new Promise<void>((resolve, reject) => {
      going.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    }).finally(() => (atOnce -= 1));
    return built;
  };
  return { build, going, maxAtOnce: () => maxAtOnce };
}

it('builds one at a time in the order asked for, and limits how many wait', async () => {
  const { build, going, maxAtOnce } = held();
  await open(build);
  const asked = [await packs.ask(wanted, one)];
  for (let n = 0; n < maxWaiting; n += 1)
    asked.push(await packs.ask(wanted, requester(`key:2${n}`)));
  await expect(packs.ask(wanted, one)).rejects.toMatchObject({
    code: 'unavailable',
    extras: { retryAfter: 10 },
  });
  expect(asked.map(({ state }) => state.status)).toEqual([
    'building',
    ...Array<string>(maxWaiting).fill('waiting'),
  ]);
  for (const pack of asked) {
    going.shift()!();
    expect((await statesOf(pack)).at(-1)).toBe('ready');
    // The next one begins once this one is stored.
    await new Promise(setImmediate);
  }
  expect(maxAtOnce()).toBe(1);
});

it('requesters take turns, and one may have half of those that wait', async () => {
  const { build, going } = held();
  await open(build);
  const many = [await packs.ask(wanted, one)];
  for (let n = 0; n < maxWaitingOfOne; n += 1) many.push(await packs.ask(wanted, one));
  await expect(packs.ask(wanted, one)).rejects.toMatchObject({ code: 'unavailable' });
  const other = await packs.ask(wanted, requester('key:2'));
  const last = many.at(-1)!;
  await packs.remove(many[2]!);
  for (const pack of [many[0]!, many[1]!, other]) {
    going.shift()!();
    expect((await statesOf(pack)).at(-1)).toBe('ready');
    await new Promise(setImmediate);
  }
  expect(last.state.status).toBe('waiting');
});

it('limits the packs of one asker and of all, until a deletion or an hour', async () => {
  await open(() => Promise.resolve(built));
  const made = async (by: Principal) => {
    const pack = await packs.ask(wanted, by);
    await statesOf(pack);
    return pack;
  };
  const first = await made(one);
  for (let n = 1; n < maxKeptForOne; n += 1) await made(one);
  clock.at = later(600_000);
  await expect(packs.ask(wanted, one)).rejects.toMatchObject({
    code: 'unavailable',
    extras: { retryAfter: 3_000 },
  });
  for (let n = 0; n < maxKept - maxKeptForOne; n += 1) await made(requester(`key:2${n % 8}`));
  await expect(packs.ask(wanted, requester('key:3'))).rejects.toMatchObject({
    code: 'unavailable',
  });
  await packs.remove(first);
  await made(one);
  clock.at = later(keptMs);
  await packs.sweep();
  expect(readdirSync(folder)).toEqual([]);
});

it('a pack that is deleted while it is built is not made, and listeners see that', async () => {
  const { build } = held();
  await open(build);
  const pack = await packs.ask(wanted, one);
  const sent = statesOf(pack);
  await packs.remove(pack);
  expect((await sent).at(-1)).toBe('gone');
  expect(() => packs.find(pack.id, one)).toThrow(
    expect.objectContaining({ code: 'unknown_pack' }) as Error,
  );
  expect(failures).toEqual([]);
});

it('a pack that fails says why, and is forgotten after an hour like any other', async () => {
  const cause = new Error('no font');
  await open(() => Promise.reject(cause));
  const pack = await packs.ask(wanted, one);
  expect((await statesOf(pack)).at(-1)).toBe('failed');
  expect(pack.state).toEqual({ status: 'failed', error: cause, expiresAt: later(keptMs) });
  expect(failures).toEqual([cause]);
  clock.at = later(keptMs);
  expect(() => packs.find(pack.id, one)).toThrow(
    expect.objectContaining({ code: 'unknown_pack' }) as Error,
  );
});

it('a closing service leaves no pack, and a starting one removes old packs', async () => {
  const left = [
    '00000000-0000-4000-8000-000000000000.zip',
    '00000000-0000-4000-8000-000000000000.part',
    'notes.txt',
  ];
  for (const name of left) writeFileSync(join(folder, name), 'x');
  await open(() => Promise.resolve(built));
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  const pack = await packs.ask(wanted, one);
  await statesOf(pack);
  expect(readdirSync(folder)).toHaveLength(2);
  await packs.close();
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  await expect(packs.ask(wanted, one)).rejects.toMatchObject({ code: 'unavailable' });
});

it('a file that could not be written whole is not there', async () => {
  const files = await PackFiles.open(folder);
  await open(() => Promise.resolve(built));
  const id = '00000000-0000-4000-8000-000000000000';
  await expect(files.write(id, 7 as never)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
  expect(await files.read(id)).toBeUndefined();
});
