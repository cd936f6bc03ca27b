import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  agency,
  canonicalJson,
  epochMsOf,
  endOfTime,
  eventIn,
  instantOf,
  LedgerZone,
  openPersonalData,
  parseInstant,
  readEvent,
  sealPersonalData,
  type AgencyHistory,
  type RecordedAgencyEvent,
} from '@penalty-ledger/ledger';
import { given, instant, shanghaiZone, type Line, type Scenario } from '../support/given.js';
import {
  admit,
  appeal,
  applyForReentry,
  correct,
  decideAppeal,
  deduct,
  exit,
  expel,
  on,
  readmit,
  reduce,
  reinstate,
  revoke,
  revokeExpulsion,
  submit,
  type Act,
} from '../support/lines.js';

const dayMs = 86_400_000;
const firstDay = epochMsOf(instant('2019-01-10'));

/**
 * Ten in the morning, `days` days after the admission, from a hundred days before to a hundred
 * after a year's end.
 */
const dayOf = (days: number): string => instantOf(firstDay + days * dayMs);

const days = fc.integer({ min: 250, max: 450 });
const points = fc.integer({ min: 1, max: 120 });

interface Imposed {
  readonly effective: number;
  readonly points: number;
  /** Decisions in their order: what the deduction counts from each on; 0 revokes. */
  readonly decisions: readonly number[];
}

const imposed = fc.record<Imposed>({
  effective: days,
  points,
  decisions: fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 3 }),
});

/** Every recording of the deductions and of the decisions on them, in order for each deduction. */
const acts = (deductions: readonly Imposed[]): Act[][] =>
  deductions.map(({ effective, points: imposedPoints, decisions }, index) => [
    deduct(`d${String(index)}`, imposedPoints, {
      occurredAt: dayOf(effective),
      effectiveAt: dayOf(effective),
    }),
    ...decisions.map((keeps) => decided(`d${String(index)}`, keeps)),
  ]);

/**
 * Sets the points of a deduction that count. A refusal (not lower, not higher) is the same in every
 * order.
 */
const decided = (deductionId: string, keeps: number): Act =>
  keeps === 0
    ? revoke(deductionId)
    : keeps % 2 === 0
      ? reduce(deductionId, keeps)
      : reinstate(deductionId, { points: keeps });

/** Records on one day in the order of `picks`, which name the deduction whose act comes next. */
function recordedInOrder(deductions: readonly Imposed[], picks: readonly number[]): Scenario {
  const ledger = given(on(dayOf(0), admit()));
  const waiting = acts(deductions);
  const order = [...picks];
  while (waiting.some(({ length }) => length > 0)) {
    const left = waiting.filter(({ length }) => length > 0);
    ledger.when(on(dayOf(500), left[(order.shift() ?? 0) % left.length]!.shift()!));
  }
  return ledger;
}

