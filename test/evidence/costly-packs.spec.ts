import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyPack } from '@penalty-ledger/evidence';
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import { testKey } from '../support/logged-ledger.js';
import { costlyPacks } from './costly-packs.js';
import { forgedManifest } from './forging.js';
import { quickPageVerifier } from './page-verifier.js';

const vectors = join(__dirname, '..', 'vectors', 'evidence-pack');
const key = testKey('ledger.example/test');

const good = (name: string) => new Uint8Array(readFileSync(join(vectors, 'good', `${name}.zip`)));
const bodies = readFileSync(join(vectors, 'ledger.ndjson'), 'utf8').trimEnd().split('\n');
const packs = costlyPacks(
  { bodies, pack: good('agency'), signedAt: '2019-12-31T00:00:00.000Z' },
  forgedManifest(good('printed'), (manifest) => ({
    ...manifest,
    subject: { agencyId: 'a1' },
  })),
);

/** LEDGER_TEST_KEEP=FOLDER writes the packs at their full cost, to be measured apart. */
const folder = process.env['LEDGER_TEST_KEEP'];
const scale = Number(process.env['LEDGER_TEST_SCALE'] ?? (folder === undefined ? 0.005 : 1));

test.each(packs)('two verifiers come to one end of $name', async ({ name, make }) => {
  const pack = make(scale);
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.zip`), pack);
    return;
  }
  const problems = ({ checks }: Pick<ReturnType<typeof verifyPack>, 'checks'>) =>
    checks.map(({ step, result, problem }) => [step, result, problem]);
  const ours = verifyPack(pack, { keys: [key] });
  expect(problems(ours).flat()).not.toContain('unforeseen');
  const page = await quickPageVerifier().verify(pack, [formatVerifierKey(key)]);
  expect(problems(page)).toEqual(problems(ours));
});
