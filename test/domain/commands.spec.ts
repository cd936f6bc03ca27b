import { creationOf, readCommandLine } from '@penalty-ledger/ledger';
import { given, shanghai } from '../support/given.js';
import {
  admit,
  appeal,
  correct,
  decideAppeal,
  deduct,
  on,
  revoke,
  submit,
  type Act,
} from '../support/lines.js';

const problemsOf = ({ command, data }: Act, line: object = {}) =>
  readCommandLine({ command, data, ...line }).problems?.map(({ en }) => en);

describe('a command line', () => {
  it('is read, with its instants in UTC and its data as sent kept beside', () => {
    const sent = {
      command: 'RecordExit',
      by: 'officer-1',
      commandId: 'c-1',
      data: { agencyId: 'a1', effectiveAt: '2019-04-01T10:00:00+08:00' },
    };
    expect(readCommandLine({ ...sent, at: '2019-04-01T11:00:00+08:00' })).toEqual({
      line: {
        at: '2019-04-01T03:00:00.000Z',
        by: 'officer-1',
        commandId: 'c-1',
        command: {
          command: 'RecordExit',
          data: { agencyId: 'a1', effectiveAt: '2019-04-01T02:00:00.000Z' },
        },
        dataAsSent: sent.data,
      },
    });
  });

  it.each([
    ['is not an object', 'RecordExit'],
    ['is null', null],
    ['is a list', []],
    ['has no command', { data: {} }],
    ['has no data', { command: 'RecordExit' }],
    ['has data that are a list', { command: 'RecordExit', data: [] }],
    ['has an unknown command', { command: 'DropTable', data: {} }],
    ['has a command named like an object’s own', { command: 'constructor', data: {} }],
    ['has an unknown field', { command: 'RecordExit', data: { agencyId: 'a1' }, priority: 1 }],
    [
      'has an actor that is not an id',
      { command: 'RecordExit', data: { agencyId: 'a1' }, by: 'an officer' },
    ],
    [
      'has an instant without an offset',
      { at: '2019-04-01T10:00:00', command: 'RecordExit', data: { agencyId: 'a1' } },
    ],
  ])('is refused when it %s', (_what, line) => {
    expect(readCommandLine(line).problems).toHaveLength(1);
  });

  it.each([
    ['an unknown field', admit({ nickname: 'One' }), 'data.nickname: unknown field; remove it'],
    [
      'a missing field',
      { command: 'AdmitAgency', data: { agencyId: 'a1' } },
      'data.name: missing; give a name of 1 to 400 characters',
    ],
    [
      'an id with a space',
      admit({ agencyId: 'a 1' }),
      'data.agencyId: must be an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
    ],
    [
      'an empty id',
      admit({ agencyId: '' }),
      'data.agencyId: must be an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
    ],
    [
      'an id of 65 characters',
      admit({ agencyId: 'a'.repeat(65) }),
      'data.agencyId: must be an id: 1–64 characters of A–Z a–z 0–9 . _ : -',
    ],
    [
      'half a surrogate pair',
      admit({ name: '\ud83d' }),
      'data.name: text with half a surrogate pair; send complete characters',
    ],
    [
      'a period that is not a year',
      deduct('d1', 1, { occurredAt: shanghai('2019-04-01'), period: '19' }),
      'data.period: must be a year: "2019"',
    ],
  ])('with %s is refused with the place and the remedy', (_what, act, problem) => {
    expect(problemsOf(act)).toEqual([problem]);
  });

  it('names everything that is wrong at once', () => {
    expect(
      problemsOf({ command: 'AdmitAgency', data: { agencyId: '', name: '', more: 1 } }),
    ).toHaveLength(3);
  });

  it.each(['a', 'a'.repeat(64), 'A-Z.0_9:x'])('accepts the id "%s"', (agencyId) => {
    expect(problemsOf(admit({ agencyId }))).toBeUndefined();
  });

  it('accepts a basis of each kind, and no mixture', () => {
    const withBasis = (basis: object) =>
      problemsOf(deduct('d1', 40, { occurredAt: shanghai('2019-04-01'), basis }));
    expect(withBasis({ kind: 'assessment', month: '2019-04' })).toBeUndefined();
    expect(withBasis({ kind: 'complaint', complaintId: 'c1' })).toBeUndefined();
    expect(withBasis({ kind: 'session', sessionId: 's1' })).toBeUndefined();
    expect(withBasis({ kind: 'session', complaintId: 'c1' })).toBeDefined();
    expect(withBasis({ kind: 'assessment', month: '2019-13' })).toBeDefined();
  });
});

