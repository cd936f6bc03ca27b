/**
 * Writes the vectors of event format v1 with the built library:
 * `npm run build && node test/format/write-vectors.mjs`.
 *
 * Vectors are frozen. An existing file that would change is kept and named, with exit code 1. Run
 * this only to add a vector; the specification's test only compares.
 */
import { Buffer } from 'node:buffer';
import { createCipheriv, createHash } from 'node:crypto';
import {
  agency,
  rulebooks as rulebookRegister,
  abcPoints,
  agencyStream,
  aliMcn20180703,
  aliMcn20190307,
  canonicalJson,
  clockActor,
  creationOf,
  derivedKeysOf,
  douyinGuildHealth2022,
  douyinMcnCredit2022,
  eventIdOf,
  endOfTime,
  fingerprintOf,
  leafHashOf,
  legalPersonOf,
  legalPersonsKey,
  LedgerZone,
  noPreviousEvent,
  openText,
  parseInstant,
  readCommandLine,
  recordEvents,
  calendarHash,
  chinaCalendar,
  rulebookHash,
  sealPersonalData,
  textKeyOf,
} from '@penalty-ledger/ledger';
import { vectorFolder } from './vector-files.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
/** A key for vectors only; it is not secret. */
const keyFor = (subject) => createHash('sha256').update(`vector key of ${subject}`).digest();

const write = (name, about, content) => vectorFolder('event').json(name, about, content);

// --- canonical JSON

const written = [
  ['members in order of their keys', '{"b":2,"a":1}'],
  ['at every depth', '{"z":[{"d":4,"c":3}],"a":{"y":{"q":2,"p":1},"x":null}}'],
  ['no white space', '{ "a" : [ 1 , true , false , null ] }'],
  ['an array keeps its order', '[3,1,2]'],
  ['empty containers', '{"b":[],"a":{}}'],
  ['keys by UTF-16 code unit: 😀 (D83D DE00) before U+E000', '{"\ue000":1,"😀":2}'],
  ['upper case before lower case, a prefix before the longer key', '{"aa":4,"a":3,"Z":2,"B":1}'],
  ['the empty key comes first', '{"a":1,"":0}'],
  ['keys that are no array index', '{"01":1,"-1":2,"1.5":3}'],
  ['__proto__ is a key like any other', '{"b":1,"__proto__":{"d":1,"c":2},"a":3}'],
  ['Chinese text as it is', '{"name":"\\u676d\\u5dde云帆"}'],
  ['no Unicode normalisation', '["\u00e9","e\\u0301"]'],
  ['short escapes', '"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c"'],
  ['other control characters in lower-case hexadecimal', '"\\u0000\\u001F\\u000B"'],
  ['a solidus, U+007F, U+2028 and U+2029 are not escaped', '"\\/\\u007f\\u2028\\u2029"'],
  ['a surrogate pair is one character', '"\\ud83d\\ude00"'],
  ['the largest and the smallest integer', '[9007199254740991,-9007199254740991,0]'],
  ['an integer however it is spelt', '[1.0,1e2,10E-1]'],
  ['minus zero as zero', '[-0,-0.0,{"a":-0e5}]'],
  ['a text alone', '"a"'],
  ['null alone', 'null'],
];
const refused = [
  ['a fraction', '{"points":1.5}'],
  ['an integer over 2^53-1', '9007199254740992'],
  ['an integer under -(2^53-1)', '-9007199254740992'],
  ['more than a double holds', '1e400'],
  ['a lone high surrogate', '"\\ud800"'],
  ['a lone low surrogate', '["a\\udc00b"]'],
  ['surrogates in the wrong order', '"\\ude00\\ud83d"'],
  ['a lone surrogate in a key', '{"\\ud800":1}'],
  ['a key that looks like an array index', '{"7":1}'],
  ['the key 0', '{"0":1}'],
  ['such a key deep inside', '{"a":[{"b":{"4294967296":1}}]}'],
];
const read = [
  ['canonical', '{"a":1,"b":"云"}', true],
  ['a space', '{"a":1, "b":2}', false],
  ['a line feed at the end', '{"a":1}\n', false],
  ['a byte order mark', '\ufeff{"a":1}', false],
  ['keys out of order', '{"b":2,"a":1}', false],
  ['keys by code point instead of code unit', '{"\ue000":1,"😀":2}', false],
  ['the same key twice', '{"a":1,"a":1}', false],
  ['the same key twice, spelt differently', '{"a":1,"\\u0061":2}', false],
  ['an integer with a fraction', '{"a":1.0}', false],
  ['an integer with an exponent', '{"a":1e2}', false],
  ['a fraction', '{"a":0.5}', false],
  ['minus zero', '{"a":-0}', false],
  ['a needless escape', '{"a":"\\u4e91"}', false],
  ['an escaped solidus', '{"a":"\\/"}', false],
  ['upper-case hexadecimal', '{"a":"\\u001F"}', false],
  ['a long escape where a short one exists', '{"a":"\\u000a"}', false],
  ['a lone surrogate, escaped', '{"a":"\\ud800"}', false],
  ['a key that looks like an array index', '{"1":1}', false],
  ['not JSON', '{"a":1', false],
  ['two values', '{}{}', false],
  ['nothing', '', false],
];
write(
  'canonical-json.json',
  'write: the JSON text `json` is read as a value and written canonically as `canonical`, ' +
    'or refused. read: whether `text` is canonical as it stands.',
  {
    write: [
      ...written.map(([name, json]) => ({
        name,
        json,
        canonical: canonicalJson(JSON.parse(json)),
      })),
      ...refused.map(([name, json]) => ({ name, json, refused: true })),
    ],
    read: read.map(([name, text, canonical]) => ({ name, text, canonical })),
  },
);

