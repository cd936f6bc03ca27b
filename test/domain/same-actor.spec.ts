import { agency } from '@penalty-ledger/ledger';
import { given, givenToOperator, instant, type Line } from '../support/given.js';
import {
  admit,
  answerReview,
  appeal,
  by,
  decideAppeal,
  deduct,
  expel,
  measure,
  on,
  reduce,
  reinstate,
  requestReview,
  revoke,
  revokeExpulsion,
  type Act,
} from '../support/lines.js';

const admitted = on('2019-01-10', admit());
const imposed = [admitted, on('2019-02-01', by('officer-1', deduct('d1', 120)))];
const appealed = [...imposed, on('2019-02-02', appeal('p1', ['d1']))];
const revoked = [...imposed, on('2019-02-02', by('officer-2', revoke('d1')))];
const lowered = [...imposed, on('2019-02-02', by('officer-2', reduce('d1', 10)))];
const answer = answerReview('r1', 'confirmed');
/** A request about a deduction of officer-1 or a measure of officer-3. */
const asked = (about: Readonly<Record<string, string>>): readonly Line[] => [
  ...imposed,
  on('2019-02-02', by('officer-3', measure('m1'))),
  on('2019-02-03', requestReview('r1', about)),
];
const expelled = [...imposed, on('2019-02-09', by('officer-2', expel()))];

/** The actors that should not decide, for each command of interchange §2, Appeals. */
const cases: readonly (readonly [
  what: string,
  before: readonly Line[],
  act: Act,
  same: string,
  other: string,
])[] = [
  ['a decision on an appeal', appealed, decideAppeal('p1', 'upheld'), 'officer-1', 'officer-2'],
  ['a rejected appeal', appealed, decideAppeal('p1', 'rejected'), 'officer-1', 'officer-2'],
  ['a revocation', imposed, revoke('d1'), 'officer-1', 'officer-2'],
  ['a partial revocation', imposed, reduce('d1', 10), 'officer-1', 'officer-2'],
  ['a second partial revocation', lowered, reduce('d1', 5), 'officer-1', 'officer-2'],
  ['a reinstatement after a revocation', revoked, reinstate('d1'), 'officer-2', 'officer-1'],
  ['a reinstatement after a reduction', lowered, reinstate('d1'), 'officer-2', 'officer-1'],
  ['the answer about a deduction', asked({ deductionId: 'd1' }), answer, 'officer-1', 'officer-2'],
  ['the answer about a measure', asked({ measureId: 'm1' }), answer, 'officer-3', 'officer-1'],
  ['the revocation of an expulsion', expelled, revokeExpulsion(), 'officer-2', 'officer-1'],
];

describe.each(cases)('%s', (_what, before, act, same, other) => {
  it('is found to be by who recorded what it changes', () => {
    const at = '2019-02-10';
    given(...before)
      .when(on(at, by(same, act)))
      .thenFound('same_actor');
    given(...before)
      .when(on(at, by(other, act)))
      .thenFound();
  });

  it('is a warning, which an operator records too', () => {
    givenToOperator(...before)
      .when(on('2019-02-10', by(same, act)))
      .thenFound('same_actor');
  });
});

it.each<[string, readonly Line[], Act, string, string]>([
  ['the deduction', imposed, revoke('d1'), 'officer-1', '"d1"'],
  ['the decision', revoked, reinstate('d1'), 'officer-2', 'the last decision on "d1"'],
])('the finding names %s that the actor recorded', (_what, before, act, actor, named) => {
  const history = given(...before, on('2019-02-10', by(actor, act))).history();
  const details = history.deductions
    .get('d1')
    ?.decisions.flatMap(({ findings }) => findings.map(({ detail }) => detail.en));
  expect(details).toEqual([`who records the decision also recorded ${named}`]);
});

it('the finding of a revoked expulsion names the instant of the expulsion', () => {
  const ledger = given(...expelled, on('2019-02-10', by('officer-2', revokeExpulsion())));
  const at = instant('2019-02-10');
  const found = agency
    .findingsAt(ledger.history(), { effectiveAt: at, knownAt: at, period: '2019' })
    .filter(({ code }) => code === 'same_actor');
  expect(found).toMatchObject([{ about: { en: 'expulsion' }, expelledAt: instant('2019-02-09') }]);
});

it('the finding comes with the balance that the decision changed', () => {
  const ledger = given(...imposed, on('2019-02-03', by('officer-1', reduce('d1', 10))));
  expect(ledger.balance().findings).toEqual(['same_actor']);
  expect(ledger.balance({ known: '2019-02-02' }).findings).toEqual([]);
});