describe('E-13: the order of recording', () => {
  it('changes no balance, no line and no reason, at any E', () => {
    const orders = fc.array(fc.nat({ max: 11 }), { maxLength: 24 });
    fc.assert(
      fc.property(
        fc.array(imposed, { minLength: 1, maxLength: 6 }),
        orders,
        days,
        (deductions, picks, at) => {
          const straight = recordedInOrder(deductions, []);
          const shuffled = recordedInOrder(deductions, picks);
          for (const period of ['2019', '2020']) {
            const asked = { at: dayOf(at), period };
            const { lines, notCounted, balance } = straight.balance(asked);
            expect(shuffled.balance(asked)).toMatchObject({ lines, notCounted, balance });
          }
        },
      ),
    );
  });

  it('changes no sum, not even of a stream that no ledger writes', () => {
    const events = given(
      on('2019-01-10', admit()),
      on('2019-02-01', deduct('d1', 40)),
      on('2019-03-01', deduct('d2', 2)),
      on('2019-04-01', revoke('d2')),
    )
      .recorded()
      .map(({ record }) => eventIn('agency', readEvent(record)));
    const [admission, d1, d2, revocation] = [events[0]!, events[1]!, events[2]!, events[3]!];
    for (const stream of [
      [admission, d2, revocation, d1],
      [admission, d1, d2, revocation, d2],
      [admission, d1, d1],
    ])
      for (const known of ['2019-02-15', '2019-03-15', '2019-04-15']) {
        const history = fold(stream);
        const at = instant('2019-12-01');
        const account = { id: 'points', carryOver: null };
        const question = { effectiveAt: at, knownAt: instant(known), period: '2019', account };
        expect(agency.sumAt(history, question)).toBe(agency.balanceAt(history, question).balance);
      }
  });

  it('changes no balance when the very events are folded in another order', () => {
    fc.assert(
      fc.property(
        fc.array(imposed, { minLength: 2, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        days,
        (deductions, keys, at) => {
          const ledger = recordedInOrder(deductions, []);
          const events = ledger
            .recorded()
            .map(({ record }) => eventIn('agency', readEvent(record)));
          const shuffled = shuffledByDeduction(events, keys);
          const question = {
            effectiveAt: instant(dayOf(at)),
            knownAt: endOfTime,
            account: { id: 'points', carryOver: null },
          };
          for (const period of ['2019', '2020'])
            expect(agency.sumAt(fold(shuffled), { ...question, period })).toBe(
              agency.sumAt(fold(events), { ...question, period }),
            );
        },
      ),
    );
  });
});

const fold = (
  events: readonly RecordedAgencyEvent[],
  onto: AgencyHistory = agency.emptyHistory(),
): AgencyHistory => events.reduce(agency.evolve, onto);

/**
 * Another order of the same events: each deduction's own stay in order, the admission stays first.
 */
function shuffledByDeduction(
  events: readonly RecordedAgencyEvent[],
  keys: Iterator<number>,
): RecordedAgencyEvent[] {
  const [admission, ...rest] = events;
  const about = (event: RecordedAgencyEvent) =>
    'deductionId' in event.data ? event.data.deductionId : 'none';
  const queues = [...new Set(rest.map(about))].map((id) =>
    rest.filter((event) => about(event) === id),
  );
  const order = [admission!];
  while (order.length < events.length) {
    const left = queues.filter(({ length }) => length > 0);
    order.push(left[(keys.next().value as number) % left.length]!.shift()!);
  }
  return order;
}

/** The number of deductions and appeals so far: an act names one of them, or makes the next. */
interface SoFar {
  readonly deductions: number;
  readonly appeals: number;
}

const pick = fc.nat({ max: 6 });
const deductionOf = (picked: number, { deductions }: SoFar): string =>
  `d${String(picked % Math.max(1, deductions))}`;
const appealOf = (picked: number, { appeals }: SoFar): string =>
  `p${String(picked % Math.max(1, appeals))}`;
const onDeduction = (act: (deductionId: string) => Act) =>
  pick.map((picked) => (soFar: SoFar) => act(deductionOf(picked, soFar)));
const onAppeal = (act: (appealId: string) => Act) =>
  pick.map((picked) => (soFar: SoFar) => act(appealOf(picked, soFar)));
const any = (...acts: readonly Act[]) => fc.constantFrom(...acts).map((act) => () => act);

const anyDeduction = fc
  .record({
    points: fc.constantFrom(1, 40, 60, 120),
    ahead: fc.option(fc.integer({ min: 1, max: 300 }), { freq: 4 }),
  })
  .map(
    ({ points: n, ahead }) =>
      ({ deductions }: SoFar, day: number) =>
        deduct(
          `d${String(deductions)}`,
          n,
          ahead === null ? {} : { effectiveAt: dayOf(day + ahead) },
        ),
  );

const anyAppeal = fc
  .record({
    picks: fc.array(pick, { minLength: 1, maxLength: 2 }),
    kind: fc.constantFrom('ordinary', 'last_chance'),
  })
  .map(({ picks, kind }) => (soFar: SoFar) => {
    const named = new Set(picks.map((picked) => deductionOf(picked, soFar)));
    return appeal(`p${String(soFar.appeals)}`, [...named], { kind });
  });

/** Any act on an agency, weighted so that histories reach the threshold and go on from there. */
const anyAct = fc.oneof<
  { weight: number; arbitrary: fc.Arbitrary<(soFar: SoFar, day: number) => Act> }[]
>(
  { weight: 8, arbitrary: anyDeduction },
  { weight: 4, arbitrary: anyAppeal },
  { weight: 3, arbitrary: onAppeal(submit) },
  { weight: 2, arbitrary: onAppeal((id) => decideAppeal(id, 'upheld')) },
  { weight: 2, arbitrary: onDeduction(revoke) },
  { weight: 1, arbitrary: onDeduction((id) => reduce(id, 5)) },
  { weight: 2, arbitrary: onDeduction(reinstate) },
  { weight: 1, arbitrary: onDeduction((id) => correct(id, { points: 59 })) },
  { weight: 1, arbitrary: onDeduction((id) => correct(id, { effectiveAt: dayOf(30) })) },
  { weight: 2, arbitrary: any(expel()) },
  { weight: 2, arbitrary: any(revokeExpulsion(), readmit()) },
  { weight: 1, arbitrary: any(applyForReentry(), exit()) },
);

/** A life: acts, most of them a few days apart. What is refused changes nothing. */
const life = fc
  .array(
    fc.record({
      act: anyAct,
      pause: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 0, max: 2 }) },
        { weight: 1, arbitrary: fc.integer({ min: 3, max: 300 }) },
      ),
    }),
    { minLength: 5, maxLength: 40, size: 'max' },
  )
  .map((steps) => {
    let soFar: SoFar = { deductions: 0, appeals: 0 };
    let day = 0;
    return steps.map(({ act, pause }): Line => {
      day += pause;
      const line = on(dayOf(day), act(soFar, day));
      soFar = {
        deductions: soFar.deductions + (line.command === 'RecordDeduction' ? 1 : 0),
        appeals: soFar.appeals + (line.command === 'InitiateAppeal' ? 1 : 0),
      };
      return line;
    });
  });

