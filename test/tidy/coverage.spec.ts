import { listedWithoutTest, uncovered } from './coverage.js';

const law = { cases: new Set([1, 2, 10]), vectors: new Set([1]) };
const spec = (text: string) => [{ path: 'test/x.spec.ts', text }];
const cases =
  '# Cases\n\n### Cases without a test\n\n- E-2: nothing of it is built\n\n## More\n- E-1: x\n';

it('a case or vector that no test names needs a reason', () => {
  const named = spec("it('V-1, E-10: …')");
  expect(uncovered(law, new Map([['E-2', 'why']]), named)).toEqual([
    'E-1: no test names it, and no reason is given',
  ]);
  expect(uncovered(law, new Map([['E-2', 'why']]), spec('E-1, E-10, V-1'))).toEqual([]);
  expect(uncovered(law, new Map([['E-2', 'why']]), spec('E-1, E-2, E-10, V-1'))).toEqual([
    'E-2: a test names it; take it off the list',
  ]);
});

it('the reasons stand in a section of the cases', () => {
  expect([...listedWithoutTest(cases)]).toEqual([['E-2', 'nothing of it is built']]);
  expect([...listedWithoutTest('# Cases\n')]).toEqual([]);
});
