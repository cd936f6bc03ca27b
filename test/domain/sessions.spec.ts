import {
  session as sessions,
  agencyOfStream,
  creationOf,
  openPersonalData,
  sessionsStream,
} from '@penalty-ledger/ledger';
import { instant, keyOf, shanghai, shanghaiZone } from '../support/given.js';
import { admit, exit, expel, on, revokeExpulsion } from '../support/lines.js';
import { bind, correctIt, Roster, session, unbind, voidIt } from '../support/roster.js';

const at = (text: string) => ({ effectiveAt: shanghai(text) });
const april = 'session-a1-2019-04';
const bound = () =>
  new Roster(
    on('2018-01-01', admit()),
    on('2018-01-01', admit({ agencyId: 'a2', name: 'Agency Two' })),
  ).given(on('2019-03-01', bind('c1')));
const evening = (data = {}) => session('s1', 'c1', '2019-04-10 20:00', '2019-04-10 21:00', data);
const recorded = () => bound().given(on('2019-04-11', evening()));

describe('a session', () => {
  it('is one small event in the stream of its agency and of the month it starts in', () => {
    const roster = bound().given(
      on(
        '2019-04-11',
        evening({ views: 12, newFollowers: 3, sales: [{ vertical: '美妆', amountFen: 990 }] }),
      ),
    );
    const [event] = roster.recorded(april);
    expect(event).toMatchObject({
      type: 'SessionRecorded',
      data: {
        agencyId: 'a1',
        creatorId: 'c1',
        endedAt: '2019-04-10T13:00:00.000Z',
        newFollowers: 3,
        sales: [{ amountFen: 990, vertical: '美妆' }],
        sessionId: 's1',
        startedAt: '2019-04-10T12:00:00.000Z',
        views: 12,
      },
    });
    expect(event).not.toHaveProperty('personal');
  });

  it('V-15, E-46: is effective from 30:00.000 on, from its instants', () => {
    const effective = (end: string) =>
      sessions.isEffective(instant('2019-04-10 20:00'), instant(`2019-04-10 ${end}`), 30);
    expect(effective('20:29:59.999')).toBe(false);
    expect(effective('20:30:00.000')).toBe(true);
  });

  it('E-47: that runs over midnight on 31 December belongs to December, whole', () => {
    const roster = bound().given(
      on('2020-01-01', session('s1', 'c1', '2019-12-31 23:50', '2020-01-01 00:40')),
    );
    expect(roster.streams).toContain('session-a1-2019-12');
    const { startedAt, endedAt } = roster.sessions.get('s1')!;
    expect(sessions.isEffective(startedAt, endedAt, 30)).toBe(true);
  });

  it('belongs to the month of the ledger’s zone', () => {
    const month = (startedAt: string) =>
      sessions
        .streamOfSession({ agencyId: 'a1', startedAt: instant(startedAt) }, shanghaiZone)
        .slice(-7);
    expect(month('2019-03-31T15:59:59.999Z')).toBe('2019-03');
    expect(month('2019-03-31T16:00:00.000Z')).toBe('2019-04');
    expect(month('2019-04-30T16:00:00.000Z')).toBe('2019-05');
    expect(month('2019-12-31T16:00:00.000Z')).toBe('2020-01');
  });

  it('E-51: belongs to the agency bound at its start, though recorded after a transfer', () => {
    const roster = bound().given(
      on('2019-04-20', unbind('c1', at('2019-04-10 20:30'))),
      on('2019-04-20', bind('c1', { agencyId: 'a2', ...at('2019-04-10 20:30') })),
      on('2019-04-21', evening()),
      on('2019-04-21', session('s2', 'c1', '2019-04-10 20:30', '2019-04-10 21:30')),
    );
    expect(roster.sessions.get('s1')).toMatchObject({ agencyId: 'a1' });
    expect(roster.sessions.get('s2')).toMatchObject({ agencyId: 'a2' });
  });

  it('has a stream name that fits the longest agency id, and names the agency', () => {
    const agencyId = `a-${'9'.repeat(62)}`;
    const name = sessionsStream(agencyId, '2019-04');
    expect(name).toHaveLength(80);
    expect(agencyOfStream(name)).toBe(agencyId);
  });

  it('is created under its id', () => {
    const data = {
      sessionId: 's1',
      creatorId: 'c1',
      startedAt: instant('2019-04-10'),
      endedAt: instant('2019-04-11'),
    };
    expect(creationOf({ command: 'RecordSession', data })).toEqual({ kind: 'session', id: 's1' });
  });
});

