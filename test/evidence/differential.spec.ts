import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyPack, type PackReport } from '@penalty-ledger/evidence';
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import { isMissing } from '../support/ci.js';
import { testKey } from '../support/logged-ledger.js';
import { rounds } from '../support/rounds.js';
import { withAssessedMonth } from './assessed-history.js';
import { hostilePack, type Base } from './fuzzing.js';
import { quickPageVerifier } from './page-verifier.js';

const vectors = join(__dirname, '..', 'vectors', 'evidence-pack');
const python = join(__dirname, '..', 'format', 'second_pack_verifier.py');
const key = testKey('ledger.example/test');
const keyText = formatVerifierKey(key);
const first = Number(process.env['LEDGER_TEST_SEED'] ?? 1);

const bodies = readFileSync(join(vectors, 'ledger.ndjson'), 'utf8').trimEnd().split('\n');
// `LEDGER_TEST_BASE=assessed` makes the packs from one that holds sessions and bindings.
const name = process.env['LEDGER_TEST_BASE'] ?? 'appeal';
const base: Base = {
  pack: new Uint8Array(readFileSync(join(vectors, 'good', `${name}.zip`))),
  signedAt: '2019-12-31T00:00:00.000Z',
  bodies: name === 'assessed' ? withAssessedMonth(bodies) : bodies,
};

/** Steps that fail or are not checked, as text. */
function outcome(
  checks: readonly { readonly step: string; readonly result: string; readonly problem?: string }[],
): string {
  return checks
    .filter(({ result }) => result !== 'holds')
    .map(({ step, result, problem }) => `${step} ${problem ?? result}`)
    .join(', ');
}

/** The findings that the smaller verifiers name among what they do not decide. */
const notDecided = /same_actor|appeal_worsened|assessment_disagrees/;

/** The same without the decisions. */
function withoutDecisions(said: string): string {
  return said.replace(/(?:, )?decisions decision_differs$|decisions decision_differs, /, '');
}

/** The same without the statement: a page does not know which pages there are. */
function withoutPage(said: string): string {
  return said.replace(/(?:, )?statement statement_\w+$/, '');
}

/** The findings of the second verifier for each pack, all read by one process. */
function inPython(packs: readonly Uint8Array[]): readonly string[] | undefined {
  const frames = packs.flatMap((pack) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(pack.length);
    return [length, pack];
  });
  const { error, status, stdout, stderr } = spawnSync(
    'python3',
    [python, '--each', '--key', keyText],
    { input: Buffer.concat(frames), encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (isMissing('python3', error, 'test/format/second_pack_verifier.py')) return undefined;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => outcome(JSON.parse(line) as PackReport['checks']));
}

const batch = 500;

/** The numbers of packs of which the three say different things, and what each says. */
async function disagreements(from: number, count: number): Promise<object[]> {
  const page = quickPageVerifier();
  const packs: Uint8Array[] = [];
  const said: { ours: string; page: string; isUndecided: boolean }[] = [];
  for (let number = from; number < from + count; number += 1) {
    const pack = hostilePack(base, number);
    packs.push(pack);
    const { checks } = verifyPack(pack, { keys: [key] });
    said.push({
      ours: outcome(checks),
      page: outcome((await page.verify(pack, [keyText])).checks),
      isUndecided: checks.some(
        ({ step, message }) => step === 'decisions' && notDecided.test(message.en),
      ),
    });
  }
  const second = inPython(packs);
  return said.flatMap(({ isUndecided, ...of }, at) => {
    const shown = isUndecided ? withoutDecisions : (text: string) => text;
    const [ours, page] = [shown(of.ours), shown(of.page)];
    const theirs = shown(second?.[at] ?? ours);
    const inPage = ours.endsWith('statement_page')
      ? [withoutPage(ours), withoutPage(page)]
      : [ours, page];
    const isSame = inPage[0] === inPage[1] && ours === theirs && !ours.includes('unforeseen');
    if (isSame) return [];
    keep(from + at, packs[at]!);
    return [{ number: from + at, ours, page, python: theirs }];
  });
}

/** Keeps a pack of which the verifiers disagree, so that it can become a vector. */
function keep(number: number, pack: Uint8Array): void {
  const folder = process.env['LEDGER_TEST_KEEP'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${String(number)}.zip`), pack);
}

test(
  'three verifiers say the same of hostile packs',
  async () => {
    const found: object[] = [];
    for (let done = 0; done < 2 * rounds; done += 1)
      found.push(...(await disagreements(first + done * batch, batch)));
    expect(found).toEqual([]);
  },
  600_000 * Math.max(1, rounds),
);
