import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { openReader } from '@penalty-ledger/application';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { readEvent } from '@penalty-ledger/ledger';
import { temporaryFolder } from '../support/folder.js';

jest.setTimeout(120_000);

const program = join(__dirname, '..', '..', 'apps', 'cli', 'dist', 'main.js');
const folder = temporaryFolder();
const url = `sqlite:${join(folder, 'ledger.db')}`;
const agencies = 7;
const creators = 35;
const sessionCount = 8000;

/** Milliseconds after the first outcome: in the middle of batches, commits and read models. */
const delaysMs = [0, 5, 20, 60, 120];

function roster(): string {
  const lines = Array.from({ length: agencies }, (_, index) => ({
    command: 'AdmitAgency',
    data: {
      agencyId: `a${String(index)}`,
      name: `机构${String(index)}`,
      effectiveAt: '2018-01-01T00:00:00+08:00',
    },
  }));
  const bindings = Array.from({ length: creators }, (_, index) => ({
    command: 'BindCreator',
    data: {
      agencyId: `a${String(index % agencies)}`,
      creatorId: `c${String(index)}`,
      effectiveAt: '2018-02-01T00:00:00+08:00',
    },
  }));
  return [...lines, ...bindings].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function sessions(): string {
  const start = Date.parse('2019-04-01T00:00:00+08:00');
  return Array.from({ length: sessionCount }, (_, index) => {
    const startedAt = start + index * 100_000;
    const data = {
      sessionId: `s${String(index)}`,
      creatorId: `c${String((index * 11) % creators)}`,
      startedAt: new Date(startedAt).toISOString(),
      endedAt: new Date(startedAt + 3_600_000).toISOString(),
    };
    return `${JSON.stringify({ command: 'RecordSession', data })}\n`;
  }).join('');
}

interface Run {
  readonly acknowledged: readonly string[];
  readonly signal: NodeJS.Signals | null;
}

/** Imports the sessions, and kills the process some time after its first outcome; the ids of the sessions it acknowledged until then. */
async function importing(file: string, delayMs?: number): Promise<Run> {
  const child = spawn(process.execPath, [program, 'import', file, '--store', url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const acknowledged: string[] = [];
  const closed = once(child, 'close');
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    const outcome = JSON.parse(line) as { line: number; status: string };
    expect(outcome.status).not.toBe('rejected');
    acknowledged.push(`s${String(outcome.line - 1)}`);
  });
  if (delayMs !== undefined) {
    await Promise.race([once(lines, 'line'), closed]);
    await pause(delayMs);
    child.kill('SIGKILL');
  }
  const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
  return { acknowledged, signal };
}

/** How often each session stands in the store, every byte and chain checked. */
async function stored(): Promise<Map<string, number>> {
  const store = openSqliteEventStore(join(folder, 'ledger.db'), { access: 'read' });
  const counts = new Map<string, number>();
  for await (const batch of store.readAll()) {
    for (const record of batch) {
      const { type, data } = readEvent(record);
      if (type !== 'SessionRecorded') continue;
      const { sessionId } = data as { sessionId: string };
      counts.set(sessionId, (counts.get(sessionId) ?? 0) + 1);
    }
  }
  await store.close();
  return counts;
}

it('an import of sessions that is killed again and again ends with each session once, and loses none it acknowledged', async () => {
  const file = join(folder, 'sessions.ndjson');
  await writeFile(join(folder, 'roster.ndjson'), roster());
  await writeFile(file, sessions());
  await importing(join(folder, 'roster.ndjson'));

  let killed = 0;
  for (const delayMs of delaysMs) {
    const { acknowledged, signal } = await importing(file, delayMs);
    if (signal === 'SIGKILL') killed += 1;
    const counts = await stored();
    expect(acknowledged.filter((id) => counts.get(id) !== 1)).toEqual([]);
    expect([...counts.values()].filter((count) => count !== 1)).toEqual([]);
  }
  expect(killed).toBeGreaterThan(1);

  const { acknowledged } = await importing(file);
  expect(acknowledged).toHaveLength(sessionCount);
  expect((await stored()).size).toBe(sessionCount);

  const { reader, close } = await openReader(url);
  expect(await reader.answer({ query: 'session', sessionId: 's7999' })).toMatchObject({
    sessionId: 's7999',
    creatorId: 'c34',
  });
  await close();
});
