import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { openReader } from '@penalty-ledger/application';
import { verifyBackup } from '@penalty-ledger/application/backing-up';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { ledgerProgram } from '../cli/transcript.js';
import { temporaryFolder } from '../support/folder.js';

jest.setTimeout(240_000);

const folder = temporaryFolder();
const urlOf = (name: string): string => `sqlite:${join(folder, name, 'ledger.db')}`;
const saved = join(folder, 'saved');
const sessionCount = 15_000;
const creators = 30;
/** Milliseconds after a process began to write at which it is killed. */
const kills = [0, 3, 10, 30, 80, 200];

function linesOfImport(): string {
  const effectiveAt = '2018-01-01T00:00:00+08:00';
  const start = Date.parse('2019-04-01T00:00:00+08:00');
  const lines = [
    { command: 'AdmitAgency', data: { agencyId: 'a1', name: '机构', effectiveAt } },
    ...Array.from({ length: creators }, (_, index) => ({
      command: 'BindCreator',
      data: { agencyId: 'a1', creatorId: `c${index}`, name: `主播${index}`, effectiveAt },
    })),
    ...Array.from({ length: sessionCount }, (_, index) => ({
      command: 'RecordSession',
      data: {
        sessionId: `s${index}`,
        creatorId: `c${index % creators}`,
        startedAt: new Date(start + index * 100_000).toISOString(),
        endedAt: new Date(start + index * 100_000 + 3_600_000).toISOString(),
      },
    })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const ledger = (...typed: string[]): ChildProcess =>
  spawn(process.execPath, [ledgerProgram, ...typed], {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: folder,
  });

async function ended(child: ChildProcess): Promise<number | null> {
  child.stdout?.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

/** Runs a command, and kills it some time after a file appeared. */
async function killed(path: string, afterMs: number, ...typed: string[]): Promise<void> {
  const child = ledger(...typed);
  const end = ended(child);
  while (!existsSync(path) && child.exitCode === null) await wait(1);
  await wait(afterMs);
  child.kill('SIGKILL');
  await end;
}

/**
 * An import that waits while its outcomes are not read: they are read as far as is allowed, so that
 * it runs beside every backup and ends after the last.
 */
class HeldImport {
  readonly acknowledged: number[] = [];
  readonly end: Promise<number | null>;
  readonly child: ChildProcess;
  readonly #lines;
  #allowed = 1_000;

  constructor(file: string) {
    this.child = ledger('import', file, '--store', urlOf('live'));
    this.end = once(this.child, 'close').then(([code]) => code as number | null);
    this.#lines = createInterface(this.child.stdout!);
    this.#lines.on('line', (line) => {
      const { line: number, status } = JSON.parse(line) as { line: number; status: string };
      expect(status).not.toBe('rejected');
      this.acknowledged.push(number);
      if (this.acknowledged.length >= this.#allowed) this.#lines.pause();
    });
  }

  allow(more: number): void {
    this.#allowed += more;
    this.#lines.resume();
  }
}

async function bodiesOf(name: string): Promise<readonly string[]> {
  const store = openSqliteEventStore(join(folder, name, 'ledger.db'), { access: 'read' });
  const bodies: string[] = [];
  for await (const batch of store.readAll()) bodies.push(...batch.map(({ body }) => body));
  await store.close();
  return bodies;
}

it('a backup beside an import, and its restore, survive kills at any point', async () => {
  const file = join(folder, 'sessions.ndjson');
  await writeFile(file, linesOfImport());
  const running = new HeldImport(file);
  while (running.acknowledged.length < 1_000) await wait(50);

  for (const afterMs of kills) {
    running.allow(1_000);
    await killed(join(saved, 'events.partial'), afterMs, 'backup', saved, '--store', urlOf('live'));
    // The first runs may leave nothing but the empty manifest.
    const { events, holds } = await verifyBackup({ folder: saved });
    expect(holds).toBe(events > 0);
  }
  running.allow(1_000);
  const acknowledged = [...running.acknowledged];
  expect(running.child.exitCode).toBeNull();
  expect(await ended(ledger('backup', saved, '--store', urlOf('live')))).toBe(0);
  running.allow(sessionCount);
  const { events } = await verifyBackup({ folder: saved });

  const begun = join(folder, 'restored', 'ledger.restoring');
  for (const afterMs of kills) {
    await killed(begun, afterMs, 'restore', saved, '--to', urlOf('restored'));
    if (!existsSync(begun)) break;
    await expect(openReader(urlOf('restored'))).rejects.toMatchObject({
      code: 'restore_unfinished',
    });
  }
  if (existsSync(begun))
    expect(await ended(ledger('restore', saved, '--to', urlOf('restored')))).toBe(0);
  expect(await running.end).toBe(0);

  const restored = await bodiesOf('restored');
  expect(restored).toHaveLength(events);
  expect(restored).toEqual((await bodiesOf('live')).slice(0, events));
  const sessions = restored.flatMap((body) => /"sessionId":"(s\d+)"/.exec(body)?.[1] ?? []);
  expect(new Set(sessions).size).toBe(sessions.length);
  const isThere = new Set(sessions);
  const sessionOf = (line: number): string => `s${line - creators - 2}`;
  const missing = acknowledged.filter(
    (line) => line > creators + 1 && !isThere.has(sessionOf(line)),
  );
  expect(missing).toEqual([]);

  expect(await ended(ledger('backup', saved, '--store', urlOf('live')))).toBe(0);
  expect((await verifyBackup({ folder: saved })).events).toBe((await bodiesOf('live')).length);
});
