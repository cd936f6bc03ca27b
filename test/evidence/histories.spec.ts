import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPack, verifyPack, type PackReport } from '@penalty-ledger/evidence';
import {
  abcPoints,
  chinaCalendar,
  douyinMcnCredit2022,
  readEvent,
  type Instant,
  type Clause,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import fc from 'fast-check';
import { randomHistory } from '../oracle/random-history.js';
import { isMissing } from '../support/ci.js';
import { temporaryFolder } from '../support/folder.js';
import { LoggedLedger } from '../support/logged-ledger.js';
import { TestLedger } from '../support/test-ledger.js';
import { pageVerifier } from './page-verifier.js';

/** Publishes a rulebook with other accounts and a carry-over: random histories rarely have one. */
const carryOver = {
  at: '2018-01-02T00:00:00+08:00',
  command: 'PublishRulebook',
  data: { rulebook: abcPoints },
};

/** Adds an account whose score can rise. */
const withCredit: Rulebook = {
  ...abcPoints,
  accounts: [...abcPoints.accounts, ...douyinMcnCredit2022.accounts],
};

const folder = temporaryFolder();

const results = ({ checks }: Pick<PackReport, 'checks'>) =>
  checks.map(({ step, result, problem }) => [step, result, problem]);

async function logOf(lines: readonly unknown[]): Promise<LoggedLedger> {
  const ledger = await TestLedger.open('observer');
  for (const line of lines) await ledger.apply(line);
  await ledger.finish();
  const log = await LoggedLedger.of(ledger);
  await ledger.close();
  return log;
}

/** Packs of every agency of a log: at its last instant, and in the middle of its history. */
function packsOf(log: LoggedLedger): Uint8Array[] {
  const events = log.bodies.map((body) => readEvent({ body }));
  const agencies = events
    .filter(({ type }) => type === 'AgencyAdmitted')
    .map(({ stream }) => stream);
  const signedAt = events.at(-1)!.recordedAt;
  const source = log.source(signedAt);
  return agencies.flatMap((stream) => {
    const subject = { agencyId: stream.slice('agency-'.length) };
    const own = events.filter((event) => event.stream === stream);
    const middle = own[Math.floor(own.length / 2)]!.recordedAt;
    const appeals = own.flatMap(({ type, data }) =>
      type === 'AppealInitiated' ? [data.appealId] : [],
    );
    return [
      buildPack(source, { subject }),
      buildPack(source, { subject, knownAt: middle, effectiveAt: middle }),
      buildPack(source, {
        subject,
        period: String(Number(middle.slice(0, 4)) - 1),
        knownAt: middle,
        effectiveAt: signedAt,
      }),
      ...appeals
        .slice(-1)
        .map((appealId) => buildPack(source, { subject: { ...subject, appealId } })),
    ];
  });
}

/** The cases that the answers have met, so that the test shows its reach. */
const reached = new Set<string>();

function met({ computation }: PackReport): void {
  for (const balance of [computation?.now, computation?.then]) {
    if (balance === undefined || balance === null) continue;
    reached.add(balance.standing);
    if (balance.episode > 1) reached.add('readmitted');
    if (balance.carriedOver > 0) reached.add('carried over');
    if (balance.contested > 0) reached.add('contested');
    if (balance.findings.length > 0) reached.add('findings');
    if (balance.expulsion?.supported === false) reached.add('unsupported');
    for (const { reason } of balance.notCounted) reached.add(reason);
  }
  for (const { findings } of computation?.rulebooks ?? [])
    for (const code of findings) reached.add(code);
  const { appeal } = computation ?? {};
  if (appeal === undefined) return;
  reached.add(`appeal ${appeal.now}`);
  if (appeal.initiatedAt === appeal.recordedAt) return;
  reached.add('appeal entered late');
  // Its pack asks what was known when it was recorded.
  expect(appeal.then).not.toBeNull();
}

test('three verifiers compute the same answers for random histories', async () => {
  const histories = fc.sample(randomHistory('observer', { steps: 60, queries: 1 }), {
    numRuns: 8,
    seed: 20263,
  });
  const named: string[] = [];
  let key = '';
  for (const [number, { lines }] of histories.entries()) {
    const log = await logOf(number % 3 === 0 ? [carryOver, ...lines] : lines);
    key = formatVerifierKey(log.key);
    for (const [at, pack] of packsOf(log).entries()) {
      const report = verifyPack(pack, { keys: [log.key] });
      expect(results(report).filter(([, result]) => result !== 'holds')).toEqual([]);
      met(report);
      expect(results(await pageVerifier().verify(pack, [key]))).toEqual(results(report));
      const file = join(folder, `${number}-${at}.zip`);
      writeFileSync(file, pack);
      named.push(file);
    }
  }
  expect(named.length).toBeGreaterThan(30);
  expect([...reached]).toEqual(
    expect.arrayContaining([
      'expelled',
      'unsupported',
      'pending_expulsion',
      'readmitted',
      'exited',
      'findings',
      'other_episode',
      'revoked',
      'scheduled',
      'cleared_by_reset',
      'contested',
      'appeal entered late',
    ]),
  );
  const second = join(__dirname, '..', 'format', 'second_pack_verifier.py');
  const { error, status, stdout } = spawnSync(
    'python3',
    [second, '--all', ...named, '--key', key],
    {
      encoding: 'utf8',
    },
  );
  if (isMissing('python3', error, 'test/format/second_pack_verifier.py')) return;
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: `${named.length} packs, 0 do not hold\n`,
  });
}, 300_000);