describe('RecordSession is refused', () => {
  const when = (data: object, line = evening(data)) => bound().when(on('2019-04-11', line));

  it.each<[string, object]>([
    ['an end that is not later than the start', { endedAt: shanghai('2019-04-10 20:00') }],
    ['an end in the future', { endedAt: shanghai('2019-04-11 10:00:00.001') }],
    ['a negative amount', { sales: [{ vertical: 'beauty', amountFen: -1 }] }],
    ['half a fen', { sales: [{ vertical: 'beauty', amountFen: 0.5 }] }],
    ['followers lost', { newFollowers: -1 }],
    ['half a view', { views: 1.5 }],
    ['a vertical without a name', { contentVertical: '' }],
    ['an unknown field', { title: 'live' }],
  ])('with invalid: %s', (_what, data) => {
    when(data).thenRefused('invalid');
  });

  it('not where nothing is wrong: ending now, no sales, verticals in Chinese', () => {
    when({
      endedAt: shanghai('2019-04-11 10:00'),
      sales: [],
      contentVertical: '珠宝/玉石',
      views: 0,
    }).then('SessionRecorded');
  });

  it('with not_bound: bound to no agency at its start', () => {
    when({ startedAt: shanghai('2019-03-01 09:59:59.999') }).thenRefused('not_bound');
    when({}, session('s1', 'c2', '2019-04-10 20:00', '2019-04-10 21:00')).thenRefused('not_bound');
  });

  it('with not_admitted: its agency had left or was expelled at its start', () => {
    const before = session('s2', 'c1', '2019-04-05 09:00', '2019-04-05 11:00');
    for (const gone of [exit(), expel()]) {
      bound()
        .given(on('2019-04-05', gone))
        .when(on('2019-04-11', evening()))
        .thenRefused('not_admitted')
        .when(on('2019-04-11', before))
        .then('SessionRecorded');
    }
  });

  it('not after the expulsion was revoked, which then never was', () => {
    bound()
      .given(on('2019-04-05', expel()), on('2019-04-11', revokeExpulsion()))
      .when(on('2019-04-12', evening()))
      .then('SessionRecorded');
  });
});

describe('CorrectSession', () => {
  it('E-50: adds an event with all values and the corrected names; the original stays', () => {
    const roster = recorded().given(
      on('2019-04-12', correctIt('s1', { endedAt: shanghai('2019-04-10 20:29'), views: 7 })),
    );
    const [original, corrected] = roster.recorded(april);
    expect(original!.data).toMatchObject({ endedAt: '2019-04-10T13:00:00.000Z' });
    expect(corrected!.data).toEqual({
      agencyId: 'a1',
      corrected: ['endedAt', 'views'],
      creatorId: 'c1',
      endedAt: '2019-04-10T12:29:00.000Z',
      sessionId: 's1',
      startedAt: '2019-04-10T12:00:00.000Z',
      views: 7,
    });
    expect(roster.sessions.get('s1')).toMatchObject({ corrections: 1, voided: false, views: 7 });
  });

  it('seals its reason with the key of the agency', () => {
    const event = recorded()
      .given(on('2019-04-12', correctIt('s1')))
      .recorded(april)[1]!;
    expect(openPersonalData(event.personal!, event.id, keyOf('agency:a1'))).toEqual({
      reason: 'the platform corrected it',
    });
  });

  it('moves the session to the agency and month of its new start, and stays in the stream', () => {
    const roster = recorded().given(
      on('2019-05-01', unbind('c1')),
      on('2019-05-01', bind('c1', { agencyId: 'a2' })),
      on(
        '2019-05-03',
        correctIt('s1', {
          startedAt: shanghai('2019-05-02 20:00'),
          endedAt: shanghai('2019-05-02 21:00'),
        }),
      ),
    );
    expect(roster.sessions.get('s1')).toMatchObject({
      agencyId: 'a2',
      startedAt: instant('2019-05-02 20:00'),
    });
    expect(roster.recorded(april)).toHaveLength(2);
  });

  it('is refused with unknown_session, then not_bound', () => {
    recorded()
      .when(on('2019-04-12', correctIt('s2', { startedAt: shanghai('2019-02-01') })))
      .thenRefused('unknown_session')
      .when(on('2019-04-12', correctIt('s1', { startedAt: shanghai('2019-02-01') })))
      .thenRefused('not_bound');
  });

  it('is invalid when it contradicts itself, the clock, or the session as it stands', () => {
    recorded()
      .when(on('2019-04-12', correctIt('s1', { endedAt: shanghai('2019-04-13') })))
      .thenRefused('invalid')
      .when(on('2019-04-12', correctIt('s1', { startedAt: shanghai('2019-04-13') })))
      .thenRefused('invalid')
      .when(on('2019-04-12', correctIt('s1', { endedAt: shanghai('2019-04-10 20:00') })))
      .thenRefused('invalid')
      .when(on('2019-04-12', correctIt('s1', { startedAt: shanghai('2019-04-10 21:00') })))
      .thenRefused('invalid')
      .when(on('2019-04-12', correctIt('s1', { creatorId: 'c2' })))
      .thenRefused('invalid')
      .when(on('2019-04-12', correctIt('s1', { reason: '' })))
      .thenRefused('invalid');
  });

  it('may say a reason alone, and leaves a void session void', () => {
    const roster = recorded().given(
      on('2019-04-12', voidIt('s1')),
      on('2019-04-13', correctIt('s1')),
    );
    expect(roster.recorded(april).at(-1)!.data).toMatchObject({ corrected: [] });
    expect(roster.sessions.get('s1')).toMatchObject({ corrections: 1, voided: true });
  });
});

describe('VoidSession', () => {
  it('is an event, once', () => {
    recorded()
      .when(on('2019-04-12', voidIt('s1')))
      .then('SessionVoided')
      .when(on('2019-04-13', voidIt('s1')))
      .thenRefused('already_void')
      .when(on('2019-04-13', voidIt('s2')))
      .thenRefused('unknown_session');
  });

  it('leaves the session’s id taken', () => {
    recorded()
      .given(on('2019-04-12', voidIt('s1')))
      .when(on('2019-04-12', evening()))
      .thenRefused('conflict');
  });
});
