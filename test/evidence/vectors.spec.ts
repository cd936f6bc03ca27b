import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import {
  buildPack,
  readZip,
  verifyPack,
  zipEntry,
  type Disclosed,
  type Manifest,
  type PackReport,
  type PackSource,
  type ZipEntry,
} from '@penalty-ledger/evidence';
import { canonicalJson, type EventEnvelope, type Instant } from '@penalty-ledger/ledger';
import {
  formatVerifierKey,
  parseVerifierKey,
  signNote,
  type SignerKey,
} from '@penalty-ledger/merkle-log';
import { isMissing } from '../support/ci.js';
import { installedStatementPrinter } from '../support/statement-printer.js';
import { LoggedLedger, rotationBody, testKey } from '../support/logged-ledger.js';
import { appealQuestion, letter, screenshot, signedAt } from './appeal-history.js';
import { assessed, assessedOtherwise, month, withAssessedMonth } from './assessed-history.js';
import { dishonestLedgers } from './dishonest.js';
import {
  filesOf,
  forged,
  forgedAnswer,
  forgedEntries,
  forgedJson,
  forgedManifest,
  forgedText,
  rechained,
  textIn,
  zipOf,
  type Files,
} from './forging.js';
import { chainedAnew, packOfHistory, renamed } from './fuzzing.js';
import { pageVerifier } from './page-verifier.js';

const folder = join(__dirname, '..', 'vectors', 'evidence-pack');
const python = join(__dirname, '..', 'format', 'second_pack_verifier.py');

interface Vector {
  readonly file: string;
  readonly about: string;
  readonly fails: Readonly<Record<string, string>>;
  readonly checkpoints?: readonly string[];
  readonly receipts?: readonly string[];
}

interface Expected {
  readonly about: string;
  readonly keys: readonly string[];
  readonly packs: readonly Vector[];
}

const failsOf = ({ checks }: Pick<PackReport, 'checks'>): Record<string, string> =>
  Object.fromEntries(
    checks.flatMap(({ step, result, problem = '' }) =>
      result === 'fails' ? [[step, problem]] : [],
    ),
  );

/** Vectors are frozen: WRITE_VECTORS writes only those that are missing. */
if (process.env['WRITE_VECTORS'] !== undefined) writeMissing();

const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;

test.each(expected.packs)(
  '$file: $about',
  async ({ file, fails, checkpoints = [], receipts = [] }) => {
    const pack = new Uint8Array(readFileSync(join(folder, file)));
    const report = verifyPack(pack, {
      keys: expected.keys.map(parseVerifierKey),
      checkpoints,
      receipts,
    });
    expect(failsOf(report)).toEqual(fails);
    const inPage = await pageVerifier().verify(pack, expected.keys, checkpoints, receipts);
    // A page cannot vouch for itself, so it does not know which pages there are.
    const { statement, ...others } = fails;
    const isOfPage = statement === 'statement_page';
    expect(failsOf(inPage)).toEqual(isOfPage ? others : fails);
    expect(report.verified !== undefined).toBe(report.holds);
    if (!isOfPage) expect(inPage.verified).toEqual(report.verified);
  },
  60_000,
);

test('the specification begins with the manifest of the appeal', () => {
  const specification = readFileSync(
    join(__dirname, '..', '..', 'docs', 'spec', 'evidence-pack.md'),
    'utf8',
  );
  const example = /```json\n(\{\n[\s\S]*?\n\})\n```/.exec(specification)![1]!;
  const [manifest] = readZip(new Uint8Array(readFileSync(join(folder, 'good', 'appeal.zip'))));
  expect(JSON.parse(example)).toEqual(JSON.parse(Buffer.from(manifest!.content).toString()));
});

describe('a second verifier, in another language and from the specification alone,', () => {
  const run = (...given: readonly string[]) => {
    const { error, status, stdout, stderr } = spawnSync('python3', [python, ...given], {
      encoding: 'utf8',
    });
    if (isMissing('python3', error, 'test/format/second_pack_verifier.py')) return undefined;
    return { status, stdout, stderr };
  };

  test('agrees on every vector', () => {
    const found = run('--vectors');
    if (found === undefined) return;
    expect(found).toEqual({
      status: 0,
      stdout: `${expected.packs.length} checks, 0 failed\n`,
      stderr: '',
    });
  }, 120_000);

  test('names what it verified, and what it did not check', () => {
    const pack = join(folder, 'good', 'appeal.zip');
    const found = run(pack, '--key', expected.keys[0]!);
    if (found === undefined) return;
    const { verified } = verifyPack(new Uint8Array(readFileSync(pack)), {
      keys: expected.keys.map(parseVerifierKey),
    });
    const { checkpoint, keys, ...named } = verified!;
    for (const fact of [...Object.values(named), ...Object.values(checkpoint), ...keys])
      expect(found.stdout).toContain(String(fact));
    expect(found.stdout).toContain('balance then: 90\n  按现在所知 balance now: 75\n');
    expect(found.stdout).toContain('consistency nothing to check');
    expect(found.stdout).toMatch(/未检查 Not checked\n(?: {2}- .+\n)+\n已检查的各项均成立 /);
    expect(run(pack)).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('no key: ask the ledger') as string,
    });
  });

  test('finds a changed byte', () => {
    const found = run(
      join(folder, 'good', 'agency.zip'),
      '--key',
      expected.keys[0]!,
      '--mutations',
      '97',
    );
    if (found === undefined) return;
    expect(found).toEqual({
      status: 0,
      stdout: expect.stringMatching(/ 0 not found\n$/) as string,
      stderr: '',
    });
  }, 120_000);
});

