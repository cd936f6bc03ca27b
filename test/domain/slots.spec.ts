import {
  rulebooks,
  slots,
  endOfTime,
  checkOf,
  slotsStream,
  type Decision,
  type RankedAgency,
  type SessionOfSlot,
  type Slots,
  type SlotsEvent,
} from '@penalty-ledger/ledger';
import { instant, shanghaiZone } from '../support/given.js';

const date = '2019-05-10';
const when = {
  now: instant('2019-05-09'),
  rulebooks: rulebooks.rulebooksAt(rulebooks.empty, endOfTime),
};
const ranked = (...ids: readonly string[]): RankedAgency[] =>
  ids.map((agencyId, index) => ({
    agencyId,
    sales: 1000 - index,
    creators: 5,
    sessions: 100,
    newlyBound: 0,
    posts: 0,
  }));
const ranking = ranked('a1', 'a2', 'a3', 'a4');
const five = ['k1', 'k2', 'k3', 'k4', 'k5'];

const allocate = (slotsOfDate: Slots, order = ranking) =>
  slots.allocateSlots({ date, vertical: 'beauty', month: '2019-04' }, slotsOfDate, order, when);
const waive = (slotsOfDate: Slots, hour: number, agencyId: string) =>
  slots.waiveSlot({ date, hour, agencyId }, slotsOfDate);
const assign = (slotsOfDate: Slots, hour: number, agencyId: string, creatorIds = five) =>
  slots.assignSlot(
    { date, hour, agencyId, creatorIds },
    slotsOfDate,
    new Set([...five, 'k6']),
    when,
  );

/** The slots after decisions that must be accepted, each made on the result of the one before. */
function after(...acts: readonly ((slotsOfDate: Slots) => Decision<SlotsEvent>)[]): Slots {
  return acts.reduce((slotsOfDate, act) => {
    const decision = act(slotsOfDate);
    if (decision.rejected !== undefined) throw new Error(decision.rejected.message.en);
    return decision.events.reduce(slots.evolve, slotsOfDate);
  }, slots.empty);
}

const codeOf = (decision: Decision<SlotsEvent>) => decision.rejected?.code;
const allocated = after((slotsOfDate) => allocate(slotsOfDate));
const holders = (slotsOfDate: Slots) =>
  slotsOfDate.allocation?.slots.map(({ agencyId }) => agencyId);
const statuses = (slotsOfDate: Slots, at: string) =>
  slots.slotsAnswer(date, slotsOfDate, instant(at), shanghaiZone).slots.map(({ status }) => status);