describe('a command that contradicts itself is invalid', () => {
  const imposed = given(
    on('2019-01-10', admit()),
    on('2019-02-01', deduct('d1', 40)),
    on('2019-02-01', deduct('d2', 40)),
  );
  const adjust = (outcome: string, ...adjustments: readonly (readonly [string, number])[]): Act =>
    decideAppeal(
      'p1',
      outcome,
      adjustments.length === 0
        ? {}
        : { adjustments: adjustments.map(([deductionId, points]) => ({ deductionId, points })) },
    );

  it.each([
    ['an appeal of deductions and of an expulsion', appeal('p1', ['d1'], { expulsion: true })],
    [
      'an appeal of nothing',
      { command: 'InitiateAppeal', data: { appealId: 'p1', agencyId: 'a1', grounds: 'none' } },
    ],
    ['an appeal of no deductions', appeal('p1', [])],
    [
      'a last chance against an expulsion',
      {
        command: 'InitiateAppeal',
        data: {
          appealId: 'p1',
          agencyId: 'a1',
          kind: 'last_chance',
          expulsion: true,
          grounds: 'none',
        },
      },
    ],
    ['a partly upheld appeal without adjustments', adjust('partly_upheld')],
    ['an upheld appeal with adjustments', adjust('upheld', ['d1', 10])],
    ['a deduction adjusted twice', adjust('partly_upheld', ['d1', 10], ['d1', 20])],
    ['an adjustment to more than 120', adjust('partly_upheld', ['d1', 121])],
    ['an adjustment below 0', adjust('partly_upheld', ['d1', -1])],
    [
      'an admission of the future',
      admit({ agencyId: 'a2', effectiveAt: shanghai('2019-03-01 10:00:00.001') }),
    ],
    ['a correction to more than 120', correct('d1', { points: 121 })],
    ['a correction to before it happened', correct('d1', { occurredAt: shanghai('2019-02-02') })],
    ['evidence of no items', { ...submit('p1'), data: { appealId: 'p1', items: [] } }],
    [
      'a reason of nothing',
      { command: 'RecordRevocation', data: { deductionId: 'd1', reason: '' } },
    ],
  ])('%s', (_what, act) => {
    imposed.when(on('2019-03-01', act)).thenRefused('invalid');
    expect(imposed.points()).toBe(80);
  });
});

describe('what a command creates', () => {
  const created = (act: Act) => {
    const read = readCommandLine(act);
    if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
    return creationOf(read.line.command);
  };

  it('is what repetition is recognised by: an agency, a deduction, an appeal, or nothing', () => {
    expect(created(admit())).toEqual({ kind: 'agency', id: 'a1' });
    expect(created(deduct('d1', 1, { occurredAt: shanghai('2019-02-01') }))).toEqual({
      kind: 'deduction',
      id: 'd1',
    });
    expect(created(appeal('p1', ['d1']))).toEqual({ kind: 'appeal', id: 'p1' });
    expect(created(revoke('d1'))).toBeUndefined();
  });
});

it('a refused command leaves no trace in the agency’s history', () => {
  const ledger = given(on('2019-01-10', admit()), on('2019-02-01', deduct('d1', 40)));
  const before = structuredClone(ledger.history());
  ledger.when(on('2019-02-02', revoke('d9'))).thenRefused('unknown_deduction');
  ledger.when(on('2019-02-02', submit('p9'))).thenRefused('unknown_appeal');
  expect(ledger.history()).toEqual(before);
});
