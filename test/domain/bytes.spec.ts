import {
  canonicalJson,
  fingerprintOf,
  leafHashOf,
  openPersonalData,
  recordEvents,
  sealPersonalData,
  uuidOf,
} from '@penalty-ledger/ledger';
import { instant, keyOf } from '../support/given.js';

describe('canonical JSON', () => {
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
    const value = { string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/', literals: [null, true, false] };
    expect(canonicalJson(value)).toBe('{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
  });

  it('RFC 8785 appendix B: writes the integers of the table', () => {
    expect(canonicalJson([0, 9007199254740991, -9007199254740991])).toBe('[0,9007199254740991,-9007199254740991]');
  });

  it('sorts at every depth, arrays keep their order, what is undefined is left out', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: { f: undefined, e: 3 } })).toBe('{"a":{"e":3},"b":[{"c":2,"d":1}]}');
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
    ['minus zero', -0],
    ['undefined', undefined],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['half a surrogate pair', '\ud800'],
    ['half a surrogate pair in a key', { '\ud800': 1 }],
    ['an array index as a key', { 0: 1 }],
    ['half a point, deep inside', { a: [{ b: 0.5 }] }],
  ])('refuses %s', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
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
    ['UTF-8, not UTF-16', '{"title":"累计扣分"}', '486d4ee66d2426091044fde4e64b18cecc65b380e4bf9f041431d73d94b4b0be'],
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

  it('is the same whenever the same command is handled, at another time and by another actor', () => {
    const ids = ['2019-04-01', '2020-04-01'].map((at) =>
      recordEvents([{ type: 'AgencyExited', data: { agencyId: 'a1' } }], {
        stream: 'agency-a1',
        head: undefined,
        recordedAt: instant(at),
        actor: at,
        causation: { command: 'RecordExit', commandId: 'c1', fingerprint: '' },
      }).map(({ event }) => event.id),
    );
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]).toEqual([uuidOf('RecordExit/c1#0')]);
  });
});

describe('personal data', () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const eventId = '00000000-0000-5000-8000-000000000000';
  // Computed with Python's cryptography (AESGCM) and hmac.
  const sealed = {
    box: 'YH3Gdv8FVBWQ+iVO4EpdKFyiJJj9LMsNHaJHX9V+ykiV1RpsadZ9',
    nonce: 'ROqpXtCuQar/f5qK',
    subject: 'agency:a1',
  };

  it('is sealed as format v1 says, byte for byte', () => {
    expect(sealPersonalData({ name: '杭州某某' }, 'agency:a1', eventId, key)).toEqual(sealed);
  });

  it('opens with its subject’s key', () => {
    expect(openPersonalData(sealed, eventId, key)).toEqual({ name: '杭州某某' });
  });

  it('does not open with another subject’s key', () => {
    expect(() => openPersonalData(sealed, eventId, keyOf('agency:a2'))).toThrow();
  });

  it('does not open under another event’s id, or another subject’s name', () => {
    expect(() => openPersonalData(sealed, eventId.replace('5', '6'), key)).toThrow();
    expect(() => openPersonalData({ ...sealed, subject: 'agency:a2' }, eventId, key)).toThrow();
  });

  it('does not open when its tag is cut short', () => {
    for (const bytes of [0, 4, 12, 15])
      expect(() =>
        openPersonalData({ ...sealed, box: Buffer.alloc(bytes).toString('base64') }, eventId, key),
      ).toThrow();
  });

  it('takes another nonce for another plaintext under the same event id', () => {
    expect(sealPersonalData({ name: '杭州某' }, 'agency:a1', eventId, key).nonce).not.toBe(sealed.nonce);
  });

  it('is never written without a subject to erase it by', () => {
    expect(() =>
      recordEvents([{ type: 'AgencyExited', data: {}, personal: { reason: 'moved' } }], {
        stream: 'agency-a1',
        head: undefined,
        recordedAt: instant('2019-04-01'),
        actor: 'officer-1',
        causation: { command: 'RecordExit', commandId: 'c1', fingerprint: '' },
      }),
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

  it('is an HMAC with the subject’s key where it does, so that destroying the key hides the data for good', () => {
    expect(fingerprintOf('RevokeExpulsion', data, key)).toBe(
      'd9192cabc93d5b99ace49427a7f78aa82f436821b47e67142e448ecc69a1e1ee',
    );
  });

  it('is the same however the data were ordered when they were sent', () => {
    expect(fingerprintOf('RevokeExpulsion', { agencyId: 'a1', reason: 'x' })).toBe(
      fingerprintOf('RevokeExpulsion', data),
    );
    expect(fingerprintOf('RecordExit', data)).not.toBe(fingerprintOf('RevokeExpulsion', data));
  });
});
