import { hash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import {
  buildPack,
  PackError,
  readZip,
  verifyPack,
  zipEntry,
  type PackReport,
  type PackRequest,
  type PackSource,
} from '@penalty-ledger/evidence';
import type { Instant } from '@penalty-ledger/ledger';
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import { LoggedLedger, testKey } from '../support/logged-ledger.js';
import {
  appealHistory,
  appealQuestion,
  letter,
  logged,
  screenshot,
  signedAt,
} from './appeal-history.js';
import {
  filesOf,
  forged,
  forgedAnswer,
  forgedJson,
  forgedText,
  rechained,
  textIn,
  zipOf,
} from './forging.js';
import {
  admit,
  answerReview,
  appeal,
  appealExpulsion,
  closeComplaint,
  correct,
  decideAppeal,
  deduct,
  expel,
  fileComplaint,
  liftMeasure,
  measure,
  on,
  reinstate,
  requestReview,
  revoke,
  withdraw,
} from '../support/lines.js';
import { pageVerifier } from './page-verifier.js';

const sha256 = (text: string): string => hash('sha256', text, 'hex');

let log: LoggedLedger;
let full: Partial<PackSource>;
let pack: Uint8Array;

beforeAll(async () => {
  log = await logged(appealHistory);
  const files = new Map([screenshot, letter].map((text) => [sha256(text), Buffer.from(text)]));
  full = { attachment: (name) => files.get(name), textKeys: (id) => log.textKeys.get(id) };
  pack = build();
});

const build = (more: Partial<PackRequest> = {}): Uint8Array =>
  buildPack(log.source(signedAt, full), {
    ...appealQuestion,
    earlier: [4],
    evidenceStreams: ['evidence-e-letter'],
    ...more,
  });

const verify = (
  bytes: Uint8Array,
  held: { checkpoints?: string[]; receipts?: string[] } = {},
): PackReport => {
  const report = verifyPack(bytes, { keys: [log.key], ...held });
  // Every step says in both languages what it found.
  for (const { message } of report.checks)
    if (!/\p{Script=Han}/u.test(message.zh)) throw new Error(`${message.en}: no Chinese`);
  return report;
};

/** The steps that fail, each with its problem. */
const problemsOf = ({ checks }: Pick<PackReport, 'checks'>): string[] =>
  checks.flatMap(({ step, result, problem }) =>
    result === 'fails' ? [`${step}: ${problem}`] : [],
  );

const problems = (bytes: Uint8Array): string[] => problemsOf(verify(bytes));

test('a pack holds, and answers as known then and as known now', () => {
  const report = verify(pack);
  expect(problemsOf(report)).toEqual([]);
  expect(report.checks).toHaveLength(18);
  expect(report.parts.map(({ name, boundBy }) => [name.slice(0, 21), boundBy])).toEqual([
    ['manifest.json', 'signature'],
    ['signature.txt', 'signature'],
    ['checkpoint.txt', 'signature'],
    ['events.ndjson', 'proof'],
    ['proofs.json', 'proof'],
    ['computation.json', 'computation'],
    ['disclosed.json', 'event'],
    ['statement.html', 'computation'],
    ['attachments/0be774ebd', 'event'],
    ['attachments/96480f9ee', 'event'],
  ]);
  expect(report.notChecked.map(({ en }) => en)).toEqual([
    expect.stringContaining('no checkpoint or receipt that you kept was given'),
  ]);
  expect(report.holds).toBe(true);
  expect(report.computation?.then?.balance).toBe(90);
  expect(report.computation?.now.balance).toBe(75);
  expect(report.computation?.appeal).toMatchObject({ then: 'initiated', now: 'partly_upheld' });
});

test('the timeline has what was reached at each instant with what was known then', () => {
  const { computation } = verify(pack);
  expect(
    computation?.timeline.map(({ type, balance, standing }) => `${type} ${balance} ${standing}`),
  ).toEqual([
    'AgencyAdmitted 0 active',
    'DeductionImposed 40 active',
    'DeductionImposed 90 active',
    'DeductionCorrected 70 active',
    'DeductionImposed 90 active',
    'AppealInitiated 90 active',
    'AppealEvidenceSubmitted 90 active',
    'AppealDecided 75 active',
    'DeductionAdjusted 75 active',
    'DeductionImposed 115 active',
    'DeductionImposed 155 pending_expulsion',
    'PendingExpulsionOpened 155 pending_expulsion',
    'AppealInitiated 155 pending_expulsion',
    'AppealWithdrawn 155 pending_expulsion',
    'DeductionImposed 155 pending_expulsion',
  ]);
});

test('the same ledger, checkpoint and question give the same bytes', () => {
  expect(Buffer.compare(build(), pack)).toBe(0);
});

test('another tool reads the ZIP, with the files its manifest lists', () => {
  const names = readZip(pack).map(({ name }) => name);
  expect(names).toEqual([
    'manifest.json',
    'signature.txt',
    'checkpoint.txt',
    'events.ndjson',
    'proofs.json',
    'computation.json',
    'disclosed.json',
    'statement.html',
    ...[screenshot, letter].map((text) => `attachments/${sha256(text)}`).sort(),
  ]);
});

test('an agency and a period without an appeal', () => {
  const subject = { agencyId: 'a2' };
  const report = verify(
    build({ subject, effectiveAt: '2019-12-30T00:00:00.000Z' as Instant, knownAt: signedAt }),
  );
  expect(problemsOf(report)).toEqual([]);
  expect(report.computation?.now.balance).toBe(12);
  expect(report.computation?.appeal).toBeUndefined();
});

test('nothing was known of the agency at K: the answer as known then is null', () => {
  const early = '2019-01-01T00:00:00.000Z' as Instant;
  const report = verify(build({ subject: { agencyId: 'a1' }, knownAt: early }));
  expect(problemsOf(report)).toEqual([]);
  expect(report.computation?.then).toBeNull();
});

test('what the ledger does not have is refused by the builder', () => {
  const refused = (more: Partial<PackRequest>): string => {
    try {
      build(more);
    } catch (error) {
      if (error instanceof PackError) return error.problem;
    }
    return '';
  };
  expect(refused({ subject: { agencyId: 'a1', appealId: 'p9' } })).toBe('computation_events');
  expect(refused({ account: 'no-such' })).toBe('computation_events');
  expect(refused({ knownAt: '2020-01-01T00:00:00.000Z' as Instant })).toBe('signed_before');
});

describe('every changed byte is found', () => {
  // The statement is most of a small pack, and one hash covers it: every sixteenth byte is enough.
  test('of a pack without attachments, with a different bit in turn', () => {
    const small = buildPack(log.source(signedAt), {
      ...appealQuestion,
      subject: { agencyId: 'a2' },
    });
    const missed: number[] = [];
    const page = readZip(small).at(-1)!;
    const end = Buffer.from(small).indexOf(page.packed) + page.packed.length;
    for (let at = 0; at < small.length; at += at > end - page.packed.length && at < end ? 16 : 1) {
      const bytes = Uint8Array.from(small);
      bytes[at] = bytes[at]! ^ (1 << (at % 8));
      if (verify(bytes).holds) missed.push(at);
    }
    expect(missed).toEqual([]);
  }, 300_000);

  test('of the signature, with each bit in turn', () => {
    const { packed } = readZip(pack).find(({ name }) => name === 'signature.txt')!;
    const start = Buffer.from(pack).indexOf(packed);
    const missed: number[] = [];
    for (let bit = 0; bit < packed.length * 8; bit++) {
      const bytes = Uint8Array.from(pack);
      bytes[start + (bit >> 3)]! ^= 1 << (bit & 7);
      if (verify(bytes).holds) missed.push(bit);
    }
    expect(missed).toEqual([]);
  });

  test('of a pack that is cut off, at each place', () => {
    for (let length = 0; length < pack.length; length += 211)
      expect(verify(pack.subarray(0, length)).holds).toBe(false);
  });
});

describe('the ZIP', () => {
  const entries = () => readZip(pack);

  test('that is none', () => {
    expect(problems(Buffer.from('not a zip'))).toEqual(['zip: zip_header']);
    expect(problems(new Uint8Array())).toEqual(['zip: zip_header']);
  });

  test('with bytes after it, or before it', () => {
    expect(problems(Buffer.concat([pack, Buffer.from([0])]))).toEqual(['zip: zip_directory']);
    expect(problems(Buffer.concat([Buffer.from([0]), pack]))).toEqual(['zip: zip_header']);
  });

  test('with two entries of one name', () => {
    const [first, second, ...rest] = entries();
    expect(problems(zipOf([first!, second!, second!, ...rest]))).toEqual(['zip: zip_twice']);
  });

  test.each([
    '../evil',
    '/etc/passwd',
    'a\\b',
    'C:evil',
    'attachments/x',
    'readme.txt',
    'MANIFEST.JSON',
    '',
  ])('with an entry named %j', (name) => {
    expect(problems(zipOf([...entries(), zipEntry(name, Buffer.from('x'))]))).toEqual([
      'zip: zip_name',
    ]);
  });

  test('with its entries in another order', () => {
    const [first, second, third, ...rest] = entries();
    expect(problems(zipOf([first!, third!, second!, ...rest]))).toEqual(['zip: zip_name']);
  });

  test('with a file that unpacks to more than it says, or to more than is allowed', () => {
    const content = new Uint8Array(80_000_000);
    const bomb = { name: 'events.ndjson', content, packed: deflateRawSync(content) };
    const [manifest, checkpoint, , ...rest] = entries();
    expect(problems(zipOf([manifest!, checkpoint!, bomb, ...rest]))).toEqual(['zip: zip_size']);
    const hidden = { ...bomb, content: new Uint8Array(10) };
    expect(problems(zipOf([manifest!, checkpoint!, hidden, ...rest]))).toEqual(['zip: zip_data']);
  });

  test('with bytes after the end of a deflate stream', () => {
    const longer = entries().map((entry) =>
      entry.name === 'proofs.json'
        ? { ...entry, packed: Buffer.concat([entry.packed, Buffer.from([0])]) }
        : entry,
    );
    expect(problems(zipOf(longer))).toEqual(['zip: zip_data']);
  });

  test('with an entry the manifest does not list, and without one it lists', () => {
    const extra = zipEntry(`attachments/${'f'.repeat(64)}`, Buffer.from('x'));
    expect(problems(zipOf([...entries(), extra]))).toEqual(['files: file_unlisted']);
    expect(problems(zipOf(entries().slice(0, -1)))).toEqual(['files: file_missing']);
  });
});

describe('a careful forger', () => {
  const bodiesOf = (text: string): string[] => text.slice(0, -1).split('\n');
  const linesOf = (bodies: readonly string[]): string => bodies.map((body) => `${body}\n`).join('');
  const without = (pick: (bodies: readonly string[]) => number) =>
    forged(pack, (files) => {
      const bodies = bodiesOf(textIn(files, 'events.ndjson'));
      const at = pick(bodies);
      files.set('events.ndjson', Buffer.from(linesOf(bodies.toSpliced(at, 1))));
      const proofs = JSON.parse(textIn(files, 'proofs.json')) as {
        indexes: number[];
        inclusion: string[];
      };
      files.set(
        'proofs.json',
        Buffer.from(JSON.stringify({ ...proofs, indexes: proofs.indexes.toSpliced(at, 1) })),
      );
    });
  const lastOf = (stream: string) => (bodies: readonly string[]) =>
    bodies.findLastIndex((body) => (JSON.parse(body) as { stream: string }).stream === stream);

  test('withholds an event in the middle', () => {
    expect(
      problems(
        without((bodies) => bodies.findIndex((body) => body.includes('"DeductionCorrected"'))),
      ),
    ).toContain('chains: revision');
  });

  test('withholds the last event of the agency, of the rulebooks, of a piece of evidence', () => {
    expect(problems(without(lastOf('agency-a1')))).toContain('completeness: head_root');
    expect(problems(without(lastOf('rulebooks')))).toContain('completeness: head_root');
    expect(problems(without(lastOf('evidence-e1')))).toContain('completeness: head_missing');
  });

  test('withholds the last event, and makes everything else fit', () => {
    const honest = log.source(signedAt);
    const source = {
      ...honest,
      stream: (name: string) =>
        name === 'agency-a1' ? honest.stream(name).slice(0, -1) : honest.stream(name),
    };
    expect(problems(buildPack(source, appealQuestion))).toEqual(['completeness: head_root']);
  });

  test('swaps two events', () => {
    const swapped = forgedText(pack, 'events.ndjson', (text) => {
      const bodies = bodiesOf(text);
      return linesOf([...bodies.slice(0, 4), bodies[5]!, bodies[4]!, ...bodies.slice(6)]);
    });
    expect(problems(swapped)).toEqual(
      expect.arrayContaining(['chains: revision', 'inclusion: inclusion_root']),
    );
  });

  test('leaves the points out of a deduction, and computes every hash again', async () => {
    const rewritten = forgedText(pack, 'events.ndjson', (text) =>
      linesOf(rechained(bodiesOf(text.replace(',"points":30', '')), 'agency-a1')),
    );
    const expected = [
      'inclusion: inclusion_root',
      'completeness: head_root',
      'decisions: computation_events',
      'computation: computation_events',
    ];
    expect(problems(rewritten)).toEqual(expected);
    const inPage = await pageVerifier().verify(rewritten, [formatVerifierKey(log.key)]);
    expect(problemsOf(inPage)).toEqual(expected);
  });

  test('rewrites history and computes every hash again', () => {
    const rewritten = forgedText(pack, 'events.ndjson', (text) =>
      linesOf(
        rechained(
          bodiesOf(
            text.replace('"points":30', '"points":31').replace('"balance":155', '"balance":156'),
          ),
          'agency-a1',
        ),
      ),
    );
    expect(problems(rewritten)).toEqual([
      'inclusion: inclusion_root',
      'completeness: head_root',
      'computation: computation_differs',
    ]);
  });

  test('rewrites history, and signs it with a key of their own', () => {
    const lying = new LoggedLedger(
      rechained(
        log.bodies.map((body) =>
          body.replace('"points":30', '"points":31').replace('"balance":155', '"balance":156'),
        ),
        'agency-a1',
      ),
      new Map(),
      testKey('ledger.example/test', 'another'),
    );
    expect(problems(buildPack(lying.source(signedAt), appealQuestion))).toEqual([
      'signature: unsigned',
      'checkpoint: unsigned',
    ]);
  });

  test('writes a key twice, puts white space or another order into an event', () => {
    const changed = (change: (body: string) => string) =>
      problems(
        forgedText(pack, 'events.ndjson', (text) =>
          linesOf(bodiesOf(text).map((body, at) => (at === 4 ? change(body) : body))),
        ),
      );
    expect(changed((body) => body.replace('{"actor"', '{"actor":"x","actor"'))).toEqual([
      'events: event_bytes',
    ]);
    expect(changed((body) => body.replace('{"actor"', '{ "actor"'))).toEqual([
      'events: event_bytes',
    ]);
    expect(changed((body) => body.replace('"format":1', '"format":2'))).toEqual([
      'events: event_envelope',
    ]);
    expect(changed((body) => body.replace('"format":1', '"extra":1,"format":1'))).toEqual([
      'events: event_envelope',
    ]);
  });

  test('changes the answer, and the statement with it', () => {
    const answer = forgedAnswer(pack, (json) => json.replace('"balance":75', '"balance":15'));
    expect(problems(answer)).toEqual(['computation: computation_differs']);
  });

  test('changes what the statement shows, its data or its page', () => {
    expect(
      problems(
        forgedText(pack, 'statement.html', (page) => page.replace('"balance":75', '"balance":15')),
      ),
    ).toEqual(['statement: statement_data']);
    expect(
      problems(forgedText(pack, 'statement.html', (page) => `${page}<p>60 points</p>`)),
    ).toEqual(['statement: statement_page']);
  });

  test('asks another question than was answered', () => {
    const asked = (change: object) =>
      problems(
        forgedJson(pack, 'manifest.json', (manifest: object) => ({ ...manifest, ...change })),
      );
    expect(asked({ knownAt: '2019-03-29T02:00:00.000Z' })).toEqual([
      'computation: computation_differs',
    ]);
    expect(asked({ period: '2018' })).toEqual(['computation: computation_differs']);
    expect(asked({ ledgerId: 'other' })).toEqual(['chains: opening']);
    expect(asked({ origin: 'other' })).toEqual(['signature: origin', 'checkpoint: origin']);
    expect(asked({ subject: { agencyId: 'a2' } })).toEqual(['chains: stream']);
    expect(asked({ note: 'x' })).toEqual(['manifest: manifest_form']);
  });

  test('puts in a rulebook of their own', () => {
    const own = forgedText(pack, 'events.ndjson', (text) =>
      linesOf(rechained(bodiesOf(text.replace('"threshold":120', '"threshold":160')), 'rulebooks')),
    );
    expect(problems(own)).toEqual([
      'rulebooks: rulebook_hash',
      'inclusion: inclusion_root',
      'completeness: head_root',
    ]);
  });

  test('attaches an unregistered file, or another file under a registered name', () => {
    const stray = forged(pack, (files) => {
      const all = new Map([...files, [`attachments/${sha256('zz')}`, Buffer.from('zz')]]);
      const attached = [...all]
        .filter(([name]) => name.startsWith('attachments/'))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [name, content] of attached) {
        files.delete(name);
        files.set(name, content);
      }
    });
    expect(problems(stray)).toEqual(['attachments: attachment_unregistered']);
    const other = forged(pack, (files) =>
      files.set(`attachments/${sha256(screenshot)}`, Buffer.from('retouched')),
    );
    expect(problems(other)).toEqual(['attachments: attachment_hash']);
  });

  test('discloses another text than was sealed, of another event, or out of order', () => {
    const changed = (change: (disclosed: { id: string; value: string }[]) => object[]) => {
      const disclosed = forgedJson(pack, 'disclosed.json', change);
      return problems(disclosed).filter((problem) => problem.startsWith('disclosure'));
    };
    expect(changed(([first, ...rest]) => [{ ...first, value: 'Another' }, ...rest])).toEqual([
      'disclosure: disclosure_text',
    ]);
    expect(changed((all) => all.toReversed())).toEqual(['disclosure: disclosure_event']);
    expect(changed(([first, ...rest]) => [{ ...first, id: '0'.repeat(36) }, ...rest])).toEqual([
      'disclosure: disclosure_event',
    ]);
  });
});