// --- instants

write('instant.json', 'Whether a text is an instant as an event holds it.', {
  instants: [
    ['2019-04-01T02:00:00.000Z', true],
    ['1992-01-01T00:00:00.000Z', true],
    ['2020-02-29T23:59:59.999Z', true],
    ['2019-02-29T00:00:00.000Z', false],
    ['2019-04-31T00:00:00.000Z', false],
    ['1991-12-31T23:59:59.999Z', false],
    ['9000-12-31T00:00:00.000Z', true],
    ['9000-12-31T00:00:00.001Z', false],
    ['2019-04-01T02:00:00Z', false],
    ['2019-04-01T02:00:00.0000Z', false],
    ['2019-04-01T10:00:00.000+08:00', false],
    ['2019-04-01T02:00:00.000+00:00', false],
    ['2019-04-01t02:00:00.000z', false],
    ['2019-04-01 02:00:00.000Z', false],
    ['2019-04-01T24:00:00.000Z', false],
    ['2019-06-30T23:59:60.000Z', false],
    ['2019-13-01T00:00:00.000Z', false],
    ['+012019-04-01T02:00:00.000Z', false],
    ['', false],
  ].map(([text, valid]) => ({ text, valid })),
});

// --- leaf hashes

const leaves = [
  '',
  '{}',
  '{"a":1}',
  '{"name":"杭州云帆"}',
  '{"mark":"😀"}',
  '\\u0000',
  'x'.repeat(200),
];
write(
  'leaf-hash.json',
  'leafHash = SHA-256(0x00 || UTF-8 of text), lower-case hexadecimal. ' +
    'The texts need not be events.',
  {
    leaves: leaves.map((text) => ({ text, leafHash: leafHashOf(text) })),
  },
);

// --- event ids

const ids = [
  ['l1', 'agency-a1', 'RecordDeduction', 'deduction/d1', 0],
  ['l1', 'agency-a1', 'RecordDeduction', 'deduction/d1', 1],
  ['l1', 'agency-a2', 'RecordDeduction', 'deduction/d1', 0],
  ['5e1f0c9a-3b7d-4c11-8a52-0d9b6f4e2a70', 'agency-a1', 'RecordDeduction', 'deduction/d1', 0],
  ['l1', 'agency-a1', 'RecordDeduction', 'case-2019-0212', 0],
  ['l1', 'agency-a1', 'AdmitAgency', 'agency/a1', 0],
  ['l1', 'agency-a1', 'InitiateAppeal', 'appeal/ap:1', 0],
  ['l1', 'evidence-e.1', 'RegisterEvidence', 'evidence/e.1', 0],
  ['l1', 'rulebooks', 'PublishRulebook', 'rulebook/ali-mcn@2019-03-07', 0],
  ['l1', 'agency-a1', 'RecordReadmission', 'agency-a1@12/0f0e0d0c0b0a0908', 0],
  ['l1', 'agency-a1', 'DecideAppeal', 'agency-a1@7/ffeeddccbbaa9988', 12],
  ['l1', 'agency-a1', 'ClockPassed', 'clock/d3@2019-06-09T16:00:00.000Z', 0],
  ['l1', 'refusals-2019-04', 'RecordDeduction', 'refusal/case-2019-0212/00112233445566ff', 0],
  ['l1', 'refusals-2019-04', 'RecordDeduction', 'refusal//00112233445566ff', 0],
  ['l1', 'ledger', 'OpenLedger', 'ledger/l1', 0],
  ['l1', 'rulebooks', 'OpenLedger', 'ledger/l1', 0],
  ['l1', 'rulebooks', 'OpenLedger', 'ledger/l1', 1],
  ['l1', 'ledger', 'AdvanceClock', 'clock/2019-06-09T16:00:00.000Z', 0],
];
write(
  'event-id.json',
  'id = UUID version 5 of `ledgerId/stream/command/commandId#index` in the namespace ' +
    '7b0d5f0c-9a0e-4c62-a5f2-d1b6e8c34f19.',
  {
    ids: ids.map(([ledgerId, stream, command, commandId, index]) => ({
      ledgerId,
      stream,
      command,
      commandId,
      index,
      id: eventIdOf(ledgerId, stream, { command, commandId }, index),
    })),
  },
);

