import { overlapsSought, type LedgerEvent } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { shanghai, type Line } from '../support/given.js';
import { admit, on } from '../support/lines.js';
import {
  bind,
  compute,
  correctIt,
  Roster,
  session,
  stream,
  unbind,
  voidIt,
} from '../support/roster.js';

const at = (text: string) => ({ effectiveAt: shanghai(text) });
const april = 'session-a1-2019-04';
const roster = () =>
  new Roster(
    on('2018-01-01', admit()),
    on('2018-01-01', admit({ agencyId: 'a2', name: 'Agency Two' })),
  ).given(on('2018-06-01', bind('c1')), on('2018-06-01', bind('c2')));
const s1 = on('2019-05-02', session('s1', 'c1', '2019-04-10 20:00', '2019-04-10 21:00'));
const next = (from: string, to: string, creatorId = 'c1'): Line =>
  on('2019-05-03', session('s2', creatorId, `2019-04-10 ${from}`, `2019-04-10 ${to}`));
const recorded = () => roster().given(s1);
const found = ['overlapping_sessions'];

function detailOf(event: LedgerEvent | undefined): string | undefined {
  return event !== undefined && 'findings' in event.data
    ? event.data.findings[0]?.detail.en
    : undefined;
}

describe('a session of a creator who was live then', () => {
  it.each([
    ['begins in it', '20:59:59.999', '21:30'],
    ['ends in it', '19:00', '20:00:00.001'],
    ['is within it', '20:10', '20:20'],
    ['has it within', '19:00', '22:00'],
    ['is at the same time', '20:00', '21:00'],
  ])('is recorded and found when it %s', (_how, from, to) => {
    recorded()
      .when(next(from, to))
      .then('SessionRecorded')
      .thenFound(...found);
  });

  it.each([
    ['begins where it ends', next('21:00', '21:30')],
    ['ends where it begins', next('19:00', '20:00')],
    ['is another creator’s', next('20:00', '21:00', 'c2')],
  ])('is not found when it %s', (_how, line) => {
    recorded().when(line).then('SessionRecorded').thenFound();
  });

  it('carries the finding, which names the other; the other one is left as it is', () => {
    const events = recorded().given(next('20:30', '21:30')).recorded(april);
    expect(events[0]?.data).not.toHaveProperty('findings');
    expect(events[1]?.data).toMatchObject({
      findings: [
        {
          code: 'overlapping_sessions',
          severity: 'warning',
          detail: {
            en: 'the session overlaps "s1" of the same creator "c1"',
            zh: '该场次与同一达人 "c1" 的场次 "s1" 时间重叠',
          },
        },
      ],
    });
  });

  it('is found by the order of recording, whatever the order in time', () => {
    roster()
      .given(next('20:30', '21:30'))
      .when(on('2019-05-04', session('s3', 'c1', '2019-04-10 20:00', '2019-04-10 21:00')))
      .thenFound(...found);
  });

  it('names three of many by their start, and counts no further than it looks', () => {
    const many = (count: number) => {
      const lines = Array.from({ length: count }, (_, index) =>
        on(
          '2019-05-02',
          session(
            `m${String(index).padStart(3, '0')}`,
            'c1',
            `2019-04-10 20:00:00.${String(index).padStart(3, '0')}`,
            '2019-04-10 21:00',
          ),
        ),
      );
      return detailOf(
        roster()
          .given(...lines, next('20:30', '21:30'))
          .recorded(april)
          .at(-1),
      );
    };
    expect(many(5)).toBe(
      'the session overlaps "m000", "m001", "m002" and 2 more of the same creator "c1"',
    );
    expect(many(overlapsSought + 7)).toBe(
      'the session overlaps "m000", "m001", "m002" and at least 97 more of the same creator "c1"',
    );
  });

  it('is found beside one that began days before', () => {
    roster()
      .given(on('2019-05-02', session('s1', 'c1', '2019-04-01 08:00', '2019-04-20 08:00')))
      .when(next('20:00', '21:00'))
      .thenFound(...found);
  });

  it('is found across agencies, as one creator cannot be live twice', () => {
    roster()
      .given(
        on('2019-05-02', session('s1', 'c1', '2019-04-10 23:30', '2019-04-11 00:30')),
        on('2019-05-03', unbind('c1', at('2019-04-11 00:00'))),
        on('2019-05-03', bind('c1', { agencyId: 'a2', ...at('2019-04-11 00:00') })),
      )
      .when(on('2019-05-04', session('s2', 'c1', '2019-04-11 00:00', '2019-04-11 01:00')))
      .thenFound(...found);
  });
});

