import { creator, creatorStream, endOfTime, openPersonalData } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { instant, keyOf, shanghai } from '../support/given.js';
import { admit, exit, expel, on } from '../support/lines.js';
import { bind, grant, Roster, session, unbind, withdrawRight } from '../support/roster.js';

const at = (text: string) => ({ effectiveAt: shanghai(text) });
const two = () =>
  new Roster(
    on('2018-01-01', admit()),
    on('2018-01-01', admit({ agencyId: 'a2', name: 'Agency Two' })),
  );

const agency = (roster: Roster, when: string, known?: string) =>
  creator.agencyOfCreatorAt(
    roster.creators.get('c1')!,
    instant(when),
    known === undefined ? endOfTime : instant(known),
  );

describe('a creator', () => {
  it('is bound from the binding on until the release, half-open', () => {
    const roster = two().given(
      on('2019-03-01', bind('c1', at('2019-02-01 00:00'))),
      on('2019-03-20', unbind('c1', at('2019-03-10 00:00'))),
    );
    expect(agency(roster, '2019-01-31 23:59:59.999')).toBeUndefined();
    expect(agency(roster, '2019-02-01 00:00')).toBe('a1');
    expect(agency(roster, '2019-03-09 23:59:59.999')).toBe('a1');
    expect(agency(roster, '2019-03-10 00:00')).toBeUndefined();
  });

  it('E-52: answers at (E, K), so that a late release changes nothing known before', () => {
    const roster = two().given(
      on('2019-02-01', bind('c1')),
      on('2019-03-20', unbind('c1', at('2019-03-10'))),
      on('2019-03-21', bind('c1', { agencyId: 'a2', ...at('2019-03-15') })),
    );
    expect(agency(roster, '2019-03-16', '2019-03-19')).toBe('a1');
    expect(agency(roster, '2019-03-16', '2019-03-20')).toBeUndefined();
    expect(agency(roster, '2019-03-16')).toBe('a2');
    expect(agency(roster, '2019-02-01', '2019-01-31')).toBeUndefined();
    const creatorOf = roster.creators.get('c1')!;
    expect(creator.bindingsOf(creatorOf)).toEqual([
      { agencyId: 'a1', from: instant('2019-02-01'), to: instant('2019-03-10') },
      { agencyId: 'a2', from: instant('2019-03-15') },
    ]);
    expect(creator.bindingsOf(creatorOf, instant('2019-03-19'))).toEqual([
      { agencyId: 'a1', from: instant('2019-02-01') },
    ]);
  });

  it('has no binding of an instant’s length', () => {
    const roster = two().given(
      on('2019-02-01', bind('c1')),
      on('2019-02-01', unbind('c1')),
      on('2019-02-01', bind('c1', { agencyId: 'a2' })),
    );
    expect(creator.bindingsOf(roster.creators.get('c1')!)).toEqual([
      { agencyId: 'a2', from: instant('2019-02-01') },
    ]);
    expect(agency(roster, '2019-02-01')).toBe('a2');
  });

  it('stays bound to an agency that is expelled or has left, until it is unbound', () => {
    const roster = two().given(on('2019-02-01', bind('c1')), on('2019-03-01', expel()));
    expect(agency(roster, '2019-03-02')).toBe('a1');
    roster
      .when(on('2019-03-02', bind('c1', { agencyId: 'a2' })))
      .thenRefused('already_bound')
      .when(on('2019-03-03', unbind('c1')))
      .then('CreatorUnbound')
      .when(on('2019-03-03', bind('c1', { agencyId: 'a2' })))
      .then('CreatorBound');
  });

  it('has the exposure right from the grant until the withdrawal, bound or not', () => {
    const roster = two().given(
      on('2019-02-01', grant('c1')),
      on('2019-02-02', grant('c1')),
      on('2019-03-01', withdrawRight('c1', at('2019-02-20'))),
    );
    const has = (when: string, known = '2020-01-01') =>
      creator.hasExposureRightAt(roster.creators.get('c1')!, instant(when), instant(known));
    expect(has('2019-01-31')).toBe(false);
    expect(has('2019-02-10')).toBe(true);
    expect(has('2019-02-25')).toBe(false);
    expect(has('2019-02-25', '2019-02-28')).toBe(true);
  });

  it('has its name sealed with a key of its own', () => {
    const roster = two().given(on('2019-02-01', bind('c1', { name: '李佳' })));
    const [event] = roster.recorded(creatorStream('c1'));
    const [box] = event!.personal!;
    expect(box!.subject).toBe('creator:c1');
    expect(openPersonalData(event!.personal!, event!.id, keyOf('creator:c1'))).toEqual({
      name: '李佳',
    });
    expect(event!.data).toEqual({ agencyId: 'a1', creatorId: 'c1' });
  });
});

