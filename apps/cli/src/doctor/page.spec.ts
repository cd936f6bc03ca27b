import { isVouchingAlone, worstOfEach, type Check, type Diagnosis } from './diagnosis.js';
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

describe('the results of doctor', () => {
  const found = (status: Diagnosis['status'], check: Check, what: string): Diagnosis => ({
    status,
    check,
    found: what,
  });

  it('call nothing fine, or worth a look, that also fails', () => {
    const results = [
      found('ok', 'events', '12 events'),
      found('fail', 'keys', '1 subject is missing'),
      found('warn', 'keys', 'mode 644'),
      found('ok', 'keys', '3 subject keys'),
      found('fail', 'rebuild', '"appeals" differs'),
      found('fail', 'rebuild', '"sessions" differs'),
      found('ok', 'alarms', 'none'),
      found('warn', 'alarms', '1 stands'),
    ];
    expect(worstOfEach(results).map((each) => each.found)).toEqual([
      '12 events',
      '1 subject is missing',
      '"appeals" differs',
      '"sessions" differs',
      '1 stands',
    ]);
  });

  it('are an answer when only what vouches for the events fails, and what follows from it', () => {
    const failing = (...checks: readonly Check[]) =>
      isVouchingAlone(checks.map((check) => found('fail', check, '')));
    expect(failing('guards', 'row MACs', 'checkpoints', 'signing key')).toBe(true);
    expect(failing('merkle log', 'read models')).toBe(true);
    expect(failing('guards', 'read models')).toBe(false);
    expect(failing('merkle log', 'events')).toBe(false);
  });
});