/** Returns a receipt whose event says another id. */
function relabelled(receipt: string): string {
  return receipt.replace(/(?<=^extra ).+$/m, (event) => {
    const body = Buffer.from(event, 'base64').toString();
    return Buffer.from(body.replace('"id":"', '"id":"0')).toString('base64');
  });
}

/** Writes missing vectors from a ledger of `appeal-history.ts`, with the keys of its texts. */
function writeMissing(): void {
  const bodies = readFileSync(join(folder, 'ledger.ndjson'), 'utf8').trimEnd().split('\n');
  const textKeys = JSON.parse(readFileSync(join(folder, 'text-keys.json'), 'utf8')) as Record<
    string,
    Readonly<Record<string, string>>
  >;
  const keysOfEvents = Object.entries(textKeys).map(
    ([id, keys]) => [id, new Map(Object.entries(keys))] as const,
  );
  const log = new LoggedLedger(bodies, new Map(keysOfEvents));
  const key = formatVerifierKey(log.key);
  const packs: Vector[] = [];
  const write = (
    name: string,
    about: string,
    pack: Uint8Array,
    held: Pick<Vector, 'checkpoints' | 'receipts'> = {},
  ) => {
    const file = `${name}.zip`;
    const target = join(folder, file);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) writeFileSync(target, pack);
    const frozen = new Uint8Array(readFileSync(target));
    packs.push({
      file,
      about,
      fails: failsOf(verifyPack(frozen, { keys: [log.key], ...held })),
      ...held,
    });
  };

  const files = new Map(
    [screenshot, letter].map((text) => [hash('sha256', text, 'hex'), Buffer.from(text)]),
  );
  const source = log.source(signedAt, {
    attachment: (name) => files.get(name),
    textKeys: (id) => log.textKeys.get(id),
  });
  const request = { ...appealQuestion, earlier: [4], evidenceStreams: ['evidence-e-letter'] };
  const appeal = buildPack(source, request);
  const named = buildPack(
    { ...source, fileName: (sha256) => (files.has(sha256) ? `截图 ${sha256[0]!}.png` : undefined) },
    request,
  );
  const yearEnd = { effectiveAt: signedAt, knownAt: '2019-03-15T00:00:00.000Z' as Instant };
  const bare = log.source(signedAt);
  const agency = buildPack(bare, { ...appealQuestion, ...yearEnd, subject: { agencyId: 'a1' } });
  const held = {
    checkpoints: [log.checkpoint('2019-03-01T00:00:00.000Z', 4)],
    receipts: [log.receipt(3, '2019-03-01T00:00:00.000Z', 4)],
  };

  write('good/file-names', 'attachments with the names that the files had', named);
  const otherNames = (change: (names: Record<string, string>) => object) =>
    forgedManifest(named, (manifest) => ({
      ...manifest,
      fileNames: change({ ...manifest.fileNames }),
    }));
  for (const [name, text, fileName] of [
    ['path', 'a file name that is a path', '../a.png'],
    ['windows-path', 'a file name with a backslash', 'a\\b.png'],
    ['device', 'a file name that is a device of Windows', 'Aux.png'],
    ['invisible', 'a file name that reads backwards', 'a\u202egnp.exe'],
    ['dot', 'a file name that ends in a dot', 'a.png.'],
    ['long', 'a file name of a byte more than it may have', `${'中'.repeat(66)}abc`],
  ] as const)
    write(
      `bad/file-name-${name}`,
      text,
      otherNames((names) => Object.fromEntries(Object.keys(names).map((id) => [id, fileName]))),
    );
  write(
    'bad/file-name-of-none',
    'a name for a file that is not attached',
    otherNames((names) => ({ ...names, ['f'.repeat(64)]: 'a.png' })),
  );
  write(
    'bad/file-name-changed',
    'a name that the statement has otherwise than the manifest',
    forgedText(named, 'statement.html', (page) => page.replace('截图', '其他')),
  );
  write('good/appeal', 'an appeal, with attachments and disclosed texts', appeal);
  write('good/held', 'the same, for a reader who holds a checkpoint and a receipt', appeal, held);
  write(
    'good/redacted',
    'the same, redacted for the complainant’s sake',
    buildPack(source, { ...request, redacted: ['complainant'] }),
  );
  write(
    'good/agency',
    'an agency and a period, asked at the end of the year: a pending expulsion',
    agency,
  );
  const other = { ...appealQuestion, ...yearEnd, subject: { agencyId: 'a2' } };
  write('good/other', 'another agency of the same ledger', buildPack(bare, other));
  const early = { ...other, knownAt: '2018-06-01T00:00:00.000Z' as Instant };
  write('good/unknown-then', 'an agency that was not known then', buildPack(bare, early));
  write(
    'good/period',
    'a period of which there is nothing',
    buildPack(bare, { ...appealQuestion, period: '2018' }),
  );
  write(
    'good/scheduled',
    'the year after, with a deduction that comes to count',
    buildPack(bare, {
      ...appealQuestion,
      period: '2020',
      effectiveAt: '2020-02-01T00:00:00.000Z' as Instant,
    }),
  );

  const printed = buildPack(source, { ...request, printer: installedStatementPrinter() });
  write('good/printed', 'an appeal, with the statement printed', printed);
  const [first, ...others] = readZip(printed);
  const page = others.findIndex(({ name }) => name === 'statement.html');
  write(
    'bad/printed-order',
    'the printed statement before the page',
    zipOf([first!, ...others.toSpliced(page, 2, others[page + 1]!, others[page]!)]),
  );
  write(
    'bad/printed-unlisted',
    'a printed statement that the manifest does not list',
    zipOf([...readZip(agency), others[page + 1]!]),
  );
  write(
    'bad/printed-changed',
    'another printed statement than the manifest lists',
    zipOf([first!, ...others.with(page + 1, zipEntry('statement.pdf', Buffer.from('%PDF-1.7\n')))]),
  );

  const foreignPage = (all: Files) => all.set('statement.pdf', Buffer.from('%PDF-1.7\n'));
  write(
    'bad/foreign-pdf',
    'another printed statement, listed by a bearer without a key',
    forged(printed, foreignPage, null),
  );
  write(
    'bad/foreign-pdf-signed',
    'the same, signed by another key of the same name',
    forged(printed, foreignPage, testKey('ledger.example/test', 'another')),
  );
  write(
    'bad/relabelled',
    'a redacted pack that is labelled full by a bearer without a key',
    forgedManifest(
      buildPack(source, { ...request, redacted: ['complainant'] }),
      (manifest) => ({ ...manifest, redacted: [] }),
      null,
    ),
  );
  write(
    'bad/unmarked',
    'a simulation’s pack whose issuer left out the mark',
    forgedManifest(agency, ({ simulation: _mark, ...manifest }) => manifest),
  );
  write(
    'bad/no-signature',
    'a pack without a signature',
    zipOf(readZip(agency).filter(({ name }) => name !== 'signature.txt')),
  );
  write(
    'bad/checkpoint-as-signature',
    'the signed checkpoint in place of the manifest’s signature',
    zipOf(
      readZip(agency).map((entry) =>
        entry.name === 'signature.txt'
          ? zipEntry('signature.txt', Buffer.from(source.checkpoint))
          : entry,
      ),
    ),
  );

  const linesOf = (text: string) => text.slice(0, -1).split('\n');
  const written = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const events = (change: (lines: string[]) => readonly string[], pack = agency) =>
    forgedText(pack, 'events.ndjson', (text) => written(change(linesOf(text))));
  const without = (pick: (line: string) => boolean) =>
    forged(agency, (all) => {
      const lines = linesOf(textIn(all, 'events.ndjson'));
      const at = lines.findLastIndex(pick);
      all.set('events.ndjson', Buffer.from(written(lines.toSpliced(at, 1))));
      const proofs = JSON.parse(textIn(all, 'proofs.json')) as { indexes: number[] };
      all.set(
        'proofs.json',
        Buffer.from(JSON.stringify({ ...proofs, indexes: proofs.indexes.toSpliced(at, 1) })),
      );
    });
  const lastOf = (stream: string) => (line: string) => line.includes(`"stream":"${stream}"`);
  const entries = readZip(agency);
  const [manifest, checkpoint, ndjson, ...rest] = entries;

  const inEvents = lengthOf([manifest!, checkpoint!]) + Math.floor(lengthOf([ndjson!]) / 2);
  write('bad/flipped', 'one bit of an event altered in the file', flipped(agency, inEvents));
  write('bad/cut', 'cut off', agency.subarray(0, -100));
  write('bad/trailing', 'a byte after the end', Buffer.concat([agency, Buffer.from([0])]));
  write('bad/leading', 'a byte before the beginning', Buffer.concat([Buffer.from([0]), agency]));
  write(
    'bad/twice',
    'two entries of one name',
    zipOf([manifest!, checkpoint!, checkpoint!, ndjson!, ...rest]),
  );
  write(
    'bad/outside',
    'a path that leads outside',
    zipOf([...entries, zipEntry('../evil', Buffer.from('x'))]),
  );
  write(
    'bad/backslash',
    'a path with a backslash',
    zipOf([...entries, zipEntry('attachments\\x', Buffer.from('x'))]),
  );
  write('bad/order', 'entries in another order', zipOf([manifest!, ndjson!, checkpoint!, ...rest]));
  const zeros = new Uint8Array(80_000_000);
  const bomb = { name: 'events.ndjson', content: zeros, packed: deflateRawSync(zeros) };
  write(
    'bad/bomb',
    'a file that unpacks to more than is allowed',
    zipOf([manifest!, checkpoint!, bomb, ...rest]),
  );
  const lying = { ...bomb, content: new Uint8Array(10) };
  write(
    'bad/bomb-hidden',
    'a file that unpacks to more than it says',
    zipOf([manifest!, checkpoint!, lying, ...rest]),
  );
  const repacked = (change: (entry: ZipEntry) => ZipEntry) =>
    forgedEntries(agency, (entry) => (entry.name === 'events.ndjson' ? change(entry) : entry));
  write(
    'bad/deflate-after',
    'a byte after the end of a deflate stream, listed and signed',
    repacked((entry) => ({ ...entry, packed: Buffer.concat([entry.packed, Buffer.from([0])]) })),
  );
  write(
    'bad/deflate-two',
    'two deflate streams in one entry, listed and signed',
    repacked((entry) => ({ ...entry, packed: Buffer.concat([entry.packed, entry.packed]) })),
  );
  write(
    'bad/deflate-other',
    'a deflate stream of another text that ends before its data, listed and signed',
    repacked(({ content, ...entry }) => {
      const other = deflateRawSync(content.with(100, content[100]! ^ 1));
      return { ...entry, content, packed: Buffer.concat([other, Buffer.from([0, 0])]) };
    }),
  );
  write(
    'bad/deflate-cut',
    'a deflate stream without its last byte, listed and signed',
    repacked((entry) => ({ ...entry, packed: entry.packed.slice(0, -1) })),
  );
  write(
    'bad/unlisted',
    'an entry that the manifest does not list',
    zipOf([...entries, zipEntry(`attachments/${'f'.repeat(64)}`, Buffer.from('x'))]),
  );
  write('bad/missing', 'an entry less than the manifest lists', zipOf(entries.slice(0, -1)));
  write(
    'bad/manifest-space',
    'a space in the manifest',
    zipOf([
      zipEntry('manifest.json', Buffer.from(` ${Buffer.from(manifest!.content).toString()}`)),
      ...entries.slice(1),
    ]),
  );
  write(
    'bad/manifest-more',
    'a member more in the manifest',
    forgedJson(agency, 'manifest.json', (value: object) => ({ ...value, note: 'x' })),
  );
  write(
    'bad/other-question',
    'another K than was answered',
    forgedJson(agency, 'manifest.json', (value: object) => ({
      ...value,
      knownAt: '2019-03-02T12:00:00.000Z',
    })),
  );
  write(
    'bad/withheld-middle',
    'an event in the middle withheld',
    without((line) => line.includes('"DeductionCorrected"')),
  );
  write('bad/withheld-last', 'the last event of the agency withheld', without(lastOf('agency-a1')));
  write('bad/withheld-rulebook', 'the last rulebook withheld', without(lastOf('rulebooks')));
  write('bad/withheld-evidence', 'a piece of evidence withheld', without(lastOf('evidence-e1')));
  const careful = {
    ...bare,
    stream: (name: string) =>
      name === 'agency-a1' ? bare.stream(name).slice(0, -1) : bare.stream(name),
  };
  const shorter = { ...appealQuestion, ...yearEnd, subject: { agencyId: 'a1' } };
  write(
    'bad/withheld-careful',
    'the last event of the agency withheld, and everything else made to fit',
    buildPack(careful, shorter),
  );
  write(
    'bad/swapped',
    'two events swapped',
    events((lines) => [...lines.slice(0, 4), lines[5]!, lines[4]!, ...lines.slice(6)]),
  );
  write(
    'bad/duplicate-key',
    'a key twice in an event',
    events((lines) => lines.with(4, lines[4]!.replace('{"actor"', '{"actor":"x","actor"'))),
  );
  write(
    'bad/envelope',
    'a member more in an event',
    events((lines) => lines.with(4, lines[4]!.replace('"format":1', '"extra":1,"format":1'))),
  );
  const rewritten = (lines: readonly string[]) =>
    rechained(
      lines.map((line) =>
        line.replace('"points":30', '"points":31').replace('"balance":155', '"balance":156'),
      ),
      'agency-a1',
    );
  write('bad/rewritten', 'points altered, and every hash computed again', events(rewritten));
  const signed = new LoggedLedger(
    rewritten(bodies),
    new Map(),
    testKey('ledger.example/test', 'another'),
  );
  write(
    'bad/other-key',
    'the same, signed by another key of the same name',
    buildPack(signed.source(signedAt), {
      ...appealQuestion,
      ...yearEnd,
      subject: { agencyId: 'a1' },
    }),
  );
  const next = testKey('ledger.example/test', 'next');
  const rotated = [...bodies, rotationBody(bodies, log.key, next)];
  const rotatedBy = (key: SignerKey, beside?: SignerKey): LoggedLedger =>
    new LoggedLedger(rotated, new Map(), key, beside);
  const rotation = (key: SignerKey, beside?: SignerKey): string =>
    rotatedBy(key, beside).receipt(bodies.length, signedAt);
  const packOf = (source: PackSource) =>
    buildPack(source, { ...appealQuestion, ...yearEnd, subject: { agencyId: 'a1' } });
  const after = packOf(rotatedBy(next).source(signedAt));
  const led = { receipts: [rotation(log.key, next)] };
  write(
    'good/rotated-key',
    'signed by the key that followed, for a reader who holds the receipt of the rotation',
    after,
    led,
  );
  write('bad/rotated-key', 'the same, for a reader who holds no such receipt', after);
  for (const [name, who, key] of [
    ['bad/rotated-by-itself', 'the new key', next],
    ['bad/rotated-by-one', 'the old key', log.key],
  ] as const)
    write(name, `the same, for a reader whose receipt of the rotation only ${who} signed`, after, {
      receipts: [rotation(key)],
    });
  write(
    'bad/succeeded',
    'signed by the old key after the rotation, for a reader who holds its receipt',
    packOf(rotatedBy(log.key).source(signedAt)),
    led,
  );
  write(
    'bad/succeeded-manifest',
    'the same, of which the new key signed the checkpoint alone',
    packOf(rotatedBy(next).source(signedAt, { sign: (text) => signNote(text, [log.key]) })),
    led,
  );
  const fork = buildPack(new LoggedLedger(rewritten(bodies)).source(signedAt), {
    ...appealQuestion,
    earlier: [9],
  });
  write(
    'bad/fork',
    'another history, signed by the ledger, for a reader who holds a receipt',
    fork,
    {
      receipts: [log.receipt(8, '2019-03-04T00:00:00.000Z', 9)],
    },
  );
  write('bad/no-consistency', 'no proof from a checkpoint that is held', agency, held);
  write('bad/no-receipt', 'what is held is no receipt', appeal, { receipts: ['no receipt'] });
  write('bad/relabelled-receipt', 'what is held is a receipt whose event was altered', appeal, {
    receipts: [relabelled(log.receipt(3, '2019-03-01T00:00:00.000Z', 4))],
  });
  write(
    'bad/rulebook',
    'the threshold of a rulebook altered',
    events((lines) =>
      rechained(
        lines.map((line) => line.replace('"threshold":120', '"threshold":160')),
        'rulebooks',
      ),
    ),
  );
  write(
    'bad/computation',
    'the answer altered, and the statement with it',
    forgedAnswer(agency, (json) => json.replace('"balance":155', '"balance":35')),
  );
  write(
    'bad/statement-data',
    'the statement shows another answer',
    forgedText(agency, 'statement.html', (page) => page.replace('"balance":155', '"balance":35')),
  );
  write(
    'bad/statement-page',
    'the statement is a page of its own',
    forgedText(agency, 'statement.html', (page) =>
      page.replace('</body>', '<p>35 points</p></body>'),
    ),
  );
  write(
    'bad/attachment',
    'another file under the name of a registered one',
    forged(appeal, (all) =>
      all.set(`attachments/${hash('sha256', screenshot, 'hex')}`, Buffer.from('retouched')),
    ),
  );
  write(
    'bad/disclosure',
    'another text than the one that was sealed',
    forgedJson(appeal, 'disclosed.json', ([first, ...more]: object[]) => [
      { ...first, value: 'Another' },
      ...more,
    ]),
  );
  const disclosing = (change: (one: Disclosed) => Partial<Disclosed>) =>
    forgedJson(appeal, 'disclosed.json', ([first, ...more]: Disclosed[]) => [
      { ...first!, ...change(first!) },
      ...more,
    ]);
  write(
    'bad/disclosed-key',
    'a key that is not the text’s',
    disclosing(({ key }) => ({ key: key.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) })),
  );
  write(
    'bad/disclosed-text',
    'a text that the event does not have',
    disclosing(() => ({ text: '/reason' })),
  );
  write(
    'bad/disclosed-event',
    'a text that is said to be of another act',
    disclosing(() => ({ type: 'AppealInitiated' })),
  );
  const disclosedBy = JSON.parse(textIn(filesOf(appeal), 'disclosed.json')) as Disclosed[];
  write(
    'bad/redaction-grounds',
    'a redacted pack that discloses the grounds of an appeal against the complaint’s deduction',
    forgedJson(
      buildPack(source, { ...request, redacted: ['complainant'] }),
      'disclosed.json',
      (kept: Disclosed[]) =>
        disclosedBy.filter(
          ({ id, text }) =>
            text === '/grounds' || kept.some((one) => one.id === id && one.text === text),
        ),
    ),
  );
  write(
    'bad/redaction',
    'a full pack that is labelled redacted',
    forgedJson(appeal, 'manifest.json', (value: object) => ({
      ...value,
      redacted: ['complainant'],
    })),
  );
  write(
    'bad/proof',
    'a hash of the inclusion proof altered',
    forgedJson(agency, 'proofs.json', (value: { inclusion: string[] }) => ({
      ...value,
      inclusion: value.inclusion.with(0, 'f'.repeat(64)),
    })),
  );
  write(
    'bad/proof-long',
    'a hash too many in the inclusion proof',
    forgedJson(agency, 'proofs.json', (value: { inclusion: string[] }) => ({
      ...value,
      inclusion: [...value.inclusion, 'f'.repeat(64)],
    })),
  );

  for (const ledger of dishonestLedgers(bodies)) {
    const own = new LoggedLedger(ledger.bodies).source(signedAt);
    write(`dishonest/${ledger.name}`, ledger.about, buildPack(own, shorter));
  }

  const counted = withAssessedMonth(bodies);
  const december = { ...shorter, effectiveAt: signedAt, knownAt: signedAt };
  const packOfAssessed = (own: readonly string[], streams = assessed.streams) =>
    buildPack(new LoggedLedger(own).source(signedAt), {
      ...december,
      assessed: { ...assessed, streams },
    });
  const assessedPack = packOfAssessed(counted);
  write('good/assessed', 'an assessment with the sessions and bindings it rests on', assessedPack);
  write(
    'bad/assessed-unnamed',
    'sessions and bindings, and no month that rests on them',
    forgedJson(assessedPack, 'manifest.json', ({ assessments: _, ...others }: Manifest) => others),
  );
  write(
    'dishonest/assessed-creator',
    'an assessment of five creators, of whom the pack shows four',
    packOfAssessed(counted, assessed.streams.slice(0, -1)),
  );
  write(
    'dishonest/assessed-month-before',
    'an assessment without the session of the month before that overlaps',
    packOfAssessed(counted, assessed.streams.slice(1)),
  );
  for (const [name, text, from, to] of [
    ['active', 'an assessment with a creator more who is active', '"active":2', '"active":3'],
    [
      'verdict',
      'an assessment of two in five that passed',
      '"verdict":"failed"',
      '"verdict":"passed"',
    ],
    ['reasons', 'an assessment that failed for another reason', '"activity"', '"headcount"'],
    ['rate', 'an assessment by a rate that is not the rulebook’s', '"rate":70', '"rate":30'],
    ['sessions', 'an assessment of other sessions', /"sha256":"[0-9a-f]{8}/, '"sha256":"00000000'],
    [
      'changed',
      'an assessment that does not say what changed',
      '"changed":["sessions"]',
      '"changed":[]',
    ],
  ] as const)
    write(
      `dishonest/assessed-${name}`,
      text,
      packOfAssessed(assessedOtherwise(counted, (body) => body.replace(from, to))),
    );
  for (const [name, text, from, to] of [
    [
      'span',
      'a session that ends before it starts',
      '"endedAt":"2019-05-03T05',
      '"endedAt":"2019-05-03T03',
    ],
    [
      'moved',
      'a corrected session of another creator',
      '"corrected":["endedAt"],"creatorId":"c3"',
      '"corrected":["endedAt"],"creatorId":"c2"',
    ],
    [
      'void',
      'a session that was never recorded, and is void',
      '"sessionId":"s-void"}',
      '"sessionId":"s-none"}',
    ],
  ] as const)
    write(
      `bad/assessed-${name}`,
      text,
      packOfHistory({
        bodies: rechained(
          counted.map((body) => body.replace(from, to)),
          `session-a1-${month}`,
        ),
        pack: assessedPack,
        signedAt,
      }),
    );

  /* What an operator can sign over a history of his own: each was once read otherwise by one. */
  type Data = Record<string, unknown>;
  const history = bodies.map((body) => JSON.parse(body) as EventEnvelope<string, Data>);
  const hostile = (
    name: string,
    text: string,
    change: (events: EventEnvelope<string, Data>[]) => readonly EventEnvelope<string, Data>[],
  ) => {
    const changed = chainedAnew(change(history).map((event) => renamed(event)));
    write(name, text, packOfHistory({ bodies: changed, pack: appeal, signedAt }));
  };
  const withData = (type: string, change: (data: Data) => Data) => {
    const at = history.findLastIndex((event) => event.type === type);
    return history.with(at, { ...history[at]!, data: change(history[at]!.data) });
  };
  const last = history.findLast(({ stream }) => stream === 'agency-a1')!;
  const added = (type: string, data: Data, number = 0): EventEnvelope<string, Data> => ({
    ...history.find((event) => event.type === 'AgencyAdmitted' && event.stream === last.stream)!,
    causation: { ...last.causation, commandId: `${type}/${String(number)}` },
    data: { agencyId: 'a1', ...data },
    recordedAt: last.recordedAt,
    type,
  });
  hostile('bad/form-points', 'points that are a text', () =>
    withData('DeductionImposed', (data) => ({ ...data, points: '5' })),
  );
  hostile('bad/form-decided', 'an initiation with its own decision among its data', () =>
    withData('AppealInitiated', (data) => ({
      ...data,
      decided: { outcome: 'upheld', recordedAt: last.recordedAt },
    })),
  );
  hostile('bad/form-evidence', 'submitted evidence without an id', () =>
    withData('AppealEvidenceSubmitted', (data) => ({
      ...data,
      items: [{ mediaType: 'image/png', sha256: 'f'.repeat(64) }],
    })),
  );
  hostile('bad/form-named', 'the end of a complaint that was never filed', (events) => [
    ...events,
    added('ComplaintClosed', { complaintId: 'nobody', outcome: 'upheld' }),
  ]);
  hostile('bad/rulebook-instant', 'a rulebook in force from a day without a time', () =>
    withData('RulebookShipped', (data) => ({
      ...data,
      document: { ...(data['document'] as object), effectiveFrom: '2019-03-07' },
    })),
  );
  hostile('bad/rulebook-version', 'a rulebook of a schema version to come', (events) =>
    events.map((event) =>
      event.type === 'RulebookShipped' ? { ...event, schemaVersion: 2 } : event,
    ),
  );
  hostile('bad/rulebook-parameter', 'a rulebook without a parameter', () =>
    withData('RulebookShipped', (data) => ({
      ...data,
      document: { ...(data['document'] as object), parameters: {} },
    })),
  );
  const inEvidence = (value: unknown) => () =>
    withData('EvidenceRegistered', (data) => ({ ...data, more: value }));
  const nested = (levels: number): unknown =>
    JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  hostile('good/levels', 'an event of as many levels as there may be', inEvidence(nested(62)));
  hostile('bad/levels', 'an event of a level more', inEvidence(nested(63)));
  const marksIn = (text: string) => text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/[[{,]/g)!.length;
  const before = marksIn(
    bodies.filter((body) => /"stream":"(?:agency-a1|rulebooks|ledger|evi)/.test(body)).join(''),
  );
  // A member more has a comma, and a list of n elements n marks.
  const largest = Array.from({ length: 1_000_000 - before - 1 }, () => 0);
  hostile('good/marks', 'events of as many values as there may be', inEvidence(largest));
  hostile('bad/marks', 'events of a value more', inEvidence([...largest, 0]));
  const emptyEvents = (count: number) =>
    forgedText(agency, 'events.ndjson', () => '{}\n'.repeat(count));
  write('bad/events-most', 'as many events as there may be, which are none', emptyEvents(20_000));
  write('bad/events-more', 'an event more', emptyEvents(20_001));
  const noteOf = (bytes: number) =>
    forged(agency, (all) => all.set('checkpoint.txt', Buffer.alloc(bytes, 'x')));
  write('bad/note-most', 'a checkpoint as long as there may be, which is none', noteOf(131_072));
  write('bad/note-longer', 'a checkpoint of a byte more', noteOf(131_073));
  write(
    'bad/proofs-longer',
    'proofs of a byte more than there may be',
    forged(agency, (all) => all.set('proofs.json', Buffer.alloc(33_554_433, '['))),
  );
  const levels = Buffer.from(`${'['.repeat(500)}${']'.repeat(500)}`);
  write(
    'bad/manifest-levels',
    'a manifest of 500 levels',
    zipOf([zipEntry('manifest.json', levels), ...readZip(agency).slice(1)]),
  );
  write(
    'bad/not-utf8',
    'answers that are not UTF-8',
    forged(agency, (all) => all.set('computation.json', Buffer.from([0xff, 0xfe]))),
  );
  const withDocument = (change: (document: Data) => Data) =>
    withData('RulebookShipped', (data) => ({
      ...data,
      document: change(data['document'] as Data),
    }));
  const firstOf = (list: unknown) => (list as readonly Data[])[0]!;
  const repeated = (list: unknown, count: number) =>
    Array.from({ length: count }, (_, number) => ({ ...firstOf(list), id: `m${String(number)}` }));
  hostile('bad/rulebook-accounts', 'a rulebook of an account more than there may be', () =>
    withDocument((document) => ({ ...document, accounts: repeated(document['accounts'], 51) })),
  );
  hostile('bad/rulebook-clauses', 'a rulebook of a clause more than there may be', () =>
    withDocument((document) => ({ ...document, clauses: repeated(document['clauses'], 1001) })),
  );
  hostile('bad/rulebook-nodes', 'an account of a node more than there may be', () =>
    withDocument((document) => {
      const account = firstOf(document['accounts']);
      const nodes = repeated(account['nodes'], 101);
      return { ...document, accounts: [{ ...account, nodes }] };
    }),
  );
  const calendars = (count: number) => (events: EventEnvelope<string, Data>[]) => {
    const { rulebook: _, ...shipped } = events.find(({ type }) => type === 'RulebookShipped')!;
    const document = { calendarVersion: 'v1', id: 'cn', years: [] };
    return [
      ...events,
      ...Array.from({ length: count }, (_none, number) => ({
        ...shipped,
        causation: { ...shipped.causation, commandId: `calendar/${String(number)}` },
        data: { document, sha256: hash('sha256', canonicalJson(document), 'hex') },
        recordedAt: last.recordedAt,
        type: 'CalendarPublished',
      })),
    ];
  };
  const shippedCount = history.filter(({ stream }) => stream === 'rulebooks').length;
  hostile(
    'bad/rulebooks-most',
    'as many rulebooks and calendars as there may be, by another command than theirs',
    calendars(500 - shippedCount),
  );
  hostile('bad/rulebooks-more', 'a calendar more', calendars(501 - shippedCount));
  const expulsions = (count: number) =>
    Array.from({ length: count }, (_, number) =>
      added(
        'ExpulsionExecuted',
        {
          ...{ account: 'points', balance: 0, carryOver: null, period: '2019', threshold: 120 },
          reentryFrom: '2020-10-07T16:00:00.000Z',
        },
        number,
      ),
    );
  const admissions = (count: number) =>
    Array.from({ length: count }, (_, number) => added('AgencyAdmitted', {}, number));
  hostile('bad/work-expulsions', 'sums of many expulsions that are too much work', (events) => [
    ...events,
    ...admissions(85),
    ...expulsions(85),
  ]);
  hostile('bad/work-accounts', 'sums of many accounts that are too much work', (events) => {
    const shipped = events.find(({ type }) => type === 'RulebookShipped')!;
    const document = shipped.data['document'] as Data;
    const accounts = [firstOf(document['accounts']), ...repeated(document['accounts'], 49)];
    return [
      ...events,
      {
        ...shipped,
        causation: { ...shipped.causation, commandId: 'rulebook/wide' },
        data: { document: { ...document, accounts, rulebookVersion: 'wide' }, sha256: '' },
        recordedAt: last.recordedAt,
      },
      ...admissions(100),
      ...Array.from({ length: 100 }, (_, number) => {
        const { data } = events.find(({ type }) => type === 'DeductionImposed')!;
        return added('DeductionImposed', { ...data, deductionId: `w${String(number)}` }, number);
      }),
    ];
  });
  hostile('bad/work', 'answers that are too much work', (events) => [
    ...events,
    ...Array.from({ length: 293 }, (_, number) => added('AgencyAdmitted', {}, number)),
    ...Array.from({ length: 293 }, (_, number) => {
      const { data } = events.find(({ type }) => type === 'DeductionImposed')!;
      return added('DeductionImposed', { ...data, deductionId: `w${String(number)}` }, number);
    }),
  ]);

  const about =
    'Evidence packs, one a file, verified with the verifier keys `keys` and the `checkpoints` ' +
    'and `receipts` held, if any: every step that fails, with its problem. ' +
    'ledger.ndjson, text-keys.json: the events they are of, and the keys of their sealed texts.';
  writeFileSync(
    join(folder, 'expected.json'),
    `${JSON.stringify({ about, keys: [key], packs }, null, 1)}\n`,
  );
}

/** Returns how many bytes of a pack entries take, each with its local header. */
function lengthOf(entries: readonly ZipEntry[]): number {
  return entries.reduce((sum, { name, packed }) => sum + 30 + name.length + packed.length, 0);
}

function flipped(pack: Uint8Array, at: number): Uint8Array {
  return pack.with(at, pack[at]! ^ 1);
}
