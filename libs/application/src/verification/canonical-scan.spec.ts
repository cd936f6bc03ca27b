import { canonicalJson } from '@penalty-ledger/ledger';
import { assert, constantFrom, jsonValue, nat, property } from 'fast-check';
import { canonicalEnd } from './canonical-scan.js';

function written(text: string): string | undefined {
  try {
    return canonicalJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

it.each([
  '{}',
  '[]',
  '0',
  '-7',
  '""',
  'true',
  'false',
  'null',
  '{"a":{"b":[1,"达",null]},"b":-10}',
  '999999999999999',
])('sees the end of %s', (text) => {
  expect(canonicalEnd(text, 0)).toBe(text.length);
  expect(canonicalEnd(`,${text},"x"`, 1)).toBe(text.length + 1);
});

it.each([
  '{"b":1,"a":2}',
  '{"a":1,"a":2}',
  '{"a" :1}',
  '{"a":1,}',
  '[1,]',
  '[1 ]',
  '-0',
  '01',
  '-',
  '1000000000000000',
  '"\\u0041"',
  '"\u0007"',
  '"',
  '{"a"',
  '{"1":2}',
  '{"":1}',
  '{"__proto__":1}',
  'tru',
  '',
  `${'['.repeat(40)}${']'.repeat(40)}`,
])('says nothing of %s', (text) => {
  expect(canonicalEnd(text, 0)).toBe(-1);
});

it('stops before what is not an integer: the caller finds something else', () => {
  for (const text of ['1.5', '1e3', '1 ']) expect(canonicalEnd(text, 0)).toBe(1);
});

it('a text it accepts to its end is canonical JSON, also after a character is altered', () => {
  const spoilers = constantFrom(
    '',
    '"',
    '0',
    ',',
    '{',
    '}',
    ':',
    '[',
    ' ',
    '\\',
    '\u0001',
    '\ud800',
    'a',
    '-',
    '.',
  );
  let seen = 0;
  assert(
    property(jsonValue(), nat(), spoilers, (value, at, spoiler) => {
      const text = JSON.stringify(value);
      for (const each of [
        text,
        text.slice(0, at % text.length) + spoiler + text.slice((at % text.length) + 1),
      ]) {
        if (canonicalEnd(each, 0) !== each.length) continue;
        seen += 1;
        expect(written(each)).toBe(each);
      }
    }),
    { numRuns: 1000 },
  );
  expect(seen).toBeGreaterThan(100);
});