// --- derived keys

const hex = (bytes) => Buffer.from(bytes).toString('hex');
write(
  'derived-keys.json',
  'texts, fingerprint = HMAC-SHA-256 of `key` over `penalty-ledger/v1/texts`, `…/fingerprint`.',
  {
    keys: [Buffer.alloc(32), keyFor('agency:a1'), keyFor('evidence:e7'), keyFor('refusals')].map(
      (key) => {
        const { texts, fingerprint } = derivedKeysOf(key);
        return { key: hex(key), texts: hex(texts), fingerprint: hex(fingerprint) };
      },
    ),
  },
);

// --- personal data

const idIn = (stream, command, commandId) => eventIdOf('l1', stream, { command, commandId }, 0);
const admitted = idIn('agency-a1', 'AdmitAgency', 'agency/a1');
const registered = idIn('evidence-e7', 'RegisterEvidence', 'evidence/e7');
const imposed = idIn('agency-a1', 'RecordDeduction', 'deduction/d1');
const submitted = idIn('agency-a1', 'SubmitEvidence', 'agency-a1@6/0f0e0d0c0b0a0908');
const boxes = [
  ['a name', 'agency:a1', admitted, { name: '杭州云帆直播文化有限公司' }],
  ['the same name in another event', 'agency:a1', imposed, { name: '杭州云帆直播文化有限公司' }],
  ['the same name of another subject', 'agency:a2', admitted, { name: '杭州云帆直播文化有限公司' }],
  ['texts in order of their pointers', 'evidence:e7', registered, { title: '录像😀', a: '1' }],
  [
    'several lines',
    'agency:a1',
    imposed,
    { noticeText: '第一行\n第二行\t"扣40分"', caseNo: '浙扣〔2019〕17号' },
  ],
  ['a list', 'agency:a1', submitted, { titles: ['直播录像', '合同'] }],
  ['twelve of a list', 'agency:a1', submitted, { titles: [...'abcdefghijkl'] }],
  ['an object', 'agency:a1', imposed, { statement: { facts: '事实', basis: '第三条' } }],
];
write(
  'personal-data.json',
  'sealed: `plaintext` of a subject gives the event `personal`, and each text has its key in ' +
    '`textKeys`. refused: `textKey` must not open `sealed`.',
  {
    sealed: boxes.map(([name, subject, eventId, plaintext]) => {
      const key = keyFor(subject);
      const personal = sealPersonalData(plaintext, subject, eventId, key);
      const textKeys = personal.map(({ text }) => [text, textKeyOf(text, eventId, key)]);
      return {
        name,
        key: hex(key),
        subject,
        eventId,
        plaintext,
        personal,
        textKeys: Object.fromEntries(textKeys),
      };
    }),
    refused: refusedTexts(),
  },
);

