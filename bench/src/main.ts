import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { besideAttacker } from './attack-latency.js';
import { keyLookUps } from './attack-timing.js';
import { refusals } from './attack.js';
import { batches, groupCommit } from './appends.js';
import { backups } from './backups.js';
import { loadDecideAppend } from './decisions.js';
import { engineAppends, engineCatchUp, engineRebuild, FilledEngine } from './eventstoredb.js';
import { packsBuilt, packsVerified } from './evidence.js';
import { fairQueue } from './fairness.js';
import { balanceQueries, foldFromDisk, writeDeductions } from './folds.js';
import {
  details,
  lookInto,
  machine,
  run,
  table,
  within,
  type Case,
  type Result,
  type Study,
} from './harness.js';
import { flat } from './flat.js';
import { followed } from './following.js';
import { engineCommands, httpMemory, httpRequests } from './http.js';
import { foldWithSums, scrubbing } from './read-models.js';
import { monthOfAll, opening, queryBeside, sessionImport, sheetImport } from './sessions.js';
import {
  compactAppends,
  inclusionProofs,
  keptHeadUpdates,
  merkleAppends,
  streamHeadUpdates,
} from './merkle.js';
import { verification } from './verify.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    events: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    sessions: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '10000' },
    // The speed of a real engine is unknown before, and its table is promised within ten minutes.
    minutes: { type: 'string', default: process.env['LEDGER_TEST_ESDB'] === undefined ? '' : '8' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const events = Number(values.events);
const sessions = Number(values.sessions);
const requests = Number(values.requests);
const foldFolder = join(import.meta.dirname, '..', '.work', 'fold');
const sessionsFolder = join(import.meta.dirname, '..', '.work', 'sessions');
const engineFolder = join(import.meta.dirname, '..', '.work', 'engine');
const engine = new FilledEngine(engineFolder, Math.min(events, 1_000_000));
const agencyId = 'a7';

const everyCase: readonly Case[] = [
  groupCommit(Math.min(events, 40_000)),
  batches(Math.min(events, 100_000)),
  loadDecideAppend(Math.min(events, 2000)),
  foldFromDisk(foldFolder, events),
  verification(foldFolder, events, 'bytes'),
  verification(foldFolder, events, 'everything'),
  ...(['first backup', 'backup again', 'verify', 'restore'] as const).map((step) =>
    backups(foldFolder, events, step),
  ),
  foldWithSums(foldFolder, events),
  scrubbing(foldFolder, 20),
  balanceQueries(1000),
  sessionImport(Math.min(sessions, 200_000)),
  sheetImport('csv', Math.min(sessions, 200_000)),
  sheetImport('xlsx', Math.min(sessions, 200_000)),
  ...[10_000, 100_000, 1_000_000]
    .filter((size) => size <= sessions)
    .flatMap((size) => [
      queryBeside(sessionsFolder, size, { query: 'balance', agencyId }, 2000),
      queryBeside(sessionsFolder, size, { query: 'assessment', agencyId, month: '2019-04' }, 500),
      monthOfAll(sessionsFolder, size),
      opening(sessionsFolder, size, 5),
    ]),
  merkleAppends(Math.min(events, 1_000_000)),
  compactAppends(Math.min(events, 1_000_000)),
  inclusionProofs(10_000, 1000),
  inclusionProofs(1_000_000, 1000),
  inclusionProofs(10_000_000, 1000),
  streamHeadUpdates(100_000),
  keptHeadUpdates(10_000),
  keptHeadUpdates(100_000),
  keptHeadUpdates(1_000_000),
  packsBuilt(500, 1_000_000),
  packsVerified(500, 1_000_000),
  engineAppends(1, Math.min(events, 2000)),
  engineAppends(64, Math.min(events, 20_000)),
  engineAppends(64, Math.min(events, 20_000), 'one at a time'),
  engineCatchUp(engine),
  engineRebuild(engine),
  engineCommands(1, Math.min(requests, 500)),
  engineCommands(64, Math.min(requests, 5_000)),
  ...[1, 64, 256].flatMap((connections) => [
    httpRequests('commands', connections, Math.min(requests, connections === 1 ? 3000 : 20_000)),
    httpRequests(
      'balance queries',
      connections,
      Math.min(requests, connections === 1 ? 3000 : 20_000),
    ),
  ]),
];
const everyStudy: readonly Study[] = [
  flat(Math.min(Math.ceil(events / 1000), 200)),
  httpMemory(requests),
  followed(requests),
  fairQueue(Math.min(requests, 500)),
  refusals(),
  keyLookUps(Math.min(requests, 5000)),
  besideAttacker(Math.min(requests, 1000)),
];
const isWanted = ({ name }: { readonly name: string }): boolean =>
  values.only === undefined || name.includes(values.only);
const [cases, studies] = [everyCase.filter(isWanted), everyStudy.filter(isWanted)];
if (cases.length + studies.length === 0) {
  const names = [...everyCase, ...everyStudy].map(({ name }) => `  ${name}`).join('\n');
  process.stderr.write(`--only: no name has "${values.only ?? ''}" in it; there are\n${names}\n`);
  process.exit(2);
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
const endsMs =
  performance.now() + (values.minutes === '' ? Infinity : Number(values.minutes) * 60_000);
const leftMs = (): number => endsMs - performance.now();

if (cases.some(({ name }) => /^(?:fold|verify|backup|scrub)/.test(name))) {
  say(`writing ${String(events)} deductions to fold, verify and back up`);
  rmSync(foldFolder, { recursive: true, force: true });
  mkdirSync(foldFolder, { recursive: true });
  await writeDeductions(foldFolder, events);
}
for (const folder of [sessionsFolder, engineFolder])
  rmSync(folder, { recursive: true, force: true });
mkdirSync(engineFolder, { recursive: true });
const results: Result[] = [];
const failures: string[] = [];
/** A case that fails does not take away what was measured of the others. */
const attempt = async (name: string, work: () => Promise<void>): Promise<void> => {
  try {
    if (leftMs() <= 0) throw new Error('there was no time left for it');
    await within(leftMs(), work());
  } catch (error) {
    failures.push(
      `- ${name}: not measured: ${error instanceof Error ? error.message : String(error)}`,
    );
    say(failures.at(-1) ?? '');
  }
};
for (const [index, one] of cases.entries())
  await attempt(one.name, async () => {
    const share = leftMs() / (cases.length + studies.length - index);
    results.push(await run(one, rounds, share, say));
  });
const found: string[] = [];
for (const one of studies)
  await attempt(one.name, async () => {
    found.push(`## ${one.name}\n\n${await lookInto(one, say)}\n\n${one.explanation}\n`);
  });
for (const folder of [foldFolder, sessionsFolder, engineFolder])
  rmSync(folder, { recursive: true, force: true });

const parameters = process.argv.slice(2).map((word) => (word.includes(' ') ? `"${word}"` : word));
const report = [
  `\`npm run bench -- ${parameters.join(' ')}\` wrote this.`,
  '',
  // A study says for itself how often it measured.
  cases.length === 0
    ? `Machine: ${machine()}.`
    : `Machine: ${machine()}. Medians of ${values.minutes === '' ? '' : 'at most '}` +
      `${String(rounds)} rounds; ratios within a round.`,
  '',
  ...[
    table(results),
    details(results),
    failures.join('\n'),
    cases.map(({ name, explanation }) => `- ${name}: ${explanation}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`),
  ...found,
].join('\n');
process.stdout.write(report);
// A part of the cases leaves what was measured of the others.
const file =
  values.only === undefined ? 'results.md' : `results-${values.only.replaceAll(/[^\w]+/g, '-')}.md`;
if (values.write) {
  const path = join(import.meta.dirname, '..', file);
  const options = { ...(await resolveConfig(path)), filepath: path, proseWrap: 'always' } as const;
  writeFileSync(path, await format(`# Measurements\n\n${report}`, options));
}
// What did not end in time goes on otherwise.
if (failures.length > 0) process.exit(1);
