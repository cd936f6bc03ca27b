import { nearestPaths } from './nearest-paths.js';

const known = [
  '/agencies',
  '/agencies/:agencyId/balance',
  '/commands/RecordDeduction',
  '/commands/RecordAddition',
  '/trial/RecordDeduction',
];

it.each([
  ['/commands/RecordDeducton', ['/commands/RecordDeduction']],
  ['/commands/recorddeduction?atLeast=3', ['/commands/RecordDeduction']],
  ['/command/RecordAddition', ['/commands/RecordAddition']],
  ['/agencies/mcn-007/balanc', ['/agencies/mcn-007/balance']],
  ['/agenceis', ['/agencies']],
  ['/nowhere', []],
  ['/agencies/a/b/c', []],
  [`/commands/${'x'.repeat(100)}`, []],
])('%s is perhaps %j', (asked, offered) => {
  expect(nearestPaths(asked, known)).toEqual(offered);
});
