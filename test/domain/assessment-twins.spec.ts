import { given, givenToOperator, type Line } from '../support/given.js';
import { admit, appeal, decideAppeal, failMonth, on, reinstate, revoke } from '../support/lines.js';

// Rules §6: at no instant do two deductions of one agency and month count.
const april: readonly Line[] = [
  on('2019-01-10', admit()),
  on('2019-05-05', failMonth('d1', '2019-04')),
  on('2019-05-06', revoke('d1')),
  on('2019-05-07', failMonth('d2', '2019-04')),
];

describe.each([
  ['an observer', given],
  ['an operator', givenToOperator],
] as const)('%s refuses what would make a second deduction of a month count', (_who, start) => {
  it('a reinstatement, until the other one is revoked', () => {
    const twins = start(...april)
      .when(on('2019-05-08', reinstate('d1')))
      .thenRefused('duplicate_assessment')
      .when(on('2019-06-05', failMonth('d3', '2019-05')))
      .then('DeductionImposed');
    expect(twins.balance()).toMatchObject({ balance: 80, standing: 'active' });
    start(...april, on('2019-05-08', revoke('d2')))
      .when(on('2019-05-09', reinstate('d1')))
      .then('DeductionReinstated');
  });

  it('a reinstatement by as little as one point', () => {
    start(...april)
      .when(on('2019-05-08', reinstate('d1', { points: 1 })))
      .thenRefused('duplicate_assessment');
  });
});

describe('a decision on an appeal that gives points back', () => {
  const named = [
    ...april.slice(0, 2),
    on('2019-05-06', appeal('p1', ['d1'])),
    on('2019-05-06', revoke('d1')),
    on('2019-05-07', failMonth('d2', '2019-04')),
  ];
  const gives = (...adjustments: readonly object[]): Line =>
    on('2019-05-08', decideAppeal('p1', 'partly_upheld', { adjustments }));

  it('is refused while another deduction of the month counts', () => {
    given(...named)
      .when(gives({ deductionId: 'd1', points: 20 }))
      .thenRefused('duplicate_assessment');
    given(...named, on('2019-05-07', revoke('d2')))
      .when(gives({ deductionId: 'd1', points: 20 }))
      .then('AppealDecided', 'DeductionAdjusted');
  });
});

it('an agency is not expelled for a month that was charged twice', () => {
  const year = given(
    ...april,
    on('2019-06-05', failMonth('d3', '2019-05')),
    on('2019-07-05', failMonth('d4', '2019-06')),
  );
  expect(year.balance()).toMatchObject({ balance: 120, standing: 'pending_expulsion' });
  year.when(on('2019-07-06', reinstate('d1'))).thenRefused('duplicate_assessment');
  expect(year.points()).toBe(120);
});