describe('what a reader holds', () => {
  test('an earlier checkpoint, and a receipt for an event of the pack', () => {
    const checkpoints = [log.checkpoint('2019-03-01T00:00:00.000Z', 4)];
    const receipts = [log.receipt(3, '2019-03-01T00:00:00.000Z', 4), log.receipt(2, signedAt)];
    expect(problemsOf(verify(pack, { checkpoints, receipts }))).toEqual([]);
  });

  test('a checkpoint from which the pack has no proof, or a later one', () => {
    expect(problemsOf(verify(pack, { checkpoints: [log.checkpoint(signedAt, 5)] }))).toEqual([
      'consistency: consistency_missing',
    ]);
    const early = buildPack(log.source(signedAt, {}, 21), appealQuestion);
    expect(problemsOf(verify(early, { checkpoints: [log.checkpoint(signedAt)] }))).toEqual([
      'consistency: later',
    ]);
  });

  test('a receipt that contradicts a pack of another history, signed with the same key', () => {
    const fork = new LoggedLedger(
      rechained(
        log.bodies.map((body) =>
          body.replace('"points":30', '"points":31').replace('"balance":155', '"balance":156'),
        ),
        'agency-a1',
      ),
    );
    const forkedPack = buildPack(fork.source(signedAt), { ...appealQuestion, earlier: [9] });
    expect(problems(forkedPack)).toEqual([]);
    const receipts = [log.receipt(8, '2019-03-04T00:00:00.000Z', 9)];
    expect(problemsOf(verify(forkedPack, { receipts }))).toEqual([
      'consistency: consistency_root',
      'receipts: event',
    ]);
  });

  test('texts that are not a checkpoint or a receipt', () => {
    expect(problemsOf(verify(pack, { checkpoints: ['x'], receipts: ['y'] }))).toEqual([
      'consistency: note',
      'receipts: receipt',
    ]);
  });
});

