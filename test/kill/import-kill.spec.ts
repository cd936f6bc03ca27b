import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openReader } from '@penalty-ledger/application';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { readEvent } from '@penalty-ledger/ledger';
import { temporaryFolder } from '../support/folder.js';

jest.setTimeout(120_000);

const program = join(__dirname, '..', '..', 'apps', 'cli', 'bin', 'ledger.js');
const folder = temporaryFolder();
const url = `sqlite:${join(folder, 'ledger.db')}`;
const agencies = 7;
const creators = 35;
const sessionCount = 4000;

/**
 * Outcomes after which the process is killed. It waits while its outcomes are not read, so it is
 * never far ahead of these, and 4,000 are never all written.
 */
const killedAfter = [1, 700, 1_400];

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

/** Imports a file, kills the process after some outcomes, and returns the acknowledged ids. */
async function importing(file: string, killAfter?: number): Promise<Run> {
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
    if (acknowledged.length === killAfter) child.kill('SIGKILL');
  });
  const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
  return { acknowledged, signal };
}

/** Counts the events of each session in the store, with every byte and chain checked. */
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

it('an import that is killed and repeated records each acknowledged session once', async () => {
  const file = join(folder, 'sessions.ndjson');
  await writeFile(join(folder, 'roster.ndjson'), roster());
  await writeFile(file, sessions());
  await importing(join(folder, 'roster.ndjson'));

  for (const killAfter of killedAfter) {
    const { acknowledged, signal } = await importing(file, killAfter);
    expect(signal).toBe('SIGKILL');
    const counts = await stored();
    expect(acknowledged.filter((id) => counts.get(id) !== 1)).toEqual([]);
    expect([...counts.values()].filter((count) => count !== 1)).toEqual([]);
  }

  const { acknowledged } = await importing(file);
  expect(acknowledged).toHaveLength(sessionCount);
  expect((await stored()).size).toBe(sessionCount);

  const { reader, close } = await openReader(url);
  const last = sessionCount - 1;
  expect(await reader.answer({ query: 'session', sessionId: `s${last}` })).toMatchObject({
    sessionId: `s${last}`,
    creatorId: `c${(last * 11) % creators}`,
  });
  await close();
});
