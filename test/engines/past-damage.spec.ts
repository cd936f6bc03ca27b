import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger, openReader, type OpenedLedger } from '@penalty-ledger/application';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { instantOf, readCommandLine } from '@penalty-ledger/ledger';
import { diagnose } from '../../apps/cli/src/doctor/diagnoses.js';
import { changeEvent, jsonProposal, scavenge, WireServer } from '../support/eventstoredb/index.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const environment = process.env;
const clock = { now: () => instantOf(Date.UTC(2030, 0, 1)) };
const agencies = ['a1', 'a2', 'a3'];
let server: WireServer;
let data: string;
let made = 0;

beforeEach(async () => {
  server = await WireServer.start();
  made += 1;
  data = join(folder, String(made));
  process.env = { ...environment, LEDGER_ALLOW_INSECURE: '1', LEDGER_DATA: data };
  const opened = await opening();
  for (const agencyId of agencies)
    expect(await handle(opened, 'AdmitAgency', { agencyId, name: 'x' })).toBe('accepted');
  for (let balance = 1; balance <= 3; balance += 1)
    for (const agencyId of agencies)
      expect(await observe(opened, agencyId, balance)).toBe('accepted');
  await opened.close();
});

afterEach(async () => {
  await server.stop();
  process.env = environment;
});

const opening = (): Promise<OpenedLedger> =>
  openLedger({ url: server.url, simulation: false, openedAt: clock.now(), clock });

/** The status of a command, or the code with which it was refused. */
async function handle(
  { ledger }: OpenedLedger,
  command: string,
  commandData: Readonly<Record<string, unknown>>,
): Promise<string> {
  const read = readCommandLine({ command, data: commandData });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  const [outcome] = await ledger.handleAll([{ line: read.line, now: clock.now() }]);
  return outcome?.code ?? outcome?.status ?? 'none';
}

const observe = (opened: OpenedLedger, agencyId: string, balance: number): Promise<string> =>
  handle(opened, 'ObservePlatformBalance', {
    agencyId,
    balance,
    observedAt: '2029-12-01T00:00:00+08:00',
  });

function hide(metadata: Readonly<Record<string, unknown>>): void {
  const proposal = jsonProposal(randomUUID(), '$metadata', metadata);
  server.log.append('$$ledger/agency-a1', 'any', [proposal]);
}

function scavenged(harm: () => unknown): () => void {
  return () => {
    harm();
    scavenge(server.log);
  };
}

const stream = 'ledger/agency-a1';
const harms: readonly (readonly [string, () => void])[] = [
  ['deleted softly', () => server.log.deleteStream(stream, 'any')],
  ['deleted softly and scavenged', scavenged(() => server.log.deleteStream(stream, 'any'))],
  ['closed for good and scavenged', scavenged(() => server.log.tombstone(stream, 'any'))],
  ['cut by $tb and scavenged', scavenged(() => hide({ $tb: 2 }))],
  ['cut by $maxCount and scavenged', scavenged(() => hide({ $maxCount: 1 }))],
  [
    'redacted in one event',
    () => changeEvent(server.log, stream, 1n, { data: Buffer.alloc(200, 0xff) }),
  ],
];

function loseReadModels(): void {
  for (const file of readdirSync(data, { recursive: true, encoding: 'utf8' }))
    if (file.includes('.views.db')) rmSync(join(data, file), { force: true });
}

describe.each(harms)('an agency whose stream is %s', (_, harm) => {
  describe.each([
    ['with its read models', () => undefined],
    ['with none yet', loseReadModels],
  ])('on a node %s', (_state, prepare) => {
    it('is refused by itself; others are answered for and written to', async () => {
      harm();
      prepare();
      const { reader, close } = await openReader(server.url, clock);
      const balance = (agencyId: string): Promise<unknown> =>
        reader.answer({ query: 'balance', agencyId });
      await expect(balance('a1')).rejects.toMatchObject({ code: 'integrity' });
      await expect(reader.timeline({ agencyId: 'a1', limit: 100 })).rejects.toThrow(/agency-a1/);
      expect(await balance('a2')).toMatchObject({ standing: 'active' });
      await close();

      const opened = await opening();
      expect(await observe(opened, 'a2', 4)).toBe('accepted');
      expect(await observe(opened, 'a1', 4)).toBe('integrity');
      expect(await observe(opened, 'a3', 4)).toBe('accepted');
      await opened.tripwires?.look();
      await opened.close();
      expect(await handleAnew('a3', 5)).toBe('accepted');
    });
  });

  it('is listed as damaged, and named by verify and by doctor', async () => {
    await refuseErasures('a1', 'a2');
    harm();
    const { reader, close } = await openReader(server.url, clock);
    const unharmed = { balance: 0, standing: 'active' };
    expect(await reader.answer({ query: 'agencies' })).toEqual([
      { agencyId: 'a1', error: 'integrity' },
      { agencyId: 'a2', ...unharmed },
      { agencyId: 'a3', ...unharmed },
    ]);
    expect(await reader.agencies({ limit: 10 })).toMatchObject({ damaged: ['a1'] });
    expect(await reader.erasures({ limit: 10 })).toMatchObject({
      items: [{ subject: 'agency:a2', due: false }],
      damaged: ['agency:a1'],
    });
    expect(reader.damagedStreams).toBe(1);
    await close();
    const { holds, checks } = await verifyLedger({ url: server.url });
    expect(holds).toBe(false);
    const damages = checks.flatMap((check) => check.damages);
    expect(damages.map(({ problem }) => problem.en).join('\n')).not.toMatch(
      /tail is gone|to its end/,
    );
    expect(damages.some((damage) => damage.stream === 'agency-a1')).toBe(true);
    expect(damages.filter((damage) => /agency-a[23]/.test(damage.stream ?? ''))).toEqual([]);
    const { diagnoses } = await diagnose(server.url, false);
    const failures = diagnoses.filter(({ status }) => status === 'fail');
    expect(failures.map(({ found }) => found).join('\n')).toMatch(/agency-a1/);
  });
});

/** Asks for erasures that a legal hold refuses. */
async function refuseErasures(...ids: readonly string[]): Promise<void> {
  const opened = await opening();
  for (const id of ids) {
    const subject = `agency:${id}`;
    const placed = handle(opened, 'PlaceLegalHold', { holdId: `h-${id}`, subject, reason: 'x' });
    expect(await placed).toBe('accepted');
    const refused = opened.ledger.erase({ subject }, 'admin-1', clock.now());
    expect(await refused).toMatchObject({ code: 'legal_hold' });
  }
  await opened.close();
}

async function handleAnew(agencyId: string, balance: number): Promise<string> {
  const opened = await opening();
  try {
    return await observe(opened, agencyId, balance);
  } finally {
    await opened.close();
  }
}