describe('the codes of the roster', () => {
  const bound = () => two().given(on('2019-02-01', bind('c1')));

  it('invalid: in the future, or what the schema does not have', () => {
    two()
      .when(on('2019-02-01', bind('c1', at('2019-02-01 10:00:00.001'))))
      .thenRefused('invalid')
      .when(on('2019-02-01', grant('c1', at('2019-02-02'))))
      .thenRefused('invalid')
      .when(on('2019-02-01', bind('c 1')))
      .thenRefused('invalid')
      .when(on('2019-02-01', grant('c1', { agencyId: 'a1' })))
      .thenRefused('invalid');
  });

  it('time_order: before the creator’s last roster change; the same instant is in order', () => {
    bound()
      .given(on('2019-03-01', grant('c1', at('2019-02-20'))))
      .when(on('2019-03-02', unbind('c1', at('2019-02-19'))))
      .thenRefused('time_order')
      .when(on('2019-03-02', withdrawRight('c1', at('2019-02-19'))))
      .thenRefused('time_order')
      .when(on('2019-03-02', unbind('c1', at('2019-02-20'))))
      .then('CreatorUnbound');
  });

  it('time_order goes before not_admitted, and that before already_bound', () => {
    const left = bound().given(on('2019-03-01', exit()));
    left.when(on('2019-03-02', bind('c1', at('2019-01-01')))).thenRefused('time_order');
    left.when(on('2019-03-02', bind('c1'))).thenRefused('not_admitted');
    left.when(on('2019-03-02', bind('c1', { agencyId: 'a2' }))).thenRefused('already_bound');
  });

  it('not_admitted is about the agency at effectiveAt', () => {
    const left = two().given(on('2019-03-01', exit()));
    left.when(on('2019-03-02', bind('c1', at('2019-03-01')))).thenRefused('not_admitted');
    left.when(on('2019-03-02', bind('c1', at('2017-12-31')))).thenRefused('not_admitted');
    left.when(on('2019-03-02', bind('c1', at('2019-02-28')))).then('CreatorBound');
  });

  it('already_bound to any agency; not_bound to that one', () => {
    const roster = bound();
    roster.when(on('2019-02-02', bind('c1'))).thenRefused('already_bound');
    roster.when(on('2019-02-02', bind('c1', { agencyId: 'a2' }))).thenRefused('already_bound');
    roster.when(on('2019-02-02', unbind('c1', { agencyId: 'a2' }))).thenRefused('not_bound');
    roster.when(on('2019-02-02', unbind('c2'))).thenRefused('not_bound');
    roster.when(on('2019-02-02', unbind('c1'))).then('CreatorUnbound');
    roster.when(on('2019-02-03', unbind('c1'))).thenRefused('not_bound');
  });
});

it('no creator is bound to two agencies at one instant, whatever is tried', () => {
  const act = fc.record({
    binds: fc.boolean(),
    agencyId: fc.constantFrom('a1', 'a2'),
    day: fc.integer({ min: 1, max: 28 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
      const roster = two().given(on('2019-01-01', bind('c1')), on('2019-01-02', unbind('c1')));
      for (const { binds, agencyId, day } of acts) {
        const data = { agencyId, ...at(`2019-02-${String(day).padStart(2, '0')}`) };
        roster.when(on('2019-03-01', binds ? bind('c1', data) : unbind('c1', data)));
      }
      const bindings = creator.bindingsOf(roster.creators.get('c1')!);
      for (const [index, { from, to }] of bindings.entries()) {
        const next = bindings[index + 1];
        expect(to === undefined || from < to).toBe(true);
        if (next !== undefined) expect(to !== undefined && to <= next.from).toBe(true);
        expect(creator.agencyOfCreatorAt(roster.creators.get('c1')!, from)).toBe(
          bindings[index]!.agencyId,
        );
      }
    }),
  );
});

it('E-53: a session names its creator and the agency that the creator is bound to', () => {
  const roster = two().given(
    on('2019-02-01', bind('c1')),
    on('2019-02-03', session('s1', 'c1', '2019-02-02 20:00', '2019-02-02 21:00')),
  );
  expect(roster.sessions.get('s1')).toMatchObject({ agencyId: 'a1', creatorId: 'c1' });
});
