import { diagnosisLines } from './page.js';

describe('a line of doctor', () => {
  it('keeps what was found apart from a check whose name is longer than its column', () => {
    expect(
      diagnosisLines({
        status: 'warn',
        check: 'alarm users_may_delete',
        found: 'every user may',
        hint: 'Set $d.',
      }),
    ).toEqual([
      'warn  alarm users_may_delete',
      '                    every user may',
      '                    → Set $d.',
    ]);
    expect(diagnosisLines({ status: 'ok', check: 'events', found: '12 events' })).toEqual([
      'ok    events        12 events',
    ]);
  });
});