function refusedTexts() {
  const [subject, eventId, text] = ['agency:a1', admitted, '/name'];
  const textKey = textKeyOf(text, eventId, keyFor(subject));
  const [sealed] = sealPersonalData({ name: '杭州云帆' }, subject, eventId, keyFor(subject));
  const changed = (change) => {
    const bytes = Buffer.from(sealed.box, 'base64');
    return { ...sealed, box: change(bytes).toString('base64') };
  };
  const flipped = (at) => changed((bytes) => bytes.fill(bytes.at(at) ^ 1, at, at + 1));
  const good = { textKey, eventId, sealed };
  const other = textKeyOf(text, eventId, keyFor('agency:a2'));
  const bad = [
    { name: 'another subject’s key', ...good, textKey: other },
    { name: 'moved to another event', ...good, eventId: imposed },
    { name: 'given to another subject', ...good, sealed: { ...sealed, subject: 'agency:a2' } },
    { name: 'called another text', ...good, sealed: { ...sealed, text: '/reason' } },
    { name: 'a flipped bit in the commitment', ...good, sealed: flipped(20) },
    { name: 'a flipped bit in what the counter starts at', ...good, sealed: flipped(0) },
    { name: 'a flipped bit in the ciphertext', ...good, sealed: flipped(32) },
    { name: 'cut short', ...good, sealed: changed((bytes) => bytes.subarray(0, -1)) },
    { name: 'no ciphertext', ...good, sealed: changed((bytes) => bytes.subarray(0, 32)) },
    { name: 'bytes that are not UTF-8', ...good, sealed: sealedBytes(good, Buffer.from([0xff])) },
    {
      name: 'a text that begins with a byte order mark, committed to without it',
      ...good,
      sealed: sealedBytes(good, Buffer.from('\ufeff杭州'), '杭州'),
    },
  ];
  for (const { name, textKey: key, eventId: id, sealed: box } of bad)
    if (opens(box, id, key)) throw new Error(`${name}: it opened`);
  if (!opens(sealed, eventId, textKey)) throw new Error('the text does not open');
  return bad;
}

/** Seals bytes as a dishonest writer can: it commits to what a careless reader sees. */
function sealedBytes({ textKey, eventId, sealed }, bytes, seen = bytes.toString('utf8')) {
  const { subject, text } = sealed;
  const sha = (...parts) => createHash('sha256').update(parts.join('\0')).digest();
  const commitment = sha(textKey, subject, eventId, text, seen);
  const cipher = createCipheriv('aes-256-ctr', sha(textKey, 'cipher'), commitment.subarray(0, 16));
  const box = Buffer.concat([commitment, cipher.update(bytes)]).toString('base64');
  return { box, subject, text };
}

function opens(sealed, eventId, key) {
  try {
    openText(sealed, eventId, key);
    return true;
  } catch {
    return false;
  }
}

// --- fingerprints

const fingerprints = [
  [
    'a command without a subject: SHA-256',
    'PublishRulebook',
    { rulebook: { id: 'x', rulebookVersion: '1' } },
    null,
  ],
  [
    'a command on an agency: HMAC under its key',
    'RecordReadmission',
    { agencyId: 'a1' },
    'agency:a1',
  ],
  ['under another key', 'RecordReadmission', { agencyId: 'a1' }, 'agency:a2'],
  ['the same data under another command', 'ApplyForReentry', { agencyId: 'a1' }, 'agency:a1'],
  ['with text', 'AdmitAgency', { name: '杭州云帆', agencyId: 'a1' }, 'agency:a1'],
  [
    'an instant counts as it was spelt',
    'RecordExit',
    { agencyId: 'a1', effectiveAt: '2019-04-01T10:00:00+08:00' },
    'agency:a1',
  ],
  [
    'the same instant spelt in UTC',
    'RecordExit',
    { agencyId: 'a1', effectiveAt: '2019-04-01T02:00:00Z' },
    'agency:a1',
  ],
  [
    'what fell due',
    'ClockPassed',
    { deductionId: 'd3', effectiveAt: '2019-06-09T16:00:00.000Z' },
    null,
  ],
  [
    'a refusal: HMAC under the key of "refusals"',
    'RecordExit',
    { by: 'officer-1', code: 'not_admitted', data: { agencyId: 'a1', reason: '停业' } },
    'refusals',
  ],
];
write(
  'fingerprint.json',
  'Over the canonical JSON of {"command":…,"data":…}: HMAC-SHA-256 under the fingerprint key of ' +
    '`key` (hexadecimal), or SHA-256 where key is null.',
  {
    fingerprints: fingerprints.map(([name, command, data, subject]) => {
      const key = subject === null ? undefined : keyFor(subject);
      return {
        name,
        command,
        data,
        key: key?.toString('hex') ?? null,
        fingerprint: fingerprintOf(command, data, key),
      };
    }),
  },
);

// --- legal persons

write(
  'legal-person.json',
  'legalPerson = `hmac-sha256:` and the base64url of HMAC-SHA-256 over `legalPersonId`, under ' +
    'HMAC-SHA-256 of `key` over `penalty-ledger/v1/legal-person`.',
  {
    persons: [
      ['legal-persons', 'lp-330100'],
      ['legal-persons', 'lp-330101'],
      ['another ledger', 'lp-330100'],
      ['legal-persons', '91330100MA2B0XYZ1K'],
    ].map(([name, legalPersonId]) => ({
      key: keyFor(name).toString('hex'),
      legalPersonId,
      legalPerson: legalPersonOf(legalPersonId, keyFor(name)),
    })),
  },
);

// --- rulebooks

