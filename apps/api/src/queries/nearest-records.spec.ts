import type { KnownRequest } from '../guard/rule.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { NearestRecords } from './nearest-records.js';

const unknown = new ApiProblem('unknown_deduction', { en: 'no "d9"', zh: '没有 "d9"' });

/** A ledger in which the deduction `d1` is near to `d9` alone; it keeps what it was asked for. */
function ledger(): { readonly asked: string[]; readonly nearest: NearestRecords } {
  const asked: string[] = [];
  const nearestIds = (_kind: string, id: string): Promise<readonly { id: string }[]> => {
    asked.push(id);
    return Promise.resolve(id === 'd9' ? [{ id: 'd1' }] : []);
  };
  return {
    asked,
    nearest: new NearestRecords({ reader: { nearestIds } } as never),
  };
}

const request = (deductionIds: readonly string[], agencyId?: string): KnownRequest =>
  ({
    body: { deductionIds },
    params: {},
    query: {},
    principal: { id: 'x', roles: ['officer'], agencyId },
  }) as never;

it('the nearest id stands at the end of the refusal, in both languages', async () => {
  const { nearest } = ledger();
  const { code, detail } = await nearest.completed(unknown, request(['d9']));
  expect({ code, detail }).toEqual({
    code: 'unknown_deduction',
    detail: { en: 'no "d9"; did you mean "d1"?', zh: '没有 "d9"；是否指 "d1"？' },
  });
});

it('a refusal without an id that is near stays as it was', async () => {
  expect(await ledger().nearest.completed(unknown, request(['x']))).toBe(unknown);
});

it('of the ids of a body three are looked for', async () => {
  const { asked, nearest } = ledger();
  await nearest.completed(unknown, request(['a', 'b', 'c', 'd9']));
  expect(asked).toEqual(['a', 'b', 'c']);
});

it.each([
  ['who reads of every agency', unknown, request(['d9']), true],
  ['no agency', unknown, request(['d9'], 'a1'), false],
  ['nobody without a key', unknown, { ...request(['d9']), principal: undefined }, false],
  ['nobody whose refusal is of another kind', new ApiProblem('forbidden'), request(['d9']), false],
  ['nobody who named no id', unknown, request([]), false],
  ['nobody after another error', new Error('x'), request(['d9']), false],
] as const)('ids are offered to %s', (_who, error, asking, expected) => {
  expect(ledger().nearest.mayOffer(error, asking as KnownRequest)).toBe(expected);
});
