import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { startService, type ServiceProcess } from '../api/service-process.js';
import { ledgerProgram } from '../cli/transcript.js';
import { temporaryFolder } from '../support/folder.js';
import { importLines, sampleLines } from './sample-ledger.js';

jest.setTimeout(120_000);

const folder = temporaryFolder();
const store = `sqlite:${join(folder, 'ledger.db')}`;
const views = join(folder, 'ledger.views.db');
const pageBytes = 4_096;
/** Makes a rebuild long enough for commands and questions to come while it lasts. */
const moreSessions = 8_000;

let service: ServiceProcess;
let token: string;

beforeAll(async () => {
  const more = Array.from({ length: moreSessions }, (_, index) => ({
    command: 'RecordSession',
    data: {
      sessionId: `more-${String(index)}`,
      creatorId: `c-a${String(index % 8)}`,
      startedAt: new Date(Date.UTC(2019, 0, 1) + index * 600_000).toISOString(),
      endedAt: new Date(Date.UTC(2019, 0, 1) + index * 600_000 + 60_000).toISOString(),
    },
  }));
  await importLines(store, [...sampleLines(), ...more]);
  // 1.8 seconds for all pages.
  service = await startService(folder, {
    LEDGER_SCRUB_HOURS: '0.001',
    LEDGER_LOG_LEVEL: 'warn',
    LEDGER_RATE_LIMIT: '1000000',
  });
  const issued = await send(
    '/keys',
    { label: 'l', holder: 'h', roles: ['officer', 'auditor'] },
    service.token,
  );
  token = ((await issued.json()) as { token: string }).token;
});

afterAll(() => {
  service.child.kill('SIGKILL');
});

