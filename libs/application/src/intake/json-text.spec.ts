import fc from 'fast-check';
import {
  brokenBound,
  isTooDeep,
  maxDepth,
  maxMembers,
  maxValues,
  misreadPlaces,
} from './json-text.js';

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
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  it('is too deep exactly when its value is', () => {
    for (const depth of [1, maxDepth, maxDepth + 1, 100_000])
      expect(isTooDeep(nested(depth))).toBe(brokenBound(JSON.parse(nested(depth))) === 'depth');
    expect(isTooDeep(`[${'{"a":[]},'.repeat(100)}{}]`)).toBe(false);
    expect(isTooDeep(JSON.stringify({ a: nested(100), b: `\\"${nested(100)}` }))).toBe(false);
  });

  it('that is not JSON is read to its end', () => {
    expect(['"', '"\\', '"[[', '[', '}}}]]', ''].map(isTooDeep)).not.toContain(true);
  });
});

describe('a value', () => {
  const nested = (depth: number): unknown =>
    JSON.parse(`${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`);

  it(`of ${maxDepth} levels is taken, and a deeper one is not, however deep it is`, () => {
    expect(brokenBound(nested(maxDepth))).toBeUndefined();
    expect(brokenBound(nested(maxDepth + 2))).toBe('depth');
    expect(brokenBound(nested(80_000))).toBe('depth');
  });

  it('of too many members and items is not taken, at whatever depth they are', () => {
    const list = (length: number): unknown[] => Array.from({ length }, () => ({}));
    expect(brokenBound(list(maxValues))).toBeUndefined();
    expect(brokenBound(list(maxValues + 1))).toBe('values');
    expect(brokenBound({ a: list(maxValues / 2), b: [list(maxValues / 2)] })).toBe('values');
  });

  it('with an object of too many members is not taken, and a list may be as long', () => {
    const wide = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`x${n}`, 0]));
    expect(brokenBound([wide(maxMembers)])).toBeUndefined();
    expect(brokenBound([wide(maxMembers + 1)])).toBe('members');
    expect(brokenBound(Object.values(wide(maxMembers + 1)))).toBeUndefined();
  });
});
