import {
  canonicalJson,
  fingerprintOf,
  leafHashOf,
  openPersonalData,
  openText,
  parseCanonical,
  recordEvents,
  sealPersonalData,
  textKeyOf,
  uuidOf,
  type Recording,
} from '@penalty-ledger/ledger';
import { instant, keyOf } from '../support/given.js';

const exited = { type: 'AgencyExited', data: { agencyId: 'a1' } } as const;
const recording = (change: Partial<Recording>): Recording => ({
  ledgerId: 'l1',
  stream: 'agency-a1',
  head: undefined,
  recordedAt: instant('2019-04-01'),
  actor: 'officer-1',
  causation: { command: 'RecordExit', commandId: 'c1', fingerprint: '' },
  ...change,
});

describe('canonical JSON', () => {
  it('is nested at most 64 deep, also when it is read', () => {
    const lists = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(canonicalJson(JSON.parse(lists(64)))).toBe(lists(64));
    for (const depth of [65, 100_000]) {
      expect(() => canonicalJson(JSON.parse(lists(depth)))).toThrow('it is nested deeper than 64');
      expect(parseCanonical(lists(depth))).toBeUndefined();
    }
  });

  it('RFC 8785 §3.2.3: sorts keys by UTF-16 code unit', () => {
    const unsorted = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(unsorted)) as object)).toEqual([
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('RFC 8785 §3.2.2: writes literals and strings', () => {
    const value = {
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('RFC 8785 appendix B: writes the integers of the table', () => {
    expect(canonicalJson([0, 9007199254740991, -9007199254740991])).toBe(
      '[0,9007199254740991,-9007199254740991]',
    );
  });

  it('sorts at every depth, arrays keep their order, what is undefined is left out', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: { f: undefined, e: 3 } })).toBe(
      '{"a":{"e":3},"b":[{"c":2,"d":1}]}',
    );
  });

  it('does not change what it was given', () => {
    const value = { b: { d: 1, c: 2 }, a: 1 };
    canonicalJson(value);
    expect(Object.keys(value)).toEqual(['b', 'a']);
    expect(Object.keys(value.b)).toEqual(['d', 'c']);
  });

  it.each([
    ['half a point', 0.5],
    ['more than 2^53-1', 9007199254740992],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['half a surrogate pair', '\ud800'],
    ['half a surrogate pair in a key', { '\ud800': 1 }],
    ['an array index as a key', { 0: 1 }],
    ['a Date', new Date(0)],
    ['a Map', { a: new Map([['b', 1]]) }],
    ['an array with a hole', new Array(1)],
    ['half a point, deep inside', { a: [{ b: 0.5 }] }],
  ])('refuses %s', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('RFC 8785 appendix B: writes minus zero as zero', () => {
    expect(canonicalJson([-0, { a: -0 }])).toBe('[0,{"a":0}]');
  });

  it('writes an object without a prototype like any other', () => {
    expect(canonicalJson(Object.assign(Object.create(null) as object, { b: 1, a: 2 }))).toBe(
      '{"a":2,"b":1}',
    );
  });

  it('keeps a key named like an object’s prototype', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":2}'))).toBe('{"__proto__":2,"b":1}');
  });
});

describe('a leaf hash', () => {
  it.each([
    ['nothing', '', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    ['L123456', 'L123456', '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56'],
    ['one zero byte', '\0', '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'],
    [
      'UTF-8, not UTF-16',
      '{"title":"累计扣分"}',
      '486d4ee66d2426091044fde4e64b18cecc65b380e4bf9f041431d73d94b4b0be',
    ],
  ])('RFC 6962 §2.1: of %s', (_what, body, hash) => {
    expect(leafHashOf(body)).toBe(hash);
  });
});

describe('an event id', () => {
  // Computed with Python's uuid.uuid5 in the namespace of format v1.
  it.each([
    ['RecordDeduction/line-1#0', '33dfbfe1-6f15-58f7-8e83-6d9e912b917e'],
    ['ClockPassed/a1:2019-04-01T02:00:00.000Z#0', '5c29bd38-1c21-51f1-a303-49034a970ffd'],
    ['', '6dcfce47-9ba3-5616-ab15-281bd25fbafb'],
  ])('RFC 9562 §5.5: of "%s" is a UUID of version 5', (name, uuid) => {
    expect(uuidOf(name)).toBe(uuid);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is the same for the same command at another time and by another actor', () => {
    const ids = ['2019-04-01', '2020-04-01'].map((at) =>
      recordEvents([exited], recording({ recordedAt: instant(at), actor: at })).map(
        ({ event }) => event.id,
      ),
    );
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]).toEqual([uuidOf('l1/agency-a1/RecordExit/c1#0')]);
  });

  it('differs in another ledger or stream, and for the command’s next event', () => {
    const ids = [{}, { ledgerId: 'l2' }, { stream: 'agency-a2' }].flatMap((change) =>
      recordEvents([exited, exited], recording(change)).map(({ event }) => event.id),
    );
    expect(new Set(ids).size).toBe(6);
  });
});

