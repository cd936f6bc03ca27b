import { given } from '../support/given.js';
import { admit, deduct, failMonth, on, reinstate, revoke } from '../support/lines.js';

describe('E-42: one deduction for a month', () => {
  const april = () =>
    given(on('2019-01-10', admit()), on('2019-05-05', failMonth('d1', '2019-04')));

  it('refuses a second one for the same agency and month', () => {
    april()
      .when(on('2019-05-06', failMonth('d2', '2019-04')))
      .thenRefused('duplicate_assessment');
  });

  it('accepts another month', () => {
    april()
      .when(on('2019-06-05', failMonth('d2', '2019-05')))
      .then('DeductionImposed');
  });

  it('accepts the same month of another agency', () => {
    april()
      .given(on('2019-05-05', admit({ agencyId: 'a2', name: 'Agency Two' })))
      .when(on('2019-05-06', failMonth('d2', '2019-04', { agencyId: 'a2' })))
      .then('DeductionImposed');
  });

  it('accepts the month again once the first is revoked, and then has one that counts', () => {
    const replaced = april().given(
      on('2019-05-06', revoke('d1')),
      on('2019-05-07', failMonth('d2', '2019-04')),
    );
    expect(replaced.balance()).toMatchObject({
      balance: 40,
      lines: [{ deductionId: 'd2' }],
      notCounted: [{ deductionId: 'd1', reason: 'revoked' }],
    });
  });

  it('refuses it again once the first is reinstated', () => {
    april()
      .given(on('2019-05-06', revoke('d1')), on('2019-05-07', reinstate('d1')))
      .when(on('2019-05-08', failMonth('d2', '2019-04')))
      .thenRefused('duplicate_assessment');
  });
});

describe('E-43: a newcomer who misses the target', () => {
  it('V-18: admitted on 1 January 2019, costs 120 points and pends expulsion at once', () => {
    const newcomer = given(on('2019-01-01', admit())).when(
      on('2019-03-15', deduct('d1', 120, { clause: 'newcomer-target-missed' })),
    );
    newcomer.then('DeductionImposed', 'PendingExpulsionOpened').thenFound();
    expect(newcomer.balance()).toMatchObject({ balance: 120, standing: 'pending_expulsion' });
  });

  it('is found when it costs anything but 120', () => {
    given(on('2019-01-01', admit()))
      .when(on('2019-03-15', deduct('d1', 40, { clause: 'newcomer-target-missed' })))
      .then('DeductionImposed')
      .thenFound('tariff_mismatch');
  });
});

it('E-44: the platform’s deduction for a month is recorded, computed or not', () => {
  const imposed = given(on('2019-01-10', admit())).when(
    on('2019-05-05', failMonth('d1', '2019-04')),
  );
  imposed.then('DeductionImposed').thenFound();
  expect(imposed.events('DeductionImposed')[0]?.data).toMatchObject({
    basis: { kind: 'assessment', month: '2019-04' },
    clause: 'operating-metric-missed',
  });
});
