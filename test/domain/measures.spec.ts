import { agency, endOfTime, rulebooks } from '@penalty-ledger/ledger';
import { given, instant, shanghai, shanghaiZone, type Scenario } from '../support/given.js';
import {
  admit,
  answerReview,
  deduct,
  liftMeasure,
  measure,
  on,
  requestReview,
} from '../support/lines.js';

const admitted = () => given(on('2026-02-02', admit()));

const measuresOf = (ledger: Scenario, at: string, known = at) =>
  agency.measuresAt(
    ledger.history(),
    { effectiveAt: instant(at), knownAt: instant(known) },
    shanghaiZone,
  );

const reviewsOf = (ledger: Scenario, known: string) =>
  agency.reviewsAt(ledger.history(), instant(known), {
    rulebooks: ledger.rulebooks(),
    calendars: rulebooks.calendarsAt(rulebooks.empty, endOfTime),
    zone: shanghaiZone,
  });

describe('a measure of the platform (Order 117, article 12)', () => {
  it('is one of eight', () => {
    const until = shanghai('2026-03-31');
    for (const kind of agency.measureKinds)
      admitted()
        .when(on('2026-03-01', measure('m1', { kind, until })))
        .then('MeasureImposed');
    expect(agency.measureKinds).toHaveLength(8);
    admitted()
      .when(on('2026-03-01', measure('m1', { kind: 'fined' })))
      .thenRefused('invalid');
  });

  it('has a term where its name says so', () => {
    const [termless, ...others] = agency.measureKinds.filter((kind) => {
      const { outcome } = admitted().when(on('2026-03-01', measure('m1', { kind })));
      return outcome.code === 'invalid';
    });
    expect([termless, others]).toEqual(['streaming_banned_for_a_term', []]);
  });

  it('holds until its term ends', () => {
    const ledger = admitted().given(
      on('2026-03-01 10:00', measure('m1', { until: shanghai('2026-03-31') })),
    );
    const inForce = (at: string) =>
      measuresOf(ledger, at, '2026-04-30').map((each) => each.inForce);
    expect(inForce('2026-03-01 09:59:59.999')).toEqual([false]);
    expect(inForce('2026-03-01 10:00')).toEqual([true]);
    expect(inForce('2026-03-30 23:59:59.999')).toEqual([true]);
    expect(inForce('2026-03-31')).toEqual([false]);
  });

  it('ends when it is lifted, and was in force as known before', () => {
    const ledger = admitted().given(
      on('2026-03-01 10:00', measure('m1')),
      on('2026-03-10 10:00', liftMeasure('m1')),
    );
    expect(measuresOf(ledger, '2026-03-20')).toMatchObject([
      { inForce: false, liftedAt: '2026-03-10T10:00:00.000+08:00' },
    ]);
    expect(measuresOf(ledger, '2026-03-20', '2026-03-09')).toMatchObject([
      { inForce: true, liftedAt: null },
    ]);
  });

  it('is lifted once, and not before it began', () => {
    const ledger = admitted().given(on('2026-03-01', measure('m1')));
    ledger
      .when(on('2026-03-02', liftMeasure('m1', { effectiveAt: shanghai('2026-02-28') })))
      .thenRefused('invalid');
    ledger.given(on('2026-03-03', liftMeasure('m1')));
    ledger.when(on('2026-03-04', liftMeasure('m1'))).thenRefused('already_lifted');
  });

  it('names a deduction of its agency, and a term that ends after it began', () => {
    admitted()
      .when(on('2026-03-01', measure('m1', { deductionId: 'd9' })))
      .thenRefused('unknown_deduction');
    admitted()
      .when(on('2026-03-01', measure('m1', { until: shanghai('2026-02-28') })))
      .thenRefused('invalid');
  });

  it('changes no points', () => {
    const ledger = admitted().given(on('2026-03-01', deduct('d1', 40)));
    ledger.given(on('2026-03-02', measure('m1', { deductionId: 'd1' })));
    expect(ledger.points()).toBe(40);
  });
});

describe('a request for human review', () => {
  const asked = () =>
    admitted().given(
      on('2026-03-02', deduct('d1', 40, { automated: true })),
      on('2026-03-06 10:00', requestReview('r1', { deductionId: 'd1' })),
    );

  it('is due after the working days of a decision, which is printed as assumed', () => {
    // 6 March 2026 is a Friday: two working days end with Tuesday the 10th.
    expect(reviewsOf(asked(), '2026-03-06 10:00')).toMatchObject([
      {
        reviewId: 'r1',
        deductionId: 'd1',
        answerBy: '2026-03-11T00:00:00.000+08:00',
        overdue: false,
        outcome: null,
        assumptions: ['humanReviewTerm=appealDecideWorkingDays', 'appealDecideWorkingDays=2'],
      },
    ]);
    expect(reviewsOf(asked(), '2026-03-11')).toMatchObject([{ overdue: true }]);
  });

  it('is answered once', () => {
    const ledger = asked().given(on('2026-03-09', answerReview('r1', 'confirmed')));
    expect(reviewsOf(ledger, '2026-03-20')).toMatchObject([
      { overdue: false, outcome: 'confirmed', answeredAt: '2026-03-09T10:00:00.000+08:00' },
    ]);
    ledger.when(on('2026-03-10', answerReview('r1', 'changed'))).thenRefused('review_closed');
  });

  it('is about either a deduction or a measure that is there', () => {
    const ledger = admitted();
    ledger.when(on('2026-03-01', requestReview('r1', {}))).thenRefused('invalid');
    ledger
      .when(on('2026-03-01', requestReview('r1', { deductionId: 'd', measureId: 'm' })))
      .thenRefused('invalid');
    ledger
      .when(on('2026-03-01', requestReview('r1', { measureId: 'm' })))
      .thenRefused('unknown_measure');
  });
});