test('three verifiers agree with carry-over, accounts, calendar, measures, additions', async () => {
  const deduct = (number: number, at: string, clause: string, points: number) => ({
    at,
    command: 'RecordDeduction',
    data: { deductionId: `d${number}`, agencyId: 'a1', points, clause, occurredAt: at },
  });
  const [late] = abcPoints.clauses as [Clause];
  const lines = [
    { ...carryOver, data: { rulebook: withCredit } },
    {
      at: '2018-01-03T00:00:00+08:00',
      command: 'PublishCalendar',
      data: { calendar: { ...chinaCalendar, calendarVersion: 'published' } },
    },
    {
      at: '2019-01-02T10:00:00+08:00',
      command: 'AdmitAgency',
      data: { agencyId: 'a1', name: 'Agency One' },
    },
    {
      at: '2019-02-01T10:00:00+08:00',
      command: 'RecordMeasure',
      data: { measureId: 'm1', agencyId: 'a1', kind: 'warning', automated: true },
    },
    {
      at: '2019-02-02T10:00:00+08:00',
      command: 'RequestHumanReview',
      data: { reviewId: 'r1', agencyId: 'a1', measureId: 'm1' },
    },
    {
      at: '2019-02-03T10:00:00+08:00',
      command: 'AnswerHumanReview',
      data: { reviewId: 'r1', outcome: 'changed', reason: 'it was another agency' },
    },
    {
      at: '2019-02-04T10:00:00+08:00',
      command: 'LiftMeasure',
      data: { measureId: 'm1', reason: 'it was another agency' },
    },
    {
      at: '2019-02-05T10:00:00+08:00',
      command: 'RecordAddition',
      data: { additionId: 'b1', agencyId: 'a1', points: 40, account: 'credit' },
    },
    {
      at: '2019-02-06T10:00:00+08:00',
      command: 'RevokeAddition',
      data: { additionId: 'b1', reason: 'it was another agency' },
    },
    {
      at: '2020-05-01T10:00:00+08:00',
      command: 'PublishRulebook',
      data: {
        rulebook: {
          ...withCredit,
          rulebookVersion: 'late',
          effectiveFrom: '2020-04-20T00:00:00+08:00',
        },
      },
    },
    {
      ...deduct(300, '2020-04-25T10:00:00+08:00', late.id, late.points ?? 12),
      at: '2020-05-02T10:00:00+08:00',
    },
    ...abcPoints.clauses.flatMap(({ id, points }, number) => [
      deduct(number, `2019-03-0${number + 1}T10:00:00+08:00`, id, points ?? 12),
      deduct(number + 100, `2019-04-0${number + 1}T10:00:00+08:00`, id, points ?? 12),
      deduct(number + 200, `2020-04-0${number + 1}T10:00:00+08:00`, id, points ?? 2),
    ]),
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
  const log = await logOf(lines);
  const files: string[] = [];
  const key = formatVerifierKey(log.key);
  const source = log.source('2020-12-31T00:00:00.000Z');
  for (const { id } of withCredit.accounts) {
    for (const period of ['2019', '2020']) {
      const pack = buildPack(source, { subject: { agencyId: 'a1' }, period, account: id });
      const report = verifyPack(pack, { keys: [log.key] });
      expect(report.holds).toBe(true);
      met(report);
      expect(results(await pageVerifier().verify(pack, [key]))).toEqual(results(report));
      const file = join(folder, `${id}-${period}.zip`);
      writeFileSync(file, pack);
      files.push(file);
    }
  }
  expect([...reached]).toEqual(
    expect.arrayContaining([
      ...['carried over', 'other_account'],
      ...['rulebook_late', 'retroactive_rulebook'],
    ]),
  );
  const second = join(__dirname, '..', 'format', 'second_pack_verifier.py');
  const { error, stdout } = spawnSync('python3', [second, '--all', ...files, '--key', key], {
    encoding: 'utf8',
  });
  if (isMissing('python3', error, 'test/format/second_pack_verifier.py')) return;
  expect(stdout).toBe(`${files.length} packs, 0 do not hold\n`);
});

test('a year of a busy agency is a pack of less than a megabyte', async () => {
  const start = Date.parse('2019-01-02T00:00:00Z');
  const lines: unknown[] = [
    {
      at: '2019-01-01T12:00:00Z',
      command: 'AdmitAgency',
      data: { agencyId: 'a1', name: '机构一' },
    },
  ];
  for (let number = 0; number < 500; number += 1) {
    const at = new Date(start + number * 60_000_000).toISOString();
    const notice = { caseNo: `2019-${number}`, text: `机构运营不当，扣1分。第${number}号通知。` };
    const data = {
      deductionId: `d${number}`,
      agencyId: 'a1',
      points: 1,
      clause: 'improper-operation',
      occurredAt: at,
      notice,
    };
    lines.push({ at, command: 'RecordDeduction', data });
    const other = { agencyId: `b${number}`, name: `机构${number}` };
    for (let more = 0; more < 3; more += 1)
      lines.push({
        at,
        command: 'AdmitAgency',
        data: { ...other, agencyId: `${other.agencyId}-${more}` },
      });
  }
  const log = await logOf(lines);
  const signedAt = '2020-01-01T00:00:00.000Z' as Instant;
  const pack = buildPack(log.source(signedAt, { textKeys: (id) => log.textKeys.get(id) }), {
    subject: { agencyId: 'a1' },
    period: '2019',
  });
  const report = verifyPack(pack, { keys: [log.key] });
  expect(report.holds).toBe(true);
  expect(report.computation?.now.balance).toBe(500);
  expect(pack.length).toBeLessThan(1_000_000);
}, 60_000);