const shippedDocuments = [
  aliMcn20180703,
  aliMcn20190307,
  abcPoints,
  douyinGuildHealth2022,
  douyinMcnCredit2022,
];

write(
  'rulebook-hash.json',
  'sha256 = SHA-256 of the canonical JSON of the document. ' +
    'The shipped rulebooks: they never change either.',
  {
    rulebooks: shippedDocuments.map((document) => ({
      sha256: rulebookHash(document),
      document,
    })),
  },
);

// --- calendars

write(
  'calendar-hash.json',
  'sha256 = SHA-256 of the canonical JSON of the document. The shipped calendar.',
  { calendars: [{ sha256: calendarHash(chinaCalendar), document: chinaCalendar }] },
);

// --- streams

const zone = new LedgerZone('Asia/Shanghai', 'vectors');
const ledgerId = '5e1f0c9a-3b7d-4c11-8a52-0d9b6f4e2a70';

const settings = { ledgerId, mode: 'observer', simulation: false, zone: 'Asia/Shanghai' };
const opening = {
  ledgerId,
  head: undefined,
  recordedAt: parseInstant('2019-03-01T09:00:00+08:00'),
  actor: 'import',
  causation: {
    command: 'OpenLedger',
    commandId: `ledger/${ledgerId}`,
    fingerprint: fingerprintOf('OpenLedger', settings),
  },
};
const bytesOf = (recorded) =>
  recorded.map(({ record: { body, leafHash } }) => ({ body, leafHash }));
write(
  'opening.json',
  'How the ledger of example.json and stream.json began: two streams, ' +
    'appended one after the other.',
  {
    ledgerId,
    streams: [
      {
        stream: 'ledger',
        records: bytesOf(
          recordEvents([{ type: 'LedgerOpened', data: settings }], {
            ...opening,
            stream: 'ledger',
          }),
        ),
      },
      {
        stream: 'rulebooks',
        records: bytesOf(
          recordEvents(rulebookRegister.shippedRulebooks(), { ...opening, stream: 'rulebooks' }),
        ),
      },
    ],
  },
);

const known = rulebookRegister.rulebooksAt(rulebookRegister.empty, endOfTime);

/**
 * Runs commands on one agency as the ledger does: it decides, adds what follows, and records.
 * `ClockPassed` lines stand for what falls due by itself.
 */
function streamOf(agencyId, lines) {
  const stream = agencyStream(agencyId);
  const subject = agency.subjectOf(agencyId);
  const key = keyFor(subject);
  const keys = { [subject]: key.toString('hex') };
  const named = (legalPersonId) => {
    keys[legalPersonsKey] = keyFor(legalPersonsKey).toString('hex');
    return legalPersonOf(legalPersonId, keyFor(legalPersonsKey));
  };
  const history = agency.emptyHistory();
  let head;
  const records = [];
  const commands = [];
  const opened = [];
  for (const sent of lines) {
    const byItself = sent.command === 'ClockPassed';
    const at = parseInstant(sent.at);
    const actor = byItself ? clockActor : sent.by;
    const context = {
      now: at,
      actor,
      mode: 'observer',
      zone,
      rulebooks: known,
      legalPersonOf: named,
    };
    const revision = (head?.revision ?? -1) + 1;
    const fingerprint = fingerprintOf(sent.command, sent.data, byItself ? undefined : key);
    let events;
    let commandId;
    if (byItself) {
      events = agency.passClock(history, context, at);
      commandId = `clock/${sent.data.deductionId}@${sent.data.effectiveAt}`;
    } else {
      const { line, problems } = readCommandLine(sent);
      if (problems !== undefined) throw new Error(problems.join('; '));
      const decision = agency.execute(line.command, history, context);
      if (decision.rejected !== undefined) throw new Error(decision.rejected.message);
      events = decision.events;
      const creation = creationOf(line.command);
      commandId =
        sent.commandId ??
        (creation === undefined
          ? `${stream}@${String(revision)}/${fingerprint.slice(0, 16)}`
          : `${creation.kind}/${creation.id}`);
    }
    const causation = { command: sent.command, commandId, fingerprint };
    const recorded = recordEvents(events, {
      ledgerId,
      stream,
      head,
      recordedAt: at,
      actor,
      causation,
      subject: { id: subject, key },
    });
    for (const [index, { event, record }] of recorded.entries()) {
      records.push({ body: record.body, leafHash: record.leafHash });
      head = { revision: record.revision, leafHash: record.leafHash };
      const { personal } = events[index];
      if (personal !== undefined) opened.push({ revision: event.revision, plaintext: personal });
    }
    commands.push({
      command: sent.command,
      data: sent.data,
      ...(sent.commandId !== undefined && { sentCommandId: sent.commandId }),
      commandId,
      fingerprint,
      revisions: recorded.map(({ event }) => event.revision),
    });
  }
  return { ledgerId, stream, keys, commands, records, opened };
}