const send = (path: string, body: object, as: string | undefined = token): Promise<Response> =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const get = (path: string): Promise<Response> =>
  fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${token}` } });

async function rebuilds(): Promise<number> {
  const { scrub } = (await (await get('/health/ready')).json()) as { scrub: { rebuilds: number } };
  return scrub.rebuilds;
}

/** A time of the last write that can be set again to the nanosecond. */
const setAt = new Date(Date.UTC(2020, 0, 1));

/** Changes bytes in the file that the service has open, and no time, as a failing disk does. */
function overwrite(position: number, bytes: Uint8Array): void {
  const file = openSync(views, 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
  utimesSync(views, setAt, setAt);
}

const damages: readonly (readonly [string, () => void])[] = [
  [
    'a digit that SQLite cannot see',
    () => {
      overwrite(readFileSync(views).lastIndexOf('more-999') + 7, Buffer.from('8'));
    },
  ],
  [
    'a zeroed page in the middle',
    () => {
      const pages = Math.floor(readFileSync(views).length / pageBytes);
      overwrite(Math.floor(pages / 2) * pageBytes, new Uint8Array(pageBytes));
    },
  ],
];

describe.each(damages)('a page changed under a running service: %s', (name, damage) => {
  it('is found by the scrub and rebuilt, while all go on: service, reader and doctor', async () => {
    const before = await rebuilds();
    const load = { isEnding: false };
    const acknowledged: string[] = [];
    const isWrong: string[] = [];
    const commander = async (sender: number): Promise<void> => {
      for (let n = 0; !load.isEnding; n += 1) {
        const agencyId = `${name.replaceAll(' ', '-')}-${String(sender)}-${String(n)}`;
        const { status } = await send('/commands/AdmitAgency', { agencyId, name: 'x' });
        if (status === 201) acknowledged.push(agencyId);
        else isWrong.push(`${agencyId}: ${String(status)}`);
      }
    };
    const asker = async (): Promise<void> => {
      while (!load.isEnding) {
        const response = await get('/sessions/s3');
        const { creatorId } = (await response.json()) as { creatorId?: string };
        if (response.status !== 200 || creatorId !== 'c-a3')
          isWrong.push(`session s3: ${String(response.status)} ${String(creatorId)}`);
      }
    };
    const aside = new AskerAside(isWrong);
    utimesSync(views, setAt, setAt);
    await get('/sessions/s3');
    // Had it opened the read models after the damage, it would have rebuilt them itself.
    await aside.ask();
    const ended = [
      commander(1),
      commander(2),
      asker(),
      (async () => {
        while (!load.isEnding) await aside.ask();
        await aside.end();
      })(),
    ];
    const doctors: string[] = [];
    const consulted = (async () => {
      while (!load.isEnding) doctors.push(await doctorsFailures());
    })();
    await pause(500);
    damage();
    // Whichever process meets the damage first mends the file for all.
    for (let waits = 0; (await rebuilds()) + aside.rebuilds === before; waits += 1) {
      if (waits > 600) throw new Error('nobody found it in a minute');
      await pause(100);
    }
    // The load goes on for a while after it, however slow the machine is.
    const whenFound = acknowledged.length;
    for (let waits = 0; acknowledged.length < whenFound + 10 && waits < 600; waits += 1)
      await pause(100);
    load.isEnding = true;
    await Promise.all([...ended, consulted]);

    expect(isWrong).toEqual([]);
    const after = await rebuilds();
    expect(after + aside.rebuilds).toBe(before + 1);
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain(`\npenalty_ledger_read_model_rebuilds ${String(after)}\n`);
    const lines = service.logged.filter((line) => line.includes('damaged read models are rebuilt'));
    expect(lines).toHaveLength(after);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        file: views,
        cause: expect.stringMatching(
          /^(?:page \d+ is not as it was written|database disk image|something else)/,
        ) as unknown,
      });
    // The doctor may have come before the scrub. He found this damage, or nothing.
    for (const failures of doctors)
      expect(failures).toMatch(/^(?:|fail read models .+(?:as (?:it|they)|malformed).+)$/);
    expect(await doctorsFailures()).toBe('');
    const stored = await storedAgencies();
    expect(acknowledged.length).toBeGreaterThanOrEqual(whenFound + 10);
    expect(acknowledged.filter((agencyId) => !stored.has(agencyId))).toEqual([]);
  });
});

it('the ledger is whole after it, and nothing is there twice', async () => {
  service.child.kill('SIGTERM');
  await once(service.child, 'exit');
  expect(await runLedger('doctor', '--full')).toMatchObject({ code: 0 });
  expect(await runLedger('verify')).toMatchObject({ code: 0 });
});

async function runLedger(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [ledgerProgram, ...args, '--store', store], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text: Buffer.concat(chunks).toString() };
}

/** The failed checks of `ledger doctor`, on one line. */
async function doctorsFailures(): Promise<string> {
  const { code, text } = await runLedger('doctor');
  const failed = text.split(/\n(?=\w)/).filter((line) => line.startsWith('fail'));
  expect(code).toBe(failed.length === 0 ? 0 : 3);
  return failed.join('\n').replaceAll(/\s+/g, ' ');
}

/** A second process that reads, from before the damage until after the rebuild. */
class AskerAside {
  readonly #child = spawn(process.execPath, [ledgerProgram, 'query', '-', '--store', store], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  #said = '';
  readonly #answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();

  constructor(readonly isWrong: string[]) {
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
  }

  /** The rebuilds that this process made and said so. */
  get rebuilds(): number {
    return this.#said.split('" were damaged').length - 1;
  }

  async ask(): Promise<void> {
    this.#child.stdin.write('{"query":"session","sessionId":"s5"}\n');
    const { value } = (await this.#answers.next()) as { value?: string };
    if (value?.includes('"creatorId":"c-a5"') !== true)
      this.isWrong.push(`aside: ${String(value)}`);
    await pause(20);
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }
}

async function storedAgencies(): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let cursor: string | undefined; ;) {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await (await get(`/agencies?limit=1000${more}`)).json()) as {
      items: { agencyId: string }[];
      next?: string | null;
    };
    for (const { agencyId } of page.items) {
      expect(found.has(agencyId)).toBe(false);
      found.add(agencyId);
    }
    if (page.next === undefined || page.next === null) return found;
    cursor = page.next;
  }
}