describe('personal data', () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const eventId = '00000000-0000-5000-8000-000000000000';
  const place = { subject: 'agency:a1', text: '/name' };
  // Computed with Python's cryptography (AES-CTR), hmac and hashlib.
  const sealed = [
    {
      ...place,
      box: 'u6xsACPyPEDPan9wS3Fw/5dOtpok1v1WGB023MicvPX5l8LUwBiOiEZdERo=',
    },
  ];
  const textKey = textKeyOf('/name', eventId, key);

  it('is sealed as format 1 says, byte for byte', () => {
    expect(sealPersonalData({ name: '杭州某某' }, 'agency:a1', eventId, key)).toEqual(sealed);
  });

  it('opens with its subject’s key', () => {
    expect(openPersonalData(sealed, eventId, key)).toEqual({ name: '杭州某某' });
  });

  it('does not open with another subject’s key', () => {
    expect(() => openPersonalData(sealed, eventId, keyOf('agency:a2'))).toThrow();
  });

  it('does not open under another event’s id, another subject or another name', () => {
    const changed = (change: object) => [{ ...sealed[0]!, ...change }];
    expect(() => openPersonalData(sealed, eventId.replace('5', '6'), key)).toThrow();
    expect(() => openPersonalData(changed({ subject: 'agency:a2' }), eventId, key)).toThrow();
    expect(() => openPersonalData(changed({ text: '/reason' }), eventId, key)).toThrow();
  });

  it('has a key for each text, which opens no other', () => {
    const personal = { caseNo: '1', noticeText: '2', titles: ['3', '4'] };
    const texts = sealPersonalData(personal, 'agency:a1', eventId, key);
    expect(texts.map(({ text }) => text)).toEqual([
      '/caseNo',
      '/noticeText',
      '/titles/0',
      '/titles/1',
    ]);
    const [caseNo, noticeText] = texts;
    const keyOfCaseNo = textKeyOf('/caseNo', eventId, key);
    expect(openText(caseNo!, eventId, keyOfCaseNo)).toBe('1');
    expect(() => openText(noticeText!, eventId, keyOfCaseNo)).toThrow('not what was sealed');
  });

  it('does not open when its box is cut short', () => {
    const bytes = Buffer.from(sealed[0]!.box, 'base64');
    for (const length of [0, 16, 31, 32, bytes.length - 1]) {
      const box = bytes.subarray(0, length).toString('base64');
      expect(() => openText({ ...place, box }, eventId, textKey)).toThrow();
    }
  });

  it('is sealed with a key of 32 bytes, and no other', () => {
    expect(() => sealPersonalData({ name: 'x' }, 'agency:a1', eventId, key.subarray(1))).toThrow(
      RangeError,
    );
  });

  it('shares no keystream with another text under the same event id', () => {
    const [other] = sealPersonalData({ name: '杭州某处' }, 'agency:a1', eventId, key);
    const ciphertext = (box: string) => Buffer.from(box, 'base64').subarray(32);
    const [one, two] = [ciphertext(sealed[0]!.box), ciphertext(other!.box)];
    // Both begin with the same two characters, six bytes.
    expect(one.subarray(0, 6).equals(two.subarray(0, 6))).toBe(false);
  });

  it('opens under the names of members that every object inherits', () => {
    const personal = { constructor: ['x', 'y'], valueOf: 'z' };
    const texts = sealPersonalData(personal, 'agency:a1', eventId, key);
    expect({ ...openPersonalData(texts, eventId, key) }).toEqual(personal);
    expect(Object.keys(Object)).toEqual([]);
  });

  it('holds texts and nothing else', () => {
    for (const wrong of [{ a: 1 }, { a: null }, { a: [1] }, { a: { b: ['c'] } }])
      expect(() => sealPersonalData(wrong, 'agency:a1', eventId, key)).toThrow(TypeError);
  });

  it('is never written without a subject to erase it by', () => {
    expect(() =>
      recordEvents([{ ...exited, personal: { reason: 'moved' } }], recording({})),
    ).toThrow(TypeError);
  });
});

describe('a fingerprint', () => {
  const data = { reason: 'x', agencyId: 'a1' };
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);

  it('is a SHA-256 of the canonical command where it holds no personal data', () => {
    expect(fingerprintOf('RevokeExpulsion', data)).toBe(
      'bda4bdc349a343f97db44c82a8a7037fa92d14e1af58e22085ae67f39e5dd5b9',
    );
  });

  it('is an HMAC with the subject’s key where it does: its destruction hides the data', () => {
    expect(fingerprintOf('RevokeExpulsion', data, key)).toBe(
      'ac1b1f6359026e0d4208c7d4ab409b08bcb449f2fe5e1a9e5b527f7be912d0a8',
    );
  });

  it('is the same however the data were ordered when they were sent', () => {
    expect(fingerprintOf('RevokeExpulsion', { agencyId: 'a1', reason: 'x' })).toBe(
      fingerprintOf('RevokeExpulsion', data),
    );
    expect(fingerprintOf('RecordExit', data)).not.toBe(fingerprintOf('RevokeExpulsion', data));
  });
});
