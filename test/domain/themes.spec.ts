import {
  rulebooks,
  themes,
  checkOf,
  endOfTime,
  themesStream,
  type Decision,
  type Themes,
  type ThemesEvent,
} from '@penalty-ledger/ledger';
import { instant, shanghaiZone } from '../support/given.js';

const inForce = rulebooks.rulebooksAt(rulebooks.empty, endOfTime);
const at = (now: string) => ({ now: instant(now), zone: shanghaiZone, rulebooks: inForce });
const propose = (now: string, proposalId = 't1', agencyId = 'a1', month = '2019-06') =>
  themes.proposeTheme({ proposalId, agencyId, month, title: 'Summer skin care' }, at(now));
const select = (now: string, proposalId: string, themesOfMonth: Themes) =>
  themes.selectTheme({ proposalId }, { month: '2019-06', themes: themesOfMonth }, at(now));

/** The themes after decisions at their instants, which must be accepted. */
function after(
  ...acts: readonly (readonly [
    string,
    (now: string, themesOfMonth: Themes) => Decision<ThemesEvent>,
  ])[]
): Themes {
  return acts.reduce((themesOfMonth, [now, act]) => {
    const decision = act(now, themesOfMonth);
    if (decision.rejected !== undefined) throw new Error(decision.rejected.message.en);
    return decision.events.reduce(
      (held, event) => themes.evolve(held, { ...event, recordedAt: instant(now) }),
      themesOfMonth,
    );
  }, themes.empty);
}

const codeOf = (decision: Decision<ThemesEvent>) => decision.rejected?.code;

describe('registering a theme for the next month', () => {
  it.each([
    ['2019-05-09 23:59:59.999', 'registration_closed'],
    ['2019-05-10 00:00', undefined],
    ['2019-05-18 23:59:59.999', undefined],
    ['2019-05-19 00:00', 'registration_closed'],
    ['2019-04-15', 'registration_closed'],
    ['2019-06-15', 'registration_closed'],
  ])('at %s', (now, code) => {
    expect(codeOf(propose(now))).toBe(code);
  });

  it('for January is in December of the year before', () => {
    expect(themes.registrationWindow('2020-01', shanghaiZone)).toEqual({
      opensAt: '2019-12-09T16:00:00.000Z',
      closesAt: '2019-12-18T16:00:00.000Z',
    });
    expect(codeOf(propose('2019-12-10 00:00', 't1', 'a1', '2020-01'))).toBeUndefined();
  });

  it('is recorded in the stream of the month', () => {
    expect(propose('2019-05-10')).toMatchObject({
      events: [
        {
          type: 'ThemeProposed',
          data: { agencyId: 'a1', month: '2019-06', proposalId: 't1', title: 'Summer skin care' },
          rulebook: { id: 'ali-mcn' },
        },
      ],
    });
    expect(themesStream('2019-06')).toBe('themes-2019-06');
  });

  it('takes a month and a title', () => {
    const check = checkOf(themes.commandSchemas.ProposeTheme, 'data');
    const data = { proposalId: 't1', agencyId: 'a1', month: '2019-06', title: 'x' };
    expect(check(data)).toEqual([]);
    expect(check({ ...data, month: '2019-13' })).toHaveLength(1);
    expect(check({ ...data, title: '' })).toHaveLength(1);
  });
});

describe('selecting a theme', () => {
  const proposed = after(
    ['2019-05-10', (now) => propose(now, 't1', 'a2')],
    ['2019-05-11', (now) => propose(now, 't2', 'a1')],
    ['2019-05-12', (now) => propose(now, 't3', 'a2')],
  );

  it('needs a proposal', () => {
    expect(codeOf(select('2019-05-20', 't9', proposed))).toBe('unknown_proposal');
    expect(codeOf(select('2019-05-20', 't1', themes.empty))).toBe('unknown_proposal');
  });

  it('gives the agency one slot, whether or not it hosts the theme', () => {
    expect(select('2019-05-20', 't1', proposed)).toMatchObject({
      events: [
        {
          type: 'ThemeSelected',
          data: { agencyId: 'a2', month: '2019-06', proposalId: 't1', slots: 1 },
        },
      ],
    });
  });

  it('gives one slot a proposal, also when it is recorded again', () => {
    const selected = after(
      ['2019-05-10', (now) => propose(now, 't1', 'a2')],
      ['2019-05-11', (now) => propose(now, 't2', 'a1')],
      ['2019-05-12', (now) => propose(now, 't3', 'a2')],
      ['2019-05-20', (now, themesOfMonth) => select(now, 't1', themesOfMonth)],
      ['2019-05-21', (now, themesOfMonth) => select(now, 't1', themesOfMonth)],
      ['2019-05-22', (now, themesOfMonth) => select(now, 't3', themesOfMonth)],
    );
    expect(themes.themesAnswer('2019-06', selected, shanghaiZone)).toEqual({
      month: '2019-06',
      opensAt: '2019-05-10T00:00:00.000+08:00',
      closesAt: '2019-05-19T00:00:00.000+08:00',
      proposals: [
        {
          proposalId: 't1',
          agencyId: 'a2',
          title: 'Summer skin care',
          proposedAt: '2019-05-10T10:00:00.000+08:00',
          selectedAt: '2019-05-20T10:00:00.000+08:00',
        },
        {
          proposalId: 't2',
          agencyId: 'a1',
          title: 'Summer skin care',
          proposedAt: '2019-05-11T10:00:00.000+08:00',
          selectedAt: null,
        },
        {
          proposalId: 't3',
          agencyId: 'a2',
          title: 'Summer skin care',
          proposedAt: '2019-05-12T10:00:00.000+08:00',
          selectedAt: '2019-05-22T10:00:00.000+08:00',
        },
      ],
      slots: [{ agencyId: 'a2', slots: 2 }],
    });
  });

  it('shows nothing before anything is known', () => {
    expect(themes.themesAnswer('2019-06', themes.empty, shanghaiZone)).toMatchObject({
      proposals: [],
      slots: [],
    });
  });
});
