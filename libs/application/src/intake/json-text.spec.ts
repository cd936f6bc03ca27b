import fc from 'fast-check';
import { brokenBound, maxDepth, maxMembers, maxValues, misreadPlaces } from './json-text.js';

const said = (text: string): string[] =>
  misreadPlaces(text, JSON.parse(text)).map(({ kind, path }) => `${kind} ${path}`);

it.each([
  ['{"a":1,"a":1}', ['twice a']],
  ['{"a":1,"a":2,"a":3}', ['twice a']],
  ['{"a" : 1, "a"\n: 2}', ['twice a']],
  ['{"a":1,"\\u0061":2}', ['twice a']],
  ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}', []],
  ['{"data":{"sales":[{"v":1},{"v":1,"v":2}]}}', ['twice data.sales[1].v']],
  ['{"__proto__":1,"__proto__":2}', ['twice __proto__']],
  ['{"":1,"":2}', ['twice ']],
  ['[{"a":{},"a":[]}]', ['twice [0].a']],
  ['{"a":"\\":","b":"\\\\","c":"a"}', []],
  ['{"a":":","b":"1,2.5"}', []],
  ['{"a":"\\"a\\":1","b":1}', []],
])('%s names twice %j', (text, places) => {
  expect(said(text)).toEqual(places);
});

it.each([
  '40.0',
  '4e1',
  '4E+1',
  '400e-1',
  '-0',
  '-0.0',
  '0e-400',
  '1.50e2',
  '9007199254740991.0',
  '0',
  '12',
])('the number %s is the integer it becomes', (number) => {
  expect(said(`{"points":${number}}`)).toEqual([]);
  expect(Number.isSafeInteger(Number(number))).toBe(true);
});

it.each([
  '40.0000000000000000001',
  '39.99999999999999999',
  '1e-400',
  '-1e-99999999999999999999',
  '9007199254740990.9999',
])('the number %s is not the integer it becomes', (number) => {
  expect(Number.isSafeInteger(Number(number))).toBe(true);
  expect(said(`{"points":${number}}`)).toEqual(['rounded points']);
  expect(said(`[1 , ${number} ]`)).toEqual(['rounded [1]']);
  expect(said(number)).toEqual(['rounded ']);
});

it.each(['0.5', '1e400', '9007199254740993', '1e16'])(
  'of %s, which becomes no safe integer, nothing is said',
  (number) => {
    expect(said(`{"points":${number}}`)).toEqual([]);
  },
);

it('finds nothing in what JSON.stringify writes, and each member that is repeated', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 }),
      fc.nat(),
      (object, nth) => {
        const text = JSON.stringify(object);
        expect(
          misreadPlaces(text, JSON.parse(text)).filter(({ kind }) => kind === 'twice'),
        ).toEqual([]);
        const keys = Object.keys(object);
        const key = keys[nth % keys.length]!;
        const again = `${text.slice(0, -1)},${JSON.stringify(key)}:null}`;
        expect(misreadPlaces(again, JSON.parse(again))).toContainEqual({
          kind: 'twice',
          path: key,
        });
      },
    ),
  );
});

it('a text that is nested as deep as a line can be costs no stack', () => {
  const deep = `{"a":${'['.repeat(100_000)}{"b":1,"b":2}${']'.repeat(100_000)}}`;
  expect(misreadPlaces(deep, JSON.parse(deep))).toMatchObject([{ kind: 'twice' }]);
});

it('a number of 262,000 zeros before another digit is read within a second', () => {
  // 50 s with a pattern that looks for zeros at the end.
  const text = `{"points":1.${'0'.repeat(262_000)}1}`;
  const startedAt = performance.now();
  expect(said(text)).toEqual(['rounded points']);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

it('a path that is longer than 200 characters is cut', () => {
  const name = 'x'.repeat(100_000);
  expect(said(`{"${name}":1,"${name}":2}`)).toEqual([`twice ${'x'.repeat(200)}…`]);
});

describe('a text', () => {
  const nested = (depth: number, inner = ''): string =>
    `${'[{"a":'.repeat(depth / 2)}[${inner}]${'}]'.repeat(depth / 2)}`;
  const list = (length: number): string => JSON.stringify(Array.from({ length }, () => ({})));
  const wide = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`x${n}`, 0]));

  it(`of ${maxDepth} levels is taken, and a deeper one is not, however deep it is`, () => {
    expect(brokenBound('[1]')).toBeUndefined();
    expect(brokenBound(nested(maxDepth - 2, '{}'))).toBeUndefined();
    expect(brokenBound(nested(maxDepth))).toBe('depth');
    expect(brokenBound('['.repeat(100_000))).toBe('depth');
    expect(brokenBound(`[${'{"a":[]},'.repeat(100)}{}]`)).toBeUndefined();
  });

  it('is not deeper or wider for what stands within quotation marks', () => {
    const text = nested(100, '{},{}');
    const quoted = { a: text, b: `\\"${text}`, c: '\\', d: `\\\\"${text}`, e: '"' };
    expect(brokenBound(JSON.stringify([quoted, ...Object.values(quoted)]))).toBeUndefined();
    expect(brokenBound(JSON.stringify(','.repeat(maxValues + 1)))).toBeUndefined();
  });

  it('of too many members and items is not taken, at whatever depth they are', () => {
    expect(brokenBound(list(maxValues))).toBeUndefined();
    expect(brokenBound(list(maxValues + 1))).toBe('values');
    const half = list(maxValues / 2);
    expect(brokenBound(`{"a":${half},"b":[${half}]}`)).toBe('values');
    expect(brokenBound(`[${'[ ],{\n},'.repeat(maxValues / 2 - 1)}{}]`)).toBeUndefined();
  });

  it('with an object of too many members is not taken, and a list may be as long', () => {
    expect(brokenBound(JSON.stringify([wide(maxMembers)]))).toBeUndefined();
    expect(brokenBound(JSON.stringify([wide(maxMembers + 1)], undefined, 1))).toBe('members');
    expect(brokenBound(JSON.stringify(Object.values(wide(maxMembers + 1))))).toBeUndefined();
    expect(brokenBound(JSON.stringify([1, 2].map(() => wide(maxMembers))))).toBeUndefined();
  });

  it('that is not JSON is read to its end', () => {
    for (const text of ['"', '"\\', '"[[', '[', '}}}]]', ',,', ''])
      expect(brokenBound(text)).toBeUndefined();
  });
});