const example = streamOf('a7', [
  {
    at: '2019-03-10T09:00:00+08:00',
    by: 'officer-1',
    command: 'AdmitAgency',
    data: { agencyId: 'a7', name: '星野直播' },
  },
  {
    at: '2019-04-01T10:00:00+08:00',
    by: 'officer-1',
    command: 'RecordDeduction',
    data: {
      deductionId: 'd1',
      agencyId: 'a7',
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: '2019-03-31T23:59:59.999+08:00',
      notifiedAt: '2019-04-01T09:30:00+08:00',
      notice: { text: '三月运营指标不符，扣40分。' },
    },
  },
]);
write('example.json', 'The stream of two events that docs/spec/event.md begins with.', example);

const file = (name) => sha256(`vector file ${name}`);
const stream = streamOf('a1', [
  {
    at: '2019-03-10T09:00:00+08:00',
    by: 'officer-1',
    command: 'AdmitAgency',
    data: { agencyId: 'a1', name: '杭州云帆直播文化有限公司', legalPersonId: 'lp-330100' },
  },
  {
    at: '2019-04-02T10:00:00+08:00',
    by: 'officer-1',
    command: 'RecordDeduction',
    data: {
      deductionId: 'd1',
      agencyId: 'a1',
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: '2019-03-31T23:59:59.999+08:00',
      decidedAt: '2019-04-01T18:00:00+08:00',
      notifiedAt: '2019-04-02T09:30:00+08:00',
      basis: { kind: 'assessment', month: '2019-03' },
      notice: {
        caseNo: '浙扣〔2019〕17号',
        text: '三月活跃达人占比低于百分之七十，扣40分。',
        sha256: file('17'),
      },
    },
  },
  {
    at: '2019-05-06T15:20:00.250+08:00',
    by: 'officer-1',
    command: 'RecordDeduction',
    commandId: 'case-2019-0212',
    data: {
      deductionId: 'd2',
      agencyId: 'a1',
      points: 40,
      clause: 'creator-violation',
      occurredAt: '2019-05-05T21:14:07+08:00',
      creatorId: 'c-88',
      notice: { text: '达人“小雨😀”直播中虚假宣传，\n机构承担连带责任，扣40分。' },
    },
  },
  {
    at: '2019-06-03T11:00:00+08:00',
    by: 'officer-1',
    command: 'RecordDeduction',
    data: {
      deductionId: 'd3',
      agencyId: 'a1',
      points: 40,
      clause: 'improper-operation',
      occurredAt: '2019-06-01T20:00:00+08:00',
      effectiveAt: '2019-06-10T00:00:00+08:00',
    },
  },
  {
    at: '2019-06-10T00:00:00+08:00',
    command: 'ClockPassed',
    data: { deductionId: 'd3', effectiveAt: '2019-06-09T16:00:00.000Z' },
  },
  {
    at: '2019-06-11T09:00:00+08:00',
    by: 'officer-1',
    command: 'InitiateAppeal',
    data: {
      appealId: 'ap1',
      agencyId: 'a1',
      kind: 'last_chance',
      deductionIds: ['d2'],
      grounds: '直播录像显示达人未作虚假宣传，请求撤销扣分。',
    },
  },
  {
    at: '2019-06-12T16:45:00+08:00',
    by: 'officer-1',
    command: 'SubmitEvidence',
    data: {
      appealId: 'ap1',
      items: [
        {
          evidenceId: 'e1',
          title: '直播录像',
          mediaType: 'video/mp4',
          sha256: file('e1'),
          bytes: 734003200,
        },
        {
          evidenceId: 'e2',
          title: '品牌方情况说明',
          mediaType: 'application/pdf',
          sha256: file('e2'),
        },
      ],
    },
  },
  {
    at: '2019-06-14T14:00:00+08:00',
    by: 'officer-2',
    command: 'DecideAppeal',
    data: {
      appealId: 'ap1',
      outcome: 'upheld',
      reason: '申诉成立，撤销该次扣分。',
      decidedAt: '2019-06-14T10:00:00+08:00',
    },
  },
]);
write(
  'stream.json',
  'One agency from admission to an appeal that is upheld: ' +
    'scheduled deduction, pending expulsion, last chance. Exact bodies.',
  stream,
);

// --- broken streams: each is the first `keep` records of stream.json, then the records of `then`

