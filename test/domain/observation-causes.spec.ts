import { agency, douyinMcnCredit2022, endOfTime } from '@penalty-ledger/ledger';
import { given, shanghai, shanghaiZone, type Scenario } from '../support/given.js';
import {
  add,
  admit,
  deduct,
  exit,
  observe,
  on,
  publish,
  readmit,
  revoke,
  revokeAddition,
  type Act,
} from '../support/lines.js';

/** The causes of the last observation, in English. */
function causes(ledger: Scenario): string[] {
  const history = ledger.history();
  const observation = history.observations.at(-1)!;
  const context = { rulebooks: ledger.rulebooks(), zone: shanghaiZone };
  const found = agency.observationCauses(history, observation, endOfTime, context);
  for (const { zh } of found) expect(zh).toMatch(/^\p{Script=Han}/u);
  return found.map(({ en }) => en);
}

const effective = (date: string) => ({ effectiveAt: shanghai(date) });
const back = (date: string) => ({ occurredAt: shanghai(date), ...effective(date) });

describe('E-76: what can explain a balance that the platform shows', () => {
  const ali = () => given(on('2018-01-01', admit()));

  it('a revocation not seen here, of what counts', () => {
    const ledger = ali().given(
      on('2019-02-01', deduct('d1', 40)),
      on('2019-02-02', deduct('d2', 7)),
      on('2019-02-04', observe(7, '2019-02-03')),
    );
    expect(causes(ledger)).toEqual(['unseen revocation: without d1 the balance is 7']);
  });

  it.each<readonly [what: string, before: Scenario]>([
    ['of another period', ali().given(on('2018-02-01', deduct('d0', 7)))],
    [
      'of another episode',
      ali().given(
        on('2019-01-02', deduct('d0', 7)),
        on('2019-01-03', exit()),
        on('2019-01-04', readmit()),
      ),
    ],
    [
      'that was revoked',
      ali().given(on('2019-01-02', deduct('d0', 7)), on('2019-01-03', revoke('d0'))),
    ],
    ['not yet in effect', ali().given(on('2019-01-02', deduct('d0', 7, effective('2019-02-04'))))],
  ])('no revocation of a deduction %s', (_what, before) => {
    const ledger = before.given(
      on('2019-02-01', deduct('d1', 40)),
      on('2019-02-05', observe(33, '2019-02-03')),
    );
    expect(causes(ledger)).toEqual([]);
  });

  it('a late entry, with the balance without it', () => {
    const ledger = ali().given(
      on('2019-02-04', observe(40, '2019-02-03')),
      on('2019-02-05', deduct('d1', 40, back('2019-02-01'))),
    );
    expect(causes(ledger)).toEqual([
      'late entry: d1 recorded after the observation; without late entries the balance is 0',
    ]);
    ledger.given(
      on('2019-02-06', deduct('d2', 7, back('2019-02-02'))),
      on('2019-02-06', deduct('d0', 7, back('2018-02-02'))),
    );
    expect(causes(ledger)).toEqual([
      'late entry: d1, d2 recorded after the observation; without late entries the balance is 0',
      'unseen revocation: without d2 the balance is 40',
    ]);
  });

  it('another attribution', () => {
    const ledger = ali().given(
      on('2019-01-03', deduct('d1', 40, { occurredAt: shanghai('2018-12-31') })),
      on('2019-01-03', deduct('d2', 5)),
      on('2019-02-04', observe(5, '2019-02-03')),
    );
    expect(causes(ledger)).toContain('attribution: under occurredAt the balance is 5');
  });
});

describe('what can explain a score that the platform shows', () => {
  const violation = (id: string, points: number, data: object = {}): Act =>
    deduct(id, points, { clause: 'agency-violation', ...data });
  const credit = () =>
    given(on('2022-11-05', publish(douyinMcnCredit2022)), on('2022-12-01', admit())).given(
      on('2023-01-10', add('b0', 30)),
      on('2023-01-11', violation('d1', 20)),
      on('2023-01-12', add('b1', 15)),
    );
  const observed = (score: number) =>
    credit().given(on('2023-02-04', observe(score, '2023-02-03')));

  it('a revocation not seen here, of a deduction or of an addition', () => {
    // 120 and 30 are 150, less 20 and 15 more are 145.
    expect(causes(observed(150))).toEqual(['unseen revocation: without d1 the score is 150']);
    expect(causes(observed(130))).toEqual(['unseen revocation: without b1 the score is 130']);
    expect(causes(observed(115))).toEqual(['unseen revocation: without b0 the score is 115']);
  });

  it('no deduction whose points are the difference, where the cap cuts what it would give', () => {
    expect(causes(observed(165))).toEqual([]);
    expect(causes(observed(125))).toEqual([]);
  });

  it('a late addition, and none that was taken back', () => {
    const ledger = observed(150).given(
      on('2023-02-05', add('b2', 3, effective('2023-02-01'))),
      on('2023-02-05', add('b3', 1, effective('2023-02-04'))),
    );
    expect(causes(ledger)).toEqual([
      'late entry: b2 recorded after the observation; without late entries the score is 145',
      'unseen revocation: without d1 the score is 150',
    ]);
    ledger.given(on('2023-02-06', revokeAddition('b2')));
    expect(causes(ledger)).toEqual(['unseen revocation: without d1 the score is 150']);
  });
});
