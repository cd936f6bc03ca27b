import { unchosenNouns } from './plurals.js';

const found = (text: string, path = 'libs/application/src/a.ts'): readonly string[] =>
  unchosenNouns({ path, text });

it('finds a number before a plural', () => {
  expect(found('const a = 1;\nfail(`it has ${size} events`)')).toEqual([
    'libs/application/src/a.ts:2: "${size} events": "counted" chooses the noun, for one too',
  ]);
  expect(found('`${figure(read.length)} lines`', 'apps/cli/src/a.ts')).toHaveLength(1);
});

it('leaves bounds, chosen nouns and recorded texts alone', () => {
  for (const text of ["${counted(size, 'event')}", '${maxKept} entries', '${byteLimit} bytes'])
    expect(found(`\`${text}\``)).toEqual([]);
  expect(found('`${points} events`', 'libs/ledger/src/a.ts')).toEqual([]);
});
