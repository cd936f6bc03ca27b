import { given, shanghai } from '../support/given.js';
import { admit, appeal, correct, deduct, exit, expel, on, readmit } from '../support/lines.js';

const admitted = on('2019-01-10', admit());
const imposed = [admitted, on('2019-02-01', deduct('d1', 40))];

describe('a correction of the place of a deduction', () => {
  const to = (effectiveAt: string) =>
    correct('d1', { occurredAt: shanghai('2018-12-01'), effectiveAt: shanghai(effectiveAt) });

  it('is refused before the admission, where none may stand', () => {
    given(...imposed)
      .when(on('2019-02-02', to('2019-01-10 09:59:59.999')))
      .thenRefused('not_admitted')
      .when(on('2019-02-02', to('2019-01-10 10:00')))
      .then('DeductionCorrected');
  });

  it('is refused inside a ban and after an exit', () => {
    const ban = [
      admitted,
      on('2019-02-01', deduct('d1', 120)),
      on('2019-02-09', expel()),
      on('2019-09-01', readmit()),
    ];
    given(...ban)
      .when(on('2019-09-02', to('2019-03-01')))
      .thenRefused('not_admitted')
      .when(on('2019-09-02', to('2019-02-08')))
      .then('DeductionCorrected');
    given(...imposed, on('2019-03-01', exit()))
      .when(on('2019-04-01', to('2019-03-02')))
      .thenRefused('not_admitted');
  });

  it('leaves the place alone when it is not corrected', () => {
    given(...imposed, on('2019-03-01', exit()))
      .when(on('2019-04-01', correct('d1', { points: 30 })))
      .then('DeductionCorrected');
  });
});

it('a correction to a clause that the rulebook lacks is refused as the deduction would be', () => {
  given(...imposed)
    .when(on('2019-02-02', correct('d1', { clause: 'no-such-clause' })))
    .thenRefused('unknown_clause');
});

describe('a correction of the notice', () => {
  it('moves the window of an appeal that comes after it', () => {
    const corrected = correct('d1', { notifiedAt: shanghai('2019-02-11') });
    given(...imposed, on('2019-02-12', corrected))
      .when(on('2019-02-16 23:59:59.999', appeal('p1', ['d1'])))
      .thenFound();
    given(...imposed)
      .when(on('2019-02-16 23:59:59.999', appeal('p1', ['d1'])))
      .thenFound('appeal_late');
  });

  it('sets the deadline that the notice states', () => {
    const corrected = correct('d1', { appealDeadline: shanghai('2019-03-01 12:00') });
    given(...imposed, on('2019-02-12', corrected))
      .when(on('2019-03-01 11:59:59.999', appeal('p1', ['d1'])))
      .thenFound();
    given(...imposed, on('2019-02-12', corrected))
      .when(on('2019-03-01 12:00', appeal('p1', ['d1'])))
      .thenFound('appeal_late');
  });

  it('leaves an appeal as late as it was when it came', () => {
    const late = given(
      ...imposed,
      on('2019-02-20', appeal('p1', ['d1'])),
      on('2019-02-21', correct('d1', { notifiedAt: shanghai('2019-02-19') })),
    );
    expect(late.appeal('p1')?.state).toBe('out_of_time');
  });

  it('is kept by a later correction of something else', () => {
    given(
      ...imposed,
      on('2019-02-02', correct('d1', { appealDeadline: shanghai('2019-03-01 12:00') })),
      on('2019-02-03', correct('d1', { points: 30 })),
    )
      .when(on('2019-03-01 11:59:59.999', appeal('p1', ['d1'])))
      .thenFound();
  });
});