const { records } = stream;
const record = (body) => ({ body, leafHash: leafHashOf(body) });
const edited = (index, edit) => {
  const event = JSON.parse(records[index].body);
  edit(event);
  return record(canonicalJson(event));
};
const last = records.length - 1;
const lastBody = records[last].body;
/** Returns the last record with a changed text and that text's hash, as a forger can write it. */
const respelt = (from, to) => {
  if (!lastBody.includes(from)) throw new Error(`no ${from} in the last event`);
  return record(lastBody.replace(from, to));
};
const inLast = (name, problem, then) => ({ name, problem, at: last, keep: last, then: [then] });
/** The same events with the ids, revisions and hashes they would need, from `index` on. */
const rechained = (events, keep) => {
  let previous = keep === 0 ? noPreviousEvent : records[keep - 1].leafHash;
  return events.map((event) => {
    const made = record(canonicalJson({ ...event, previous }));
    previous = made.leafHash;
    return made;
  });
};
const parsed = records.map(({ body }) => JSON.parse(body));
const flipped = (body, at) =>
  `${body.slice(0, at)}${String.fromCharCode(body.charCodeAt(at) ^ 1)}${body.slice(at + 1)}`;

/** A made-up sealed text in the right form; no key opens it. */
const sealedOf = (text) => ({ box: `${'A'.repeat(43)}=`, subject: 'agency:a1', text });
/** The id the last event has, or one that differs in a part of its name. */
const lastId = (change) => {
  const { causation } = JSON.parse(lastBody);
  const parts = { ledgerId, stream: stream.stream, causation, index: 2, ...change };
  return eventIdOf(parts.ledgerId, parts.stream, parts.causation, parts.index);
};
if (JSON.parse(lastBody).id !== lastId({}))
  throw new Error('the last event is not its command’s third');