describe('allocating the slots of a date', () => {
  it('gives an hour to each agency by rank, with five positions, and its ranking', () => {
    expect(allocate(slots.empty)).toEqual({
      events: [
        {
          type: 'SlotsAllocated',
          data: {
            date,
            month: '2019-04',
            ranking,
            slots: [
              { agencyId: 'a1', hour: 10, positions: 5 },
              { agencyId: 'a2', hour: 11, positions: 5 },
            ],
            vertical: 'beauty',
          },
          rulebook: when.rulebooks.inForceAt(when.now).reference,
        },
      ],
      findings: [],
    });
    expect(slotsStream(date)).toBe('slots-2019-05-10');
  });

  it('leaves an hour vacant when too few agencies are ranked', () => {
    const one = after((slotsOfDate) => allocate(slotsOfDate, ranked('a1')));
    expect(holders(one)).toEqual(['a1', undefined]);
    expect(statuses(one, '2019-05-09')).toEqual(['allocated', 'vacant']);
    expect(holders(after((slotsOfDate) => allocate(slotsOfDate, [])))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('happens once a date, whatever the vertical', () => {
    const again = slots.allocateSlots(
      { date, vertical: 'food', month: '2019-03' },
      allocated,
      [],
      when,
    );
    expect(codeOf(again)).toBe('already_allocated');
  });

  it('does not happen on a blackout date, which is said first', () => {
    const black = after(() => slots.declareBlackout({ date, reason: 'anniversary sale' }));
    expect(codeOf(allocate(black))).toBe('blackout_date');
    const both = after(
      (slotsOfDate) => allocate(slotsOfDate),
      () => slots.declareBlackout({ date, reason: 'anniversary sale' }),
    );
    expect(codeOf(allocate(both))).toBe('blackout_date');
  });
});

describe('waiving a slot', () => {
  it('moves up the next in rank that has no hour; who has one keeps it', () => {
    const waived = after(
      (slotsOfDate) => allocate(slotsOfDate),
      (slotsOfDate) => waive(slotsOfDate, 10, 'a1'),
    );
    expect(holders(waived)).toEqual(['a3', 'a2']);
    expect(waive(allocated, 10, 'a1')).toMatchObject({
      events: [{ type: 'SlotWaived', data: { agencyId: 'a1', date, hour: 10, movedUp: 'a3' } }],
    });
  });

  it('never returns to an agency that waived, and becomes vacant in the end', () => {
    const steps = [
      (slotsOfDate: Slots) => allocate(slotsOfDate),
      (slotsOfDate: Slots) => waive(slotsOfDate, 10, 'a1'),
      (slotsOfDate: Slots) => waive(slotsOfDate, 10, 'a3'),
      (slotsOfDate: Slots) => waive(slotsOfDate, 11, 'a2'),
    ];
    expect(holders(after(...steps.slice(0, 3)))).toEqual(['a4', 'a2']);
    expect(holders(after(...steps))).toEqual(['a4', undefined]);
    const last = waive(after(...steps.slice(0, 3)), 11, 'a2');
    expect(last).toMatchObject({ events: [{ data: { agencyId: 'a2', date, hour: 11 } }] });
    expect(slots.slotsAnswer(date, after(...steps), when.now, shanghaiZone).waived).toEqual([
      { hour: 10, agencyId: 'a1', movedUp: 'a3' },
      { hour: 10, agencyId: 'a3', movedUp: 'a4' },
      { hour: 11, agencyId: 'a2', movedUp: null },
    ]);
  });

  it('takes back an assignment', () => {
    const slotsOfDate = after(
      (each) => allocate(each),
      (each) => assign(each, 10, 'a1'),
      (each) => waive(each, 10, 'a1'),
    );
    expect(slotsOfDate.allocation?.slots[0]).toEqual({
      hour: 10,
      positions: 5,
      agencyId: 'a3',
      creatorIds: [],
    });
  });

  it.each([
    ['another agency’s hour', 11, 'a1'],
    ['an hour that is not a slot', 12, 'a1'],
    ['an agency without one', 10, 'a3'],
  ])('needs a slot: %s', (_what, hour, agencyId) => {
    expect(codeOf(waive(allocated, hour, agencyId))).toBe('no_slot');
    expect(codeOf(assign(allocated, hour, agencyId))).toBe('no_slot');
  });

  it('needs an allocation, and no blackout', () => {
    expect(codeOf(waive(slots.empty, 10, 'a1'))).toBe('no_slot');
    const black = after(
      (slotsOfDate) => allocate(slotsOfDate),
      () => slots.declareBlackout({ date, reason: 'anniversary sale' }),
    );
    expect(codeOf(waive(black, 10, 'a1'))).toBe('no_slot');
    expect(codeOf(assign(black, 10, 'a1'))).toBe('no_slot');
    expect(statuses(black, '2019-05-09')).toEqual(['blackout', 'blackout']);
    expect(holders(black)).toEqual(['a1', 'a2']);
  });
});

describe('assigning a slot', () => {
  it('gives it to at least five qualified creators, and may be done again', () => {
    const slotsOfDate = after(
      (each) => allocate(each),
      (each) => assign(each, 10, 'a1'),
      (each) => assign(each, 10, 'a1', ['k6', 'k5', 'k4', 'k3', 'k2', 'k1']),
    );
    expect(slotsOfDate.allocation?.slots[0]?.creatorIds).toEqual([
      'k6',
      'k5',
      'k4',
      'k3',
      'k2',
      'k1',
    ]);
    expect(statuses(slotsOfDate, '2019-05-09')).toEqual(['assigned', 'allocated']);
  });

  it('refuses four creators, and says so before it says that one is not qualified', () => {
    expect(codeOf(assign(allocated, 10, 'a1', five.slice(1)))).toBe('too_few_creators');
    expect(codeOf(assign(allocated, 10, 'a1', []))).toBe('too_few_creators');
    expect(codeOf(assign(allocated, 10, 'a1', ['stranger']))).toBe('too_few_creators');
    expect(codeOf(assign(allocated, 10, 'a1', [...five, 'stranger']))).toBe('not_qualified');
    expect(codeOf(assign(allocated, 11, 'a1', []))).toBe('no_slot');
  });

  it('counts as waived when it was not assigned before the hour began', () => {
    const slotsOfDate = after(
      (each) => allocate(each),
      (each) => assign(each, 11, 'a2'),
    );
    expect(statuses(slotsOfDate, '2019-05-10 09:59:59.999')).toEqual(['allocated', 'assigned']);
    expect(statuses(slotsOfDate, '2019-05-10 10:00')).toEqual(['waived', 'assigned']);
  });
});

describe('E-59: a slot that was lost', () => {
  it('is not created again when the complaint in its way is dismissed later', () => {
    // a1 had a complaint open when the date was allocated without it; now it would be first.
    const without = after((slotsOfDate) => allocate(slotsOfDate, ranked('a2', 'a3')));
    expect(codeOf(allocate(without, ranked('a1', 'a2', 'a3')))).toBe('already_allocated');
    expect(holders(without)).toEqual(['a2', 'a3']);
    expect(without.allocation?.ranking.map(({ agencyId }) => agencyId)).not.toContain('a1');
  });
});

describe('the results of a slot', () => {
  const session = (startedAt: string, changes: Partial<SessionOfSlot> = {}): SessionOfSlot => ({
    agencyId: 'a1',
    creatorId: 'k1',
    startedAt: instant(startedAt),
    sales: [
      { vertical: 'beauty', amountFen: 100 },
      { vertical: 'food', amountFen: 7 },
    ],
    newFollowers: 3,
    ...changes,
  });
  const assigned = after(
    (slotsOfDate) => allocate(slotsOfDate),
    (slotsOfDate) => assign(slotsOfDate, 10, 'a1'),
  );
  const results = (...sessions: readonly SessionOfSlot[]) =>
    slots.slotResults(date, assigned, sessions, shanghaiZone);

  it('are those of the sessions its creators started in the hour, of the slot’s vertical', () => {
    expect(
      results(
        session('2019-05-10 09:59:59.999'),
        session('2019-05-10 10:00'),
        session('2019-05-10 10:59:59.999', { creatorId: 'k2' }),
        session('2019-05-10 11:00'),
        session('2019-05-10 10:30', { creatorId: 'k9' }),
        session('2019-05-10 10:30', { agencyId: 'a2' }),
        session('2019-05-11 10:30'),
      ),
    ).toEqual([{ hour: 10, agencyId: 'a1', sessions: 2, sales: 200, newFollowers: 6 }]);
  });

  it('are zero without sessions, and empty without assignment or on a black date', () => {
    expect(results()).toEqual([
      { hour: 10, agencyId: 'a1', sessions: 0, sales: 0, newFollowers: 0 },
    ]);
    expect(slots.slotResults(date, allocated, [session('2019-05-10 10:00')], shanghaiZone)).toEqual(
      [],
    );
    const black = after(
      (slotsOfDate) => allocate(slotsOfDate),
      (slotsOfDate) => assign(slotsOfDate, 10, 'a1'),
      () => slots.declareBlackout({ date, reason: 'anniversary sale' }),
    );
    expect(slots.slotResults(date, black, [session('2019-05-10 10:00')], shanghaiZone)).toEqual([]);
  });

  it('are exact beyond the safe integers, and do not depend on the order of sessions', () => {
    const huge = session('2019-05-10 10:00', {
      sales: [{ vertical: 'beauty', amountFen: Number.MAX_SAFE_INTEGER }],
      newFollowers: 1,
    });
    const bare: SessionOfSlot = {
      agencyId: 'a1',
      creatorId: 'k5',
      startedAt: instant('2019-05-10 10:20'),
    };
    const sessions = [huge, session('2019-05-10 10:10'), bare];
    expect(results(...sessions)).toEqual([
      { hour: 10, agencyId: 'a1', sessions: 3, sales: '9007199254741091', newFollowers: 4 },
    ]);
    expect(results(...[...sessions].reverse())).toEqual(results(...sessions));
  });
});

describe('a command on slots', () => {
  const problems = (command: keyof typeof slots.commandSchemas, data: object) =>
    checkOf(slots.commandSchemas[command], 'data')(data).map(({ en }) => en);

  it('names a date of the calendar', () => {
    const on = (day: string) => problems('DeclareBlackout', { date: day, reason: 'sale' });
    expect(on('2019-11-11')).toEqual([]);
    expect(on('2020-02-29')).toEqual([]);
    expect(on('2019-02-29')).toEqual(['data.date: must be a date of the calendar: "2019-04-01"']);
    expect(on('2019-2-1')).toHaveLength(1);
    expect(on('2019-11-11T00:00:00Z')).toHaveLength(1);
  });

  it('names each creator once', () => {
    const data = { date, hour: 10, agencyId: 'a1' };
    expect(problems('AssignSlot', { ...data, creatorIds: five })).toEqual([]);
    expect(problems('AssignSlot', { ...data, creatorIds: [] })).toEqual([]);
    expect(problems('AssignSlot', { ...data, creatorIds: ['k1', 'k1'] })).toHaveLength(1);
    expect(problems('WaiveSlot', { ...data, hour: 10.5 })).toHaveLength(1);
  });
});
