import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openSqliteEventStore, type StoredEvent } from '@penalty-ledger/event-store';
import fc from 'fast-check';
import { rounds } from '../support/rounds.js';

const kills = 12 * rounds;
const seed = 20250301;

/** Milliseconds from the first acknowledgement to the kill: mostly short, the same in every run. */
const delaysMs = fc.sample(fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 400 })), {
  seed,
  numRuns: kills,
});

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Appends in another process, kills it without warning, and returns the acknowledged ids. */
async function appendUntilKilled(
  file: string,
  run: string,
  delayMs: number,
): Promise<readonly string[]> {
  const script = join(__dirname, 'appending-process.mjs');
  const child = spawn(process.execPath, [script, file, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  const closed = once(child, 'close');
  try {
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await Promise.race([once(child.stdout, 'data'), closed]);
    await pause(delayMs);
  } finally {
    child.kill('SIGKILL');
  }
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return Buffer.concat(chunks).toString().split('\n').slice(0, -1);
}

/** Reads the whole store, each stream with its chain; the ids found. */
async function check(file: string): Promise<ReadonlySet<string>> {
  const store = openSqliteEventStore(file, { access: 'write' });
  try {
    const ids = new Set<string>();
    const lengths = new Map<string, number>();
    const batches = new Map<string, number>();
    for await (const batch of store.readAll()) {
      for (const event of batch) {
        assert(!ids.has(event.id), `${event.id} is there twice`);
        ids.add(event.id);
        assert.equal(event.revision, lengths.get(event.stream) ?? 0);
        lengths.set(event.stream, event.revision + 1);
        const sentIn = commandIdOf(event);
        batches.set(sentIn, (batches.get(sentIn) ?? 0) + 1);
      }
    }
    for (const [sentIn, count] of batches)
      assert.equal(count, Number(sentIn.split('/').at(-1)), `half of ${sentIn}`);
    for (const [stream, length] of lengths) {
      let read = 0;
      for await (const batch of store.readStream(stream)) read += batch.length;
      assert.equal(read, length);
    }
    return ids;
  } finally {
    await store.close();
  }
}

function commandIdOf(event: StoredEvent): string {
  return (JSON.parse(event.body) as { causation: { commandId: string } }).causation.commandId;
}

it(
  'keeps every acknowledged event, once and in its chain, however often the process is killed',
  async () => {
    const file = join(folder, 'ledger.db');
    const acknowledged: string[] = [];
    for (const [run, delayMs] of delaysMs.entries()) {
      const ids = await appendUntilKilled(file, String(run), delayMs);
      expect(ids.length).toBeGreaterThan(0);
      acknowledged.push(...ids);
      const found = await check(file);
      expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
    }
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
  },
  60_000 * rounds,
);