describe('redacted for the complainant’s sake', () => {
  test('it has the same checkpoint and events, but not the complaint’s texts and files', () => {
    const redacted = build({ redacted: ['complainant'] });
    expect(problems(redacted)).toEqual([]);
    const [open, closed] = [filesOf(pack), filesOf(redacted)];
    expect(textIn(closed, 'checkpoint.txt')).toBe(textIn(open, 'checkpoint.txt'));
    expect(textIn(closed, 'events.ndjson')).toBe(textIn(open, 'events.ndjson'));
    expect(textIn(open, 'disclosed.json')).toContain('never');
    expect(textIn(closed, 'disclosed.json')).not.toContain('never');
    expect(textIn(closed, 'disclosed.json')).not.toContain('被投诉');
    expect(closed.has(`attachments/${sha256(letter)}`)).toBe(false);
    // The appeal is against the complaint's deduction: what it says and shows tells of it too.
    expect(closed.has(`attachments/${sha256(screenshot)}`)).toBe(false);
  });

  describe('every act that tells of a complaint keeps its texts and files back:', () => {
    // A text that tells of the complaint begins with `told`, any other with `open`.
    const item = (evidenceId: string, title: string) => ({
      ...{ evidenceId, title, mediaType: 'image/png', sha256: sha256(evidenceId) },
    });
    const register = (evidenceId: string, subject: object, title: string) => ({
      command: 'RegisterEvidence',
      data: { ...item(evidenceId, title), subject },
    });
    const submitItem = (appealId: string, one: object) => ({
      command: 'SubmitEvidence',
      data: { appealId, items: [one] },
    });
    const statement = {
      ...{ facts: 'told facts', reason: 'told cause', basis: 'told basis', remedy: 'told remedy' },
    };
    const complaint = { basis: { kind: 'complaint', complaintId: 'c1' } };
    const history = [
      on('2019-01-05', admit()),
      on('2019-02-01', deduct('d0', 10, { notice: { text: 'open notice' } })),
      on('2019-02-02', appeal('p0', ['d0'], { grounds: 'open grounds' })),
      on('2019-02-02 11:00', register('e-p0', { kind: 'appeal', id: 'p0' }, 'open item')),
      on('2019-02-03', decideAppeal('p0', 'rejected', { reason: 'open decision' })),
      on('2019-02-04', measure('m0', { deductionId: 'd0', statement: { facts: 'open facts' } })),
      on('2019-03-01', fileComplaint('c1', '2019-03-01', { subject: 'told subject' })),
      on('2019-03-02', register('e-c1', { kind: 'complaint', id: 'c1' }, 'told letter')),
      on('2019-03-03', deduct('d1', 100, { ...complaint, notice: { text: 'told notice' } })),
      on('2019-03-03 11:00', register('e-d1', { kind: 'deduction', id: 'd1' }, 'told screenshot')),
      on('2019-03-03 12:00', correct('d1', { points: 110, reason: 'told correction' })),
      on('2019-03-04', closeComplaint('c1', 'upheld', { reason: 'told outcome' })),
      on('2019-03-05 08:00', appeal('p1', ['d1'], { grounds: 'told grounds' })),
      on('2019-03-05 08:10', submitItem('p1', item('e-item', 'told item'))),
      on('2019-03-05 08:20', register('e-item', { kind: 'agency', id: 'a1' }, 'told file')),
      on('2019-03-05 08:30', register('e-p1', { kind: 'appeal', id: 'p1' }, 'told appendix')),
      on('2019-03-05 08:40', withdraw('p1', { reason: 'told withdrawal' })),
      on('2019-03-05', measure('m1', { deductionId: 'd1', statement })),
      on('2019-03-06', requestReview('r1', { measureId: 'm1', reason: 'told request' })),
      on('2019-03-07', answerReview('r1', 'confirmed', { reason: 'told answer' })),
      on('2019-03-08', liftMeasure('m1', { reason: 'told lift' })),
      on('2019-04-01', expel({ reason: 'told expulsion' })),
      on('2019-04-02', appealExpulsion('p2', { grounds: 'told last words' })),
      on('2019-04-03', decideAppeal('p2', 'upheld', { reason: 'told reason' })),
      on('2019-04-04', revoke('d1', { reason: 'told revocation' })),
      on('2019-04-05', reinstate('d1', { reason: 'told reinstatement' })),
      on('2019-04-06', liftMeasure('m0', { reason: 'open lift' })),
    ];
    const texts = [...JSON.stringify(history).matchAll(/"((?:told|open) [a-z ]+)"/g)].map(
      ([, text = '']) => text,
    );
    let redacted: Map<string, Uint8Array>;
    let open: Map<string, Uint8Array>;

    beforeAll(async () => {
      const complained = await logged(history);
      const evidence = ['e-p0', 'e-c1', 'e-d1', 'e-item', 'e-p1'];
      const source = complained.source(signedAt, {
        attachment: (name) => Buffer.from(evidence.find((id) => sha256(id) === name) ?? name),
        textKeys: (id) => complained.textKeys.get(id),
      });
      const request = {
        ...{ account: 'points', effectiveAt: signedAt, knownAt: signedAt, period: '2019' },
        ...{ subject: { agencyId: 'a1' } },
        evidenceStreams: evidence.map((id) => `evidence-${id}`),
      };
      [open, redacted] = [[], ['complainant'] as const].map((left) => {
        const built = buildPack(source, { ...request, redacted: left });
        expect(problemsOf(verifyPack(built, { keys: [complained.key] }))).toEqual([]);
        return filesOf(built);
      }) as [Map<string, Uint8Array>, Map<string, Uint8Array>];
    });

    test.each(texts)('%s', (text) => {
      const says = (files: Map<string, Uint8Array>) =>
        textIn(files, 'disclosed.json').includes(JSON.stringify(text));
      expect(says(open)).toBe(true);
      expect(says(redacted)).toBe(text.startsWith('open'));
    });

    test('files too', () => {
      const attached = (files: Map<string, Uint8Array>) =>
        ['e-p0', 'e-c1', 'e-d1', 'e-item', 'e-p1'].filter((id) =>
          files.has(`attachments/${sha256(id)}`),
        );
      expect(attached(open)).toEqual(['e-p0', 'e-c1', 'e-d1', 'e-item', 'e-p1']);
      expect(attached(redacted)).toEqual(['e-p0']);
    });
  });

  test('a full pack that is labelled redacted is found', () => {
    const labelled = forgedJson(pack, 'manifest.json', (manifest: object) => ({
      ...manifest,
      redacted: ['complainant'],
    }));
    expect(problems(labelled)).toEqual(['attachments: redaction', 'disclosure: redaction']);
  });
});