describe('what was changed meanwhile', () => {
  it('a voided session overlaps nothing, and its correction neither', () => {
    const both = recorded().given(on('2019-05-02', voidIt('s1')));
    both.when(next('20:00', '21:00')).thenFound();
    both.when(on('2019-05-04', correctIt('s1', { views: 3 }))).thenFound();
  });

  it('a session counts as it was corrected', () => {
    const moved = { startedAt: '2019-04-10 22:00', endedAt: '2019-04-10 23:00' };
    const both = recorded().given(on('2019-05-02', correctIt('s1', moved)));
    both.when(next('20:00', '21:00')).thenFound();
    both
      .when(on('2019-05-04', session('s3', 'c1', '2019-04-10 22:30', '2019-04-10 23:30')))
      .thenFound(...found);
  });

  it('a correction into another session is found, also of the earlier recorded', () => {
    const both = recorded().given(next('21:00', '22:00'));
    both
      .when(on('2019-05-04', correctIt('s1', { endedAt: '2019-04-10 21:30' })))
      .then('SessionCorrected')
      .thenFound(...found);
    expect(detailOf(both.recorded(april).at(-1))).toBe(
      'the session overlaps "s2" of the same creator "c1"',
    );
  });

  it('a correction does not overlap the session as it was', () => {
    recorded()
      .when(on('2019-05-04', correctIt('s1', { startedAt: '2019-04-10 20:30' })))
      .thenFound();
  });
});

describe('an assessment says how many of its sessions overlap', () => {
  const ten = stream('c1', '2019-04', 10).map((act) => on('2019-05-01', act));
  const overlapping = (...lines: Line[]) =>
    roster()
      .given(...ten, ...lines, on('2019-05-20', compute('2019-04', 'a1')))
      .assessment('2019-04').sessions;
  const also = (from: string, to: string) => on('2019-05-02', session('x', 'c1', from, to));

  it('none of them', () => {
    expect(overlapping()).toMatchObject({ count: 10, effective: 10, overlapping: 0 });
  });

  it('both of two, and both still count', () => {
    expect(overlapping(also('2019-04-02 20:30', '2019-04-02 21:30'))).toMatchObject({
      count: 11,
      effective: 11,
      overlapping: 2,
    });
  });

  it('of those that count: a short one overlaps and is not counted', () => {
    expect(overlapping(also('2019-04-02 20:30', '2019-04-02 20:40'))).toMatchObject({
      count: 11,
      effective: 10,
      overlapping: 1,
    });
  });

  it('also with a session of another month', () => {
    expect(overlapping(also('2019-03-31 23:00', '2019-04-03 20:30'))).toMatchObject({
      count: 10,
      overlapping: 3,
    });
    expect(
      overlapping(
        on('2019-05-02', session('x', 'c1', '2019-04-30 23:50', '2019-05-01 00:40')),
        on('2019-05-02', session('y', 'c1', '2019-05-01 00:20', '2019-05-01 01:00')),
      ),
    ).toMatchObject({ count: 11, overlapping: 1 });
  });

  it('also with a session of another agency', () => {
    expect(
      overlapping(
        on('2019-05-02', unbind('c1', at('2019-04-10 20:30'))),
        on('2019-05-02', bind('c1', { agencyId: 'a2', ...at('2019-04-10 20:30') })),
        also('2019-04-10 20:30', '2019-04-10 22:00'),
      ),
    ).toMatchObject({ count: 10, overlapping: 1 });
  });

  it('not with one that was voided, as known at the computation', () => {
    const both = roster().given(
      ...ten,
      also('2019-04-02 20:30', '2019-04-02 21:30'),
      on('2019-05-20', compute('2019-04', 'a1')),
      on('2019-05-21', voidIt('x')),
      on('2019-05-22', compute('2019-04', 'a1')),
    );
    expect(both.assessment('2019-04', '2019-05-20').sessions).toMatchObject({ overlapping: 2 });
    expect(both.assessment('2019-04').sessions).toMatchObject({ overlapping: 0 });
  });
});

it('whatever the sessions, as many overlap as comparing each with each finds', () => {
  const drawn = fc.array(
    fc.record({ from: fc.integer({ min: 0, max: 23 }), hours: fc.integer({ min: 1, max: 30 }) }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(drawn, (spans) => {
      const all = roster();
      const hour = (hours: number) =>
        `2019-04-${String(10 + Math.floor(hours / 24)).padStart(2, '0')} ` +
        `${String(hours % 24).padStart(2, '0')}:00`;
      const overlaps = (one: (typeof spans)[number], other: (typeof spans)[number]): boolean =>
        one !== other && one.from < other.from + other.hours && other.from < one.from + one.hours;
      for (const [index, { from, hours }] of spans.entries()) {
        const isFound = spans.slice(0, index).some((other) => overlaps(spans[index]!, other));
        all
          .when(
            on('2019-05-02', session(`s${String(index)}`, 'c1', hour(from), hour(from + hours))),
          )
          .thenFound(...(isFound ? found : []));
      }
      const { sessions } = all
        .given(on('2019-05-20', compute('2019-04', 'a1')))
        .assessment('2019-04');
      expect(sessions?.overlapping).toBe(
        spans.filter((one) => spans.some((other) => overlaps(one, other))).length,
      );
    }),
  );
});
