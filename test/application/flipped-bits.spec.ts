import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAccessLog, verifyAccessLog } from '@penalty-ledger/application/access-log';
import { endingOf } from '../../apps/cli/src/terminal/exit-codes.js';
import { sampleClock } from '../read-models/sample-ledger.js';
import { temporaryFolder } from '../support/folder.js';
import {
  accessBy,
  explainedIn,
  recordIn,
  serviceIn,
  someLines,
} from '../support/ledger-with-service.js';
import { rounds } from '../support/rounds.js';

jest.setTimeout(120_000 * rounds);

const folder = temporaryFolder();
const clean = join(folder, 'clean');
const clock = sampleClock();
const added = {
  command: 'RecordDeduction',
  data: {
    deductionId: 'd-new',
    agencyId: 'a1',
    points: 1,
    clause: 'improper-operation',
    occurredAt: '2019-04-03T08:00:00Z',
    notice: { text: 'a notice sealed after the flip' },
  },
};
const entriesLogged = 30;
const tokens = { open: '', revoked: '' };
let explained: string;

beforeAll(async () => {
  mkdirSync(clean);
  expect(new Set(await recordIn(clean, someLines))).toEqual(new Set(['accepted']));
  explained = await explainedIn(clean);
  const service = await serviceIn(clean);
  tokens.open = service.apiKeys.issueFirst(clock.now())!.token;
  const revoked = service.apiKeys.issue(
    { label: 'x', holder: 'h', roles: ['auditor'] },
    clock.now(),
  );
  service.apiKeys.revoke(revoked.key.id, clock.now());
  tokens.revoked = revoked.token;
  service.webhooks.add({ url: 'https://hooks.example.com/' }, undefined, clock.now());
  for (let n = 0; n < entriesLogged; n += 1)
    await service.accessLog.record(accessBy(`r${String(n)}`));
  await service.close();
});

/** Numbers below a bound, the same in every run. */
function* numbersBelow(bound: number, seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield Math.floor((state / 2 ** 32) * bound);
  }
}

/** Bits of a file, in bytes that hold something. */
function bitsOf(bytes: Buffer, count: number): readonly number[] {
  const numbers = numbersBelow(bytes.length * 8, 16);
  return Array.from({ length: count }, () => {
    for (;;) {
      const bit = numbers.next().value;
      if (bytes[bit >> 3] !== 0) return bit;
    }
  });
}

/** Flips each of some bits of a file in a copy of its own, and lets `check` use the copy. */
async function withEachFlip(
  name: string,
  check: (place: string, path: string) => Promise<void>,
): Promise<void> {
  const bytes = readFileSync(join(clean, name));
  for (const bit of bitsOf(bytes, 8 * rounds)) {
    const place = join(folder, 'flipped');
    cpSync(clean, place, { recursive: true });
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(join(place, name), flipped);
    try {
      await check(place, join(place, name));
    } catch (cause) {
      throw new Error(`bit ${String(bit)} of ${name}: ${String(cause)}`, { cause });
    }
    rmSync(place, { recursive: true });
  }
}

/** The reason why work was refused, as `ledger` prints it; `undefined` when it was done. */
async function refusalOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'matcherResult' in error) throw error;
    const { exitCode, message, hint = message } = endingOf(error);
    expect(exitCode).toBe(3);
    expect(hint).not.toContain('LEDGER_DEBUG');
    return `${message}\n${hint}`;
  }
}

/** Every command is there already, the new one is taken, and the answers are as before. */
async function recordAgain(place: string): Promise<void> {
  const statuses = await recordIn(place, [...someLines, added]);
  expect(statuses.filter((status) => status !== 'duplicate')).toEqual(['accepted']);
}

async function askAgain(place: string): Promise<void> {
  expect(await explainedIn(place)).toBe(explained);
}

describe('a flipped bit in', () => {
  it('the events is refused with the event or the file, or changes nothing', async () => {
    let refusals = 0;
    await withEachFlip('ledger.db', async (place, path) => {
      for (const work of [recordAgain, askAgain]) {
        const refusal = await refusalOf(() => work(place));
        if (refusal === undefined) continue;
        refusals += 1;
        if (!refusal.startsWith('damaged event (stream ')) expect(refusal).toContain(path);
        expect(refusal).toContain('restore the store from a backup');
      }
    });
    expect(refusals).toBeGreaterThan(0);
  });

  it('the keys seals, signs and reads nothing with another key', async () => {
    let refusals = 0;
    await withEachFlip('ledger.keys.db', async (place, path) => {
      for (const work of [recordAgain, askAgain]) {
        const refusal = await refusalOf(() => work(place));
        if (refusal === undefined) continue;
        refusals += 1;
        expect(refusal).toContain(path);
        expect(refusal).toMatch(/restore the key file from its (?:own )?backup/);
      }
    });
    expect(refusals).toBeGreaterThan(0);
  });

  it('the Merkle log signs nothing else, and answers go on', async () => {
    let refusals = 0;
    await withEachFlip('ledger.log.db', async (place) => {
      const refusal = await refusalOf(() => recordAgain(place));
      if (refusal !== undefined) {
        refusals += 1;
        expect(refusal).toMatch(/checkpoint --rebuild|restore the \.log\.db from a backup/);
      }
      await askAgain(place);
    });
    expect(refusals).toBeGreaterThan(0);
  });

  it('the access file opens nothing for a revoked key', async () => {
    let refusals = 0;
    await withEachFlip('ledger.access.db', async (place, path) => {
      const refusal = await refusalOf(async () => {
        const service = await serviceIn(place);
        expect(service.apiKeys.verify(tokens.revoked, clock.now()).principal).toBeUndefined();
        service.webhooks.list();
        await service.accessLog.record(accessBy('after'));
        await service.close();
      });
      if (refusal === undefined) return;
      refusals += 1;
      // An anchor that was changed does not fit the access log.
      if (!refusal.includes('ledger.access.ndjson')) expect(refusal).toContain(path);
    });
    expect(refusals).toBeGreaterThan(0);
  });

  it('the access log is found by reading and by its verification', async () => {
    await withEachFlip('ledger.access.ndjson', async (place, path) => {
      const refusal = await refusalOf(async () => {
        const service = await serviceIn(place);
        try {
          let after = -1;
          for (let next: number | undefined = -1; next !== undefined; after = next ?? after)
            ({ next } = await readAccessLog(path, service.anchors, { after: next, limit: 9 }));
        } finally {
          await service.close();
        }
      });
      expect(refusal).toContain(path);
      const { damage } = await verifyAccessLog(path);
      expect(damage).toBeDefined();
    });
  });
});