function lived(lines: readonly Line[]): Scenario {
  const ledger = given(on(dayOf(0), admit()));
  for (const line of lines) ledger.when(line);
  return ledger;
}

describe('whatever befalls an agency', () => {
  it('a history folded in two parts, or from packed events, is the history folded at once', () => {
    fc.assert(
      fc.property(life, fc.nat(), (lines, cut) => {
        const events = lived(lines)
          .recorded()
          .map(({ record }) => eventIn('agency', readEvent(record)));
        const at = cut % (events.length + 1);
        expect(fold(events.slice(at), fold(events.slice(0, at)))).toEqual(fold(events));
        expect(fold(agency.unpackEvents(agency.packEvents(events)))).toEqual(fold(events));
      }),
    );
  });

  it('the balance is the sum of its lines, no line is clamped, and no deduction is lost', () => {
    fc.assert(
      fc.property(life, fc.integer({ min: -10, max: 1300 }), (lines, at) => {
        const ledger = lived(lines);
        const {
          balance,
          lines: counted,
          notCounted,
        } = ledger.balance({ at: dayOf(Math.max(0, at)) });
        let running = 0;
        for (const line of counted) {
          running += line.counts;
          expect(line.running).toBe(running);
          expect(line.counts).toBeGreaterThan(0);
        }
        expect(balance).toBe(running);
        expect([...counted, ...notCounted].map(({ deductionId }) => deductionId).sort()).toEqual(
          [...ledger.history().deductions.keys()].sort(),
        );
      }),
    );
  });

  it('every sum at (E, K) is that of the lines, by whichever way it is found', () => {
    const day = fc.integer({ min: -10, max: 1300 });
    fc.assert(
      fc.property(
        life,
        fc.array(fc.tuple(day, day), { minLength: 8, maxLength: 8 }),
        (lines, asked) => {
          const history = lived(lines).history();
          // Without the sums, each is found from the deductions.
          const bare = { ...history, points: undefined };
          const account = { id: 'points', carryOver: { atLeast: 40, as: 7 } };
          for (const [at, known] of asked)
            for (const period of ['2019', '2020', '2021']) {
              const [effectiveAt, knownAt] = [instant(dayOf(at)), instant(dayOf(known))];
              const question = { effectiveAt, knownAt, period, account };
              const { balance } = agency.balanceAt(bare, question);
              expect(agency.sumAt(history, question)).toBe(balance);
              expect(agency.sumsAt(history, question)(effectiveAt)).toBe(balance);
            }
        },
      ),
    );
  });

  it('what was known at an instant is answered the same for ever', () => {
    fc.assert(
      fc.property(
        life,
        fc.nat({ max: 30 }),
        fc.integer({ min: 0, max: 1300 }),
        (lines, cut, at) => {
          const early = lived(lines.slice(0, cut));
          const known = early.recorded().at(-1)!.event.recordedAt;
          // More can be recorded in the very instant; ask of the instant before the next one.
          fc.pre(lines.slice(cut).every((line) => line.at > known));
          const asked = { at: dayOf(at), known };
          expect(lived(lines).balance(asked)).toEqual(early.balance(asked));
        },
      ),
    );
  });

  it('every event is canonical JSON, and the same lines give the same bytes', () => {
    fc.assert(
      fc.property(life, (lines) => {
        const bodies = lived(lines)
          .recorded()
          .map(({ record }) => record.body);
        for (const body of bodies) expect(canonicalJson(JSON.parse(body))).toBe(body);
        expect(
          lived(lines)
            .recorded()
            .map(({ record }) => record.body),
        ).toEqual(bodies);
      }),
    );
  });

  it('an agency over the threshold is not active; a pending period is over it', () => {
    fc.assert(
      fc.property(life, (lines) => {
        const ledger = given(on(dayOf(0), admit()));
        for (const line of lines) {
          if (ledger.when(line).outcome.code !== null) continue;
          const { balance, threshold, standing, pending } = ledger.balance();
          if (balance >= threshold) expect(standing).not.toBe('active');
          if (pending !== null)
            expect(ledger.points({ period: pending.period })).toBeGreaterThanOrEqual(threshold);
        }
      }),
    );
  });

  it('a refused command leaves the history as it was', () => {
    fc.assert(
      fc.property(life, (lines) => {
        const ledger = given(on(dayOf(0), admit()));
        for (const line of lines) {
          const before = structuredClone(ledger.until(line.at).history());
          if (ledger.when(line).outcome.code !== null) expect(ledger.history()).toEqual(before);
        }
      }),
    );
  });

  it('covers all that can happen, over many lives, not a row of refusals', () => {
    const types = fc
      .sample(life, { numRuns: 300, seed: 20190307 })
      .flatMap((lines) => lived(lines).recorded())
      .map(({ event }) => event.type);
    expect([...new Set(types)].sort()).toEqual([
      'AgencyAdmitted',
      'AgencyExited',
      'AgencyReadmitted',
      'AppealDecided',
      'AppealEvidenceSubmitted',
      'AppealInitiated',
      'DeductionAdjusted',
      'DeductionCorrected',
      'DeductionImposed',
      'DeductionReinstated',
      'DeductionRevoked',
      'ExpulsionExecuted',
      'ExpulsionRevoked',
      'ExpulsionUnsupported',
      'PendingExpulsionLifted',
      'PendingExpulsionOpened',
      'ReentryApplied',
    ]);
  });
});