const variants = [
  { name: 'nothing wrong', problem: null, at: null, keep: records.length, then: [] },
  {
    name: 'a flipped bit in a body',
    problem: 'leaf_hash',
    at: 1,
    keep: 1,
    then: [
      {
        body: flipped(records[1].body, records[1].body.indexOf('"points":40') + 9),
        leafHash: records[1].leafHash,
      },
      ...records.slice(2, 4),
    ],
  },
  {
    name: 'an altered body with its new hash: the next event does not follow it',
    problem: 'previous',
    at: 2,
    keep: 1,
    then: [edited(1, (event) => (event.data.points = 41)), records[2]],
  },
  {
    name: 'the hash of the body without the leaf prefix',
    problem: 'leaf_hash',
    at: last,
    keep: last,
    then: [{ body: lastBody, leafHash: sha256(lastBody) }],
  },
  {
    name: 'two events swapped',
    problem: 'revision',
    at: 2,
    keep: 2,
    then: [records[3], records[2]],
  },
  { name: 'an event left out', problem: 'revision', at: 3, keep: 3, then: records.slice(4) },
  {
    name: 'an event left out and the rest chained anew',
    problem: 'revision',
    at: 3,
    keep: 3,
    then: rechained(parsed.slice(4, 6), 3),
  },
  { name: 'an event twice', problem: 'revision', at: 3, keep: 3, then: [records[2], records[3]] },
  {
    name: 'the first event missing',
    problem: 'revision',
    at: 0,
    keep: 0,
    then: records.slice(1, 2),
  },
  {
    name: 'a first event that follows something',
    problem: 'previous',
    at: 0,
    keep: 0,
    then: [edited(0, (event) => (event.previous = records[0].leafHash))],
  },
  inLast(
    'the wrong previous',
    'previous',
    edited(last, (event) => (event.previous = records[last - 2].leafHash)),
  ),
  inLast(
    'an event of another stream',
    'stream',
    edited(last, (event) => (event.stream = 'agency-a2')),
  ),
  inLast(
    'recorded before the event it follows',
    'recordedAt',
    edited(last, (event) => (event.recordedAt = '2019-06-14T05:59:59.999Z')),
  ),
  inLast(
    'an id that is not the command’s',
    'id',
    edited(
      last,
      (event) => (event.id = lastId({ causation: { ...event.causation, commandId: 'other' } })),
    ),
  ),
  inLast(
    'a command’s second event with the id of its third',
    'id',
    edited(last, (event) => (event.id = lastId({ index: 3 }))),
  ),
  inLast(
    'an event of another ledger',
    'id',
    edited(last, (event) => (event.id = lastId({ ledgerId: 'l1' }))),
  ),
  inLast(
    'the id of the same command in another stream',
    'id',
    edited(last, (event) => (event.id = lastId({ stream: 'agency-a2' }))),
  ),
  inLast(
    'one command, two actors',
    'id',
    edited(last, (event) => (event.actor = 'officer-3')),
  ),
  inLast(
    'keys out of order',
    'bytes',
    respelt('{"account":"points","agencyId":"a1",', '{"agencyId":"a1","account":"points",'),
  ),
  inLast(
    'a key twice',
    'bytes',
    respelt('"account":"points"', '"account":"points","account":"points"'),
  ),
  inLast('a number with a fraction', 'bytes', respelt('"balance":80', '"balance":80.0')),
  inLast('a number that is no integer', 'bytes', respelt('"balance":80', '"balance":80.5')),
  inLast('an integer too large', 'bytes', respelt('"balance":80', '"balance":9007199254740993')),
  inLast('white space', 'bytes', respelt('"balance":80', '"balance": 80')),
  inLast('a needless escape', 'bytes', respelt('"points"', '"\\u0070oints"')),
  inLast('a byte order mark', 'bytes', record(`\ufeff${lastBody}`)),
  inLast('a line feed at the end', 'bytes', record(`${lastBody}\n`)),
  inLast('not an object', 'envelope', record('[]')),
  inLast(
    'another format',
    'envelope',
    edited(last, (event) => (event.format = 2)),
  ),
  inLast(
    'a member that format 1 has not',
    'envelope',
    edited(last, (event) => (event.position = 10)),
  ),
  inLast(
    'a member missing',
    'envelope',
    edited(last, (event) => delete event.actor),
  ),
  inLast(
    'an instant with an offset',
    'envelope',
    edited(last, (event) => (event.effectiveAt = '2019-06-14T14:00:00.000+08:00')),
  ),
  inLast(
    'an instant without milliseconds',
    'envelope',
    edited(last, (event) => (event.recordedAt = '2019-06-14T06:00:00Z')),
  ),
  inLast(
    'a hash in upper case',
    'envelope',
    edited(last, (event) => (event.previous = event.previous.toUpperCase())),
  ),
  inLast(
    'a null where a member is to be left out',
    'envelope',
    edited(last, (event) => (event.decidedAt = null)),
  ),
  inLast(
    'a box of 31 bytes',
    'envelope',
    edited(
      last,
      (event) => (event.personal = [{ ...sealedOf('/name'), box: `${'A'.repeat(42)}==` }]),
    ),
  ),
  inLast(
    'a sealed text without a subject',
    'envelope',
    edited(last, (event) => (event.personal = [{ box: sealedOf('/name').box, text: '/name' }])),
  ),
  inLast(
    'a text’s name without a slash',
    'envelope',
    edited(last, (event) => (event.personal = [sealedOf('name')])),
  ),
  inLast(
    'a text’s name three deep',
    'envelope',
    edited(last, (event) => (event.personal = [sealedOf('/a/b/c')])),
  ),
  inLast(
    'a text’s index with a leading zero',
    'envelope',
    edited(last, (event) => (event.personal = [sealedOf('/titles/01')])),
  ),
  inLast(
    'a text’s empty name',
    'envelope',
    edited(last, (event) => (event.personal = [sealedOf('/')])),
  ),
  inLast(
    'personal data that are not in a list',
    'envelope',
    edited(last, (event) => (event.personal = sealedOf('/name'))),
  ),
  inLast(
    'an empty list of personal data',
    'envelope',
    edited(last, (event) => (event.personal = [])),
  ),
  inLast(
    'sealed texts out of order',
    'envelope',
    edited(last, (event) => (event.personal = [sealedOf('/reason'), sealedOf('/name')])),
  ),
  inLast(
    'one sealed text twice',
    'envelope',
    edited(last, (event) => (event.personal = [sealedOf('/name'), sealedOf('/name')])),
  ),
  {
    ...inLast(
      'nothing wrong: texts of two subjects',
      null,
      edited(
        last,
        (event) =>
          (event.personal = [
            sealedOf('/caseNo'),
            { ...sealedOf('/titles/0'), subject: 'evidence:e1' },
            sealedOf('/titles/10'),
          ]),
      ),
    ),
    at: null,
  },
  inLast(
    'an actor with a slash that is not the clock',
    'envelope',
    edited(last, (event) => (event.actor = 'ledger/import')),
  ),
];
write(
  'broken-streams.json',
  'Each variant is the first `keep` records of stream.json and then the records of `then`. `at`: ' +
    'which record (from 0) must be refused first; `problem`: at which step of "Verification" in ' +
    'docs/spec/event.md.',
  { ledgerId, stream: stream.stream, variants },
);
