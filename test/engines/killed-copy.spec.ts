import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  applyLines,
  openLedger,
  readLines,
  simulationRules,
  simulationStart,
  systemClock,
} from '@penalty-ledger/application';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { epochMsOf, instantOf } from '@penalty-ledger/ledger';
import { collect } from '@penalty-ledger/event-store/contract';
import { ledgerProgram } from '../cli/transcript.js';
import { jsonProposal, WireServer } from '../support/eventstoredb/index.js';
import { temporaryFolder } from '../support/folder.js';

/** The default page of a copy: 1,000 events and the one before. */
const pageSize = 1_001;

const servers: WireServer[] = [];
const folder = temporaryFolder();
// A term that no start of a program outlasts, however busy the machine is.
const termSeconds = 300;
const settings = {
  LEDGER_ALLOW_INSECURE: '1',
  LEDGER_DATA: join(folder, 'local'),
  LEDGER_LEASE_SECONDS: String(termSeconds),
};

beforeAll(() => {
  process.env['LEDGER_ALLOW_INSECURE'] = settings.LEDGER_ALLOW_INSECURE;
  process.env['LEDGER_DATA'] = settings.LEDGER_DATA;
});

afterAll(async () => {
  delete process.env['LEDGER_ALLOW_INSECURE'];
  delete process.env['LEDGER_DATA'];
  for (const server of servers) await server.stop();
});

async function engine(): Promise<WireServer> {
  const server = await WireServer.start();
  servers.push(server);
  return server;
}

const agencies = 40;

/**
 * Puts a ledger without keys on an engine and returns the number of its events. It does not use the
 * client, for speed. Consecutive commands are about different agencies.
 */
async function ledgerOn(server: WireServer, observations: number): Promise<number> {
  const instant = (minute: number): string => instantOf(Date.UTC(2019, 0, 2) + minute * 60_000);
  const text = [
    ...Array.from({ length: agencies }, (_, index) => ({
      at: instant(0),
      command: 'AdmitAgency',
      data: { agencyId: `a${index}`, name: `机构${index}` },
    })),
    ...Array.from({ length: observations }, (_, index) => ({
      at: instant(index + 1),
      command: 'ObservePlatformBalance',
      data: { agencyId: `a${index % agencies}`, balance: 0, observedAt: instant(index + 1) },
    })),
  ]
    .map((line) => JSON.stringify(line))
    .join('\n');
  const url = `sqlite:${join(folder, `of-${observations}`, 'ledger.db')}`;
  const opened = await openLedger({ url, simulation: true, openedAt: simulationStart });
  const rules = simulationRules(opened.ledger.clock);
  const { send } = opened;
  for await (const batch of applyLines(readLines(bytesOf(text)), rules, { send }))
    for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  const events = await collect(opened.ledger.parts.store.readAll());
  await opened.close();
  for (const { stream, id, body, leafHash } of events) {
    const { type } = JSON.parse(body) as { type: string };
    const metadata = Buffer.from(JSON.stringify({ leafHash, term: 0 }));
    server.log.append(`ledger/${stream}`, 'any', [
      { ...jsonProposal(id, type, {}), data: Buffer.from(body), metadata },
    ]);
  }
  return events.length;
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const eventsOn = ({ log }: WireServer) =>
  log
    .events()
    .filter(({ stream }) => stream.startsWith('ledger/'))
    // The engine's own id differs from term to term; the event's is in its body.
    .map(({ stream, revision, data }) => ({
      stream,
      revision,
      body: Buffer.from(data).toString('utf8'),
    }));

const env = { ...process.env, ...settings };

const copyArguments = (from: WireServer, to: string): string[] => [
  ledgerProgram,
  'copy',
  '--from',
  from.url,
  '--to',
  to,
  '--no-keys',
  '--json',
];

/** Starts a copy, and kills it when something has happened. */
async function killedWhen(from: WireServer, to: string, happened: Promise<unknown>): Promise<void> {
  const child = spawn(process.execPath, copyArguments(from, to), {
    cwd: folder,
    env,
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  await Promise.race([happened, exit]);
  child.kill('SIGKILL');
  await exit;
  expect(child.signalCode).toBe('SIGKILL');
}

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function copy(from: WireServer, to: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      copyArguments(from, to),
      { cwd: folder, env },
      (error, stdout, stderr) =>
        resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

/** Ends the current term of the lease at once, so that the test need not wait for its end. */
function endTerm({ log }: WireServer): void {
  const { stream, revision, data } = log
    .events()
    .filter((event) => event.stream === 'ledger:writer')
    .at(-1)!;
  const term = JSON.parse(Buffer.from(data).toString('utf8')) as object;
  const ended = { ...term, until: instantOf(Date.UTC(2019, 0, 1)) };
  log.append(stream, revision, [jsonProposal(randomUUID(), 'LeaseTermSet', ended)]);
}

/** Checks that a copy took the rest of the events, and found the others equal. */
function expectRest({ stdout, stderr }: Ended, events: number): void {
  expect(stderr).not.toContain('hint');
  const copied = JSON.parse(stdout) as { already: number; copied: number; events: number };
  expect(copied.already).toBeGreaterThan(0);
  expect(copied.copied).toBeGreaterThan(0);
  expect(copied).toMatchObject({ events, already: events - copied.copied });
}

it('a copy into a file, killed between two pages of the engine, resumes and verifies', async () => {
  const source = await engine();
  const events = await ledgerOn(source, 2_000);
  const target = `sqlite:${join(folder, 'file', 'ledger.db')}`;
  // When the copy asks for the third page, it has handed the first to the file, except for a part
  // of the last group.
  let pages = 0;
  const readAll = source.log.readAll.bind(source.log);
  const third = new Promise<void>((resolve) => {
    source.log.readAll = (options) => {
      if (options.maxCount === pageSize && (pages += 1) === 3) resolve();
      // What is asked for by then is not answered, so that the copy cannot end before it is killed.
      return pages >= 3 ? [] : readAll(options);
    };
  });
  await killedWhen(source, target, third);
  source.log.readAll = readAll;

  expectRest(await copy(source, target), events);
  expect(await verifyLedger({ url: target })).toMatchObject({ holds: true });
}, 60_000);

it('a copy into an engine, killed before a reply, resumes at the instant it names', async () => {
  const [source, target] = [await engine(), await engine()];
  const events = await ledgerOn(source, 40);
  const { hit } = target.faults.next(
    'append',
    { kind: 'lose-reply', connection: 'hang' },
    { skip: 30 },
  );
  await killedWhen(source, target.url, hit);
  const there = eventsOn(target).length;
  expect(there).toBeGreaterThan(0);
  expect(there).toBeLessThan(events);

  const refused = await copy(source, target.url);
  expect(refused.exitCode).toBe(3);
  const [, freeAt] = /until (\S+): run the same copy again then/.exec(refused.stderr)!;
  expect(eventsOn(target)).toHaveLength(there);
  const waitMs = Date.parse(freeAt!) - epochMsOf(systemClock.now());
  // The term of LEDGER_LEASE_SECONDS, and a tenth of it for clocks.
  expect(waitMs).toBeLessThanOrEqual(1_100 * termSeconds);
  expect(waitMs).toBeGreaterThan(0);
  endTerm(target);
  expectRest(await copy(source, target.url), events);
  expect(eventsOn(target)).toEqual(eventsOn(source));
}, 60_000);