describe('canonical JSON', () => {
  const key = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('__proto__', 'constructor', 'toJSON', ''),
  );
  const safeKey = key.filter((text) => !/^(?:0|[1-9]\d*)$/.test(text));
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 5 }),
      fc
        .array(fc.tuple(safeKey, tie('value')), { maxLength: 6 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  })).value;

  it('is what the canonicalize package writes', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('is a fixed point: reading it and writing it again gives the same text', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

/** Any instant of the ledger’s range. */
const epochMs = fc.integer({ min: Date.UTC(1992, 0, 1), max: Date.UTC(2200, 0, 1) });

describe('instants', () => {
  it('are read from any offset as the same instant', () => {
    fc.assert(
      fc.property(epochMs, fc.integer({ min: -23 * 60, max: 23 * 60 }), (ms, minutes) => {
        const text = DateTime.fromMillis(ms, { zone: 'utc' })
          .setZone(`UTC${minutes < 0 ? '-' : '+'}${hoursAndMinutes(minutes)}`)
          .toISO()!;
        expect(parseInstant(text)).toBe(instantOf(ms));
      }),
    );
  });

  it('are written and read without loss, and compare as text the way they compare in time', () => {
    fc.assert(
      fc.property(epochMs, epochMs, (a, b) => {
        expect(parseInstant(instantOf(a))).toBe(instantOf(a));
        expect(epochMsOf(instantOf(a))).toBe(a);
        expect(instantOf(a) < instantOf(b)).toBe(a < b);
      }),
    );
  });

  it('are read back from the ledger’s own output', () => {
    fc.assert(
      fc.property(epochMs, (ms) => {
        expect(parseInstant(shanghaiZone.format(instantOf(ms)))).toBe(instantOf(ms));
      }),
    );
  });
});

const hoursAndMinutes = (signed: number): string => {
  const minutes = Math.abs(signed);
  return `${String(Math.trunc(minutes / 60))}:${String(minutes % 60).padStart(2, '0')}`;
};

describe('the zone', () => {
  it('E-3: is at +08:00 in Shanghai at every instant from 1992 on', () => {
    fc.assert(
      fc.property(epochMs, (ms) => {
        expect(shanghaiZone.format(instantOf(ms))).toMatch(/\+08:00$/);
      }),
      { numRuns: 1000 },
    );
  });

  describe.each(['Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe'])('%s', (id) => {
    // A zone of its own for each run: what it remembers must not depend on what was asked before.
    const zone = new LedgerZone(id, 'test');
    const at = (ms: number) => DateTime.fromMillis(ms, { zone: id });
    /** Any instant, and those around a change of the clocks or of the year, where mistakes are. */
    const moment = fc.oneof(
      epochMs,
      fc
        .tuple(
          fc.integer({ min: 1993, max: 2100 }),
          fc.constantFrom([1, 1], [3, 10], [4, 2], [10, 3], [11, 3]),
          fc.integer({ min: -2 * dayMs, max: 9 * dayMs }),
        )
        .map(([year, [month = 1, day = 1], offset]) => Date.UTC(year, month - 1, day) + offset),
      fc
        .tuple(fc.integer({ min: 1993, max: 2100 }), fc.constantFrom(-1, 0, 1))
        .map(
          ([year, ms]) =>
            DateTime.fromObject({ year, month: 1, day: 1 }, { zone: id }).toMillis() + ms,
        ),
    );

    it('formats an instant as luxon does', () => {
      fc.assert(
        fc.property(moment, (ms) => {
          expect(zone.format(instantOf(ms))).toBe(at(ms).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSSZZ"));
          expect(zone.dateOf(instantOf(ms))).toBe(at(ms).toISODate());
        }),
        { numRuns: 500 },
      );
    });

    it('finds the year of an instant and the starts of years and months as luxon does', () => {
      fc.assert(
        fc.property(moment, (ms) => {
          expect(zone.yearOf(instantOf(ms))).toBe(String(at(ms).year));
          expect(zone.startOfYear(at(ms).year)).toBe(instantOf(at(ms).startOf('year').toMillis()));
          expect(zone.startOfMonth(at(ms).toFormat('yyyy-MM'))).toBe(
            instantOf(at(ms).startOf('month').toMillis()),
          );
          expect(zone.endOfMonth(at(ms).toFormat('yyyy-MM'))).toBe(
            instantOf(at(ms).startOf('month').plus({ months: 1 }).toMillis()),
          );
        }),
        { numRuns: 500 },
      );
    });

    it('finds the start of a day as luxon does', () => {
      fc.assert(
        fc.property(moment, fc.integer({ min: 0, max: 400 }), (ms, later) => {
          expect(zone.startOfDayAfter(instantOf(ms), later)).toBe(
            instantOf(at(ms).startOf('day').plus({ days: later }).toMillis()),
          );
          expect(zone.startOfDate(zone.dateOf(instantOf(ms)))).toBe(
            instantOf(at(ms).startOf('day').toMillis()),
          );
        }),
      );
    });
  });
});

describe('personal data', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const text = fc.string({ unit: 'grapheme' });
  const sealing = fc.record({
    key,
    eventId: fc.uuid({ version: 5 }),
    subject: fc.constantFrom('agency:a1', 'evidence:e1'),
    data: fc.record({ name: text, reason: text }),
  });

  it('open to what was sealed, and sealing again gives the same bytes', () => {
    fc.assert(
      fc.property(sealing, ({ key: secret, eventId, subject, data }) => {
        const sealed = sealPersonalData(data, subject, eventId, secret);
        expect(openPersonalData(sealed, eventId, secret)).toEqual(data);
        expect(sealPersonalData(data, subject, eventId, secret)).toEqual(sealed);
      }),
    );
  });

  it('do not open after a changed bit of box, text, subject, event id or key', () => {
    fc.assert(
      fc.property(
        sealing,
        fc.constantFrom('box', 'text', 'subject', 'eventId', 'key'),
        fc.nat(),
        fc.nat({ max: 6 }),
        ({ key: secret, eventId, subject, data }, part, place, bit) => {
          const sealed = sealPersonalData(data, subject, eventId, secret);
          const flipped = (bytes: Uint8Array) =>
            bytes.with(place % bytes.length, bytes[place % bytes.length]! ^ (1 << bit));
          const flippedBase64 = (base64: string) =>
            Buffer.from(flipped(Buffer.from(base64, 'base64'))).toString('base64');
          const flippedText = (ascii: string) =>
            Buffer.from(flipped(Buffer.from(ascii))).toString();
          const [first, ...others] = sealed;
          const altered = { ...first! };
          if (part === 'box') altered.box = flippedBase64(first!.box);
          if (part === 'text') altered.text = flippedText(first!.text);
          if (part === 'subject') altered.subject = flippedText(first!.subject);
          expect(() =>
            openPersonalData(
              [altered, ...others],
              part === 'eventId' ? flippedText(eventId) : eventId,
              part === 'key' ? flipped(secret) : secret,
            ),
          ).toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });
});
