import fc from 'fast-check';
import { instantOf, parseInstant, type Instant } from '@penalty-ledger/ledger';
import { given, type Scenario } from '../support/given.js';
import {
  admit,
  appeal,
  by,
  deduct,
  decideAppeal,
  lastChance,
  on,
  reduce,
  reinstate,
  revoke,
  submit,
  withdraw,
  type Act,
} from '../support/lines.js';
import { rounds } from '../support/rounds.js';
import { Oracle } from './oracle.js';

/**
 * Interleavings of deductions, appeals, decisions, revocations and resets. Each step is made by the
 * ledger and by the oracle, and both say what an appeal can still change.
 */

const start = parseInstant('2019-12-20T10:00:00+08:00') as Instant;
const hourMs = 3_600_000;

interface Model {
  readonly oracle: Oracle;
  readonly asked: Instant[];
  readonly taken: Set<unknown>;
  now: number;
}

/** The members of a balance that say what an appeal can still change. */
const stake = ({ balance, contested, appealable, ifUpheld }: Record<string, unknown>): object => ({
  ...{ balance, contested, appealable, ifUpheld },
});

class Step implements fc.Command<Model, Scenario> {
  constructor(
    readonly hours: number,
    readonly act: Act,
    readonly met: Set<string>,
  ) {}

  /** The ids of a scenario are free: it lets each be taken once. */
  check({ taken }: Model): boolean {
    return !taken.has(this.#creates);
  }

  get #creates(): unknown {
    const { command, data } = this.act;
    if (command === 'RecordDeduction') return data['deductionId'];
    return command === 'InitiateAppeal' ? data['appealId'] : undefined;
  }

  run(model: Model, ledger: Scenario): void {
    model.now += this.hours * hourMs;
    const now = instantOf(model.now);
    const line = on(now, this.act);
    const { code } = model.oracle.apply(line);
    expect(ledger.when(line).outcome.code).toBe(code);
    model.asked.push(now);
    if (code === null && this.#creates !== undefined) model.taken.add(this.#creates);
    for (const at of model.asked.slice(-3)) {
      for (const known of [at, now]) {
        const answer = ledger.balance({ at, known });
        const query = { query: 'balance', agencyId: 'a1', effectiveAt: at, knownAt: known };
        expect(stake(answer)).toEqual(stake(model.oracle.query(query) as Record<string, unknown>));
        for (const name of ['contested', 'appealable', 'ifUpheld'] as const)
          if (answer[name] > 0) this.met.add(name);
        expect(answer.ifUpheld).toBe(answer.balance - answer.contested);
        // A point is contested, still appealable, or neither.
        expect(answer.contested + answer.appealable).toBeLessThanOrEqual(answer.balance);
      }
    }
  }

  toString(): string {
    return `${this.act.command} ${JSON.stringify(this.act.data)} after ${String(this.hours)} h`;
  }
}

// The first are drawn most often, so that an appeal mostly names deductions that were recorded.
const deductionId = fc.constantFrom('d1', 'd1', 'd1', 'd1', 'd2', 'd2', 'd3', 'd4', 'd5');
const appealId = fc.constantFrom('p1', 'p2', 'p3', 'p4');
const points = fc.constantFrom(10, 40, 80);
const named = fc.uniqueArray(deductionId, { minLength: 1, maxLength: 3 });
// To the next act: at once, within a window, to its very end, or over the reset.
const hours = fc.constantFrom(0, 1, 24, 48, 72, 14, 134, 300);

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(deductionId, points).map(([id, many]) => deduct(id, many)) },
  { weight: 4, arbitrary: fc.tuple(appealId, named).map(([id, ids]) => appeal(id, ids)) },
  fc.tuple(appealId, named).map(([id, ids]) => lastChance(id, ids)),
  appealId.map((id) => submit(id)),
  appealId.map((id) => withdraw(id)),
  fc
    .tuple(appealId, fc.constantFrom('upheld', 'rejected', 'inadmissible'))
    .map(([id, outcome]) => decideAppeal(id, outcome)),
  fc
    .tuple(appealId, deductionId, fc.constantFrom(0, 5, 90))
    .map(([id, of, keeps]) =>
      decideAppeal(id, 'partly_upheld', { adjustments: [{ deductionId: of, points: keeps }] }),
    ),
  deductionId.map((id) => revoke(id)),
  fc.tuple(deductionId, points).map(([id, keeps]) => reduce(id, keeps)),
  deductionId.map((id) => reinstate(id)),
);

/** A deduction, and an appeal against it: every other history begins with them. */
const appealed: readonly Act[] = [deduct('d1', 80), appeal('p1', ['d1'])];

test('contested, appealable and ifUpheld are those of the oracle, in any interleaving', () => {
  const met = new Set<string>();
  const stepOf = (after: number, act: Act): Step =>
    new Step(after, by(act.by ?? 'officer-1', act), met);
  const steps = fc.tuple(hours, acts).map(([after, act]) => stepOf(after, act));
  const commands = fc.commands([steps], { maxCommands: 20, size: 'max' });
  fc.assert(
    fc.property(fc.constantFrom([], appealed), commands, (before, drawn) => {
      const beginning = before.map((act) => stepOf(1, act));
      fc.modelRun(() => {
        const oracle = new Oracle('observer');
        const admitted = on(start, by('officer-1', admit()));
        oracle.apply(admitted);
        return {
          model: { oracle, asked: [], taken: new Set(), now: Date.parse(start) },
          real: given(admitted),
        };
      }, [...beginning, ...drawn]);
    }),
    { numRuns: 100 * rounds },
  );
  expect([...met].sort()).toEqual(['appealable', 'contested', 'ifUpheld']);
});
