import {
  evidence,
  abcPoints,
  canonicalJson,
  leafHashOf,
  noPreviousEvent,
  openPersonalData,
  readEvent,
  recordEvents,
  UnknownEventError,
  type EventRecord,
  type EventEnvelope,
} from '@penalty-ledger/ledger';
import { given, givenToOperator, historyOf, instant, keyOf, shanghai } from '../support/given.js';
import {
  admit,
  appeal,
  correct,
  decideAppeal,
  deduct,
  expel,
  on,
  observe,
  publish,
  reduce,
  reinstate,
  revoke,
  submit,
} from '../support/lines.js';

/** A year of an agency's life, with an event of most kinds. */
const life = () =>
  given(
    on('2019-01-10', admit({ legalPersonId: 'person-1' })),
    on('2019-02-01', deduct('d1', 40, { notice: { caseNo: 'N-1', text: '扣分通知' } })),
    on('2019-02-02', correct('d1', { points: 30 })),
    on('2019-02-03', appeal('p1', ['d1'])),
    on('2019-02-04', submit('p1')),
    on(
      '2019-02-05',
      decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId: 'd1', points: 20 }] }),
    ),
    on('2019-02-06', reinstate('d1')),
    on('2019-03-01', deduct('d2', 90, { effectiveAt: shanghai('2019-03-10') })),
    on('2019-04-01', expel()),
    on('2019-04-02', revoke('d1')),
    on('2019-05-01', observe(120, '2019-04-15')),
  );

/**
 * Says whether records are an unbroken stream: every hash is of its bytes, every event names the
 * one before it.
 */
function isUnbroken(records: readonly EventRecord[]): boolean {
  return records.every((record, index) => {
    const { previous, revision, id } = readEvent(record);
    const before = records[index - 1]?.leafHash ?? noPreviousEvent;
    return (
      record.leafHash === leafHashOf(record.body) &&
      previous === before &&
      revision === index &&
      record.id === id
    );
  });
}

describe('E-69: a stream is a chain of hashes', () => {
  const records = life()
    .recorded()
    .map(({ record }) => record);

  it('is unbroken as the ledger wrote it', () => {
    expect(records.length).toBeGreaterThan(12);
    expect(isUnbroken(records)).toBe(true);
  });

  it.each(records.map((record, index) => [index, record] as const))(
    'shows that the body of event %i was changed',
    (index, record) => {
      const body = record.body.replace('"actor":"', '"actor":"x');
      expect(isUnbroken(records.with(index, { ...record, body }))).toBe(false);
    },
  );

  it('shows that a body was changed and hashed anew, by the next event', () => {
    for (const [index, record] of records.slice(0, -1).entries()) {
      const body = record.body.replace('"actor":"', '"actor":"x');
      expect(isUnbroken(records.with(index, { ...record, body, leafHash: leafHashOf(body) }))).toBe(
        false,
      );
    }
  });

  it('shows that any event was removed, but for the last: that takes a checkpoint', () => {
    for (const index of records.keys())
      expect(isUnbroken(records.toSpliced(index, 1))).toBe(index === records.length - 1);
  });

  it('shows that any two neighbours were exchanged', () => {
    for (let index = 1; index < records.length; index += 1) {
      const exchanged = records.with(index, records[index - 1]!).with(index - 1, records[index]!);
      expect(isUnbroken(exchanged)).toBe(false);
    }
  });

  it('is written byte for byte the same when the same lines run again', () => {
    expect(
      life()
        .recorded()
        .map(({ record }) => record.body),
    ).toEqual(records.map(({ body }) => body));
  });

  it('is written in canonical JSON', () => {
    for (const { body } of records) expect(canonicalJson(JSON.parse(body))).toBe(body);
  });
});

describe('E-70: replay is deterministic', () => {
  const answersAt = (systemTime: string) => {
    jest.useFakeTimers({ now: new Date(systemTime) });
    try {
      const ledger = life();
      const asked = ['2019-01-31', '2019-03-10', '2019-04-01', '2019-12-31', '2020-01-01'];
      return canonicalJson(
        asked.flatMap((at) => asked.map((known) => ledger.balance({ at, known }))),
      );
    } finally {
      jest.useRealTimers();
    }
  };

  it('gives the same answers whatever the computer’s clock says', () => {
    expect(answersAt('2038-01-19T00:00:00Z')).toBe(answersAt('2001-01-01T00:00:00Z'));
  });

  it('names in every answer the time-zone data and the rulebook it rests on', () => {
    expect(life().balance()).toMatchObject({
      timeZone: { id: 'Asia/Shanghai', dataVersion: 'test' },
      rulebook: { id: 'ali-mcn', rulebookVersion: '2019-03-07' },
    });
  });
});

describe('E-71: references must resolve', () => {
  const two = () =>
    given(
      on('2019-01-10', admit()),
      on('2019-01-10', admit({ agencyId: 'a2', name: 'Agency Two' })),
      on('2019-02-01', deduct('d1', 40)),
      on('2019-02-01', deduct('other', 40, { agencyId: 'a2' })),
    );

  it.each([
    ['revocation', revoke('d9')],
    ['partial revocation', reduce('d9', 1)],
    ['reinstatement', reinstate('d9')],
    ['correction', correct('d9', { points: 1 })],
    ['appeal', appeal('p1', ['d9'])],
    ['appeal that names one that is there and one that is not', appeal('p1', ['d1', 'd9'])],
    ['appeal that names another agency’s', appeal('p1', ['other'])],
  ])('refuses a %s of a deduction that is not there', (_what, act) => {
    two().when(on('2019-02-02', act)).thenRefused('unknown_deduction');
  });

  it('refuses the second of two full revocations', () => {
    two()
      .given(on('2019-02-02', revoke('d1')))
      .when(on('2019-02-03', revoke('d1')))
      .thenRefused('already_revoked');
  });

  it('refuses to keep as much as counts, or more', () => {
    two()
      .when(on('2019-02-02', reduce('d1', 40)))
      .thenRefused('not_lower')
      .when(on('2019-02-02', reduce('d1', 39)))
      .then('DeductionAdjusted')
      .when(on('2019-02-02', reduce('d1', 39)))
      .thenRefused('not_lower');
  });

  it('refuses to reinstate more than was imposed', () => {
    two()
      .given(on('2019-02-02', revoke('d1')))
      .when(on('2019-02-03', reinstate('d1', { points: 41 })))
      .thenRefused('exceeds_original')
      .when(on('2019-02-03', reinstate('d1', { points: 40 })))
      .then('DeductionReinstated');
  });
});

it('E-72: a reversal is one by its type, whatever any text says', () => {
  const wordy = given(
    on('2019-01-10', admit()),
    on('2019-02-01', deduct('d1', 40, { notice: { text: '撤销扣分 / points revoked: -40' } })),
    on('2019-02-02', correct('d1', { clause: 'creator-violation' })),
  );
  expect(wordy.points()).toBe(40);
  expect(wordy.given(on('2019-02-03', reduce('d1', 10))).balance().notCounted).toEqual([]);
});

describe('E-73: a rebuild only reads', () => {
  it('changes no byte, and gives the same history however often it runs', () => {
    const ledger = life();
    const before = ledger.recorded().map(({ record }) => record.body);
    expect(historyOf(ledger.recorded())).toEqual(ledger.history());
    expect(historyOf(ledger.recorded())).toEqual(ledger.history());
    expect(ledger.recorded().map(({ record }) => record.body)).toEqual(before);
  });

  it('re-dates nothing and loses nothing that was entered by hand', () => {
    const { deductions, observations } = historyOf(life().recorded());
    expect(deductions.get('d1')).toMatchObject({
      recordedAt: instant('2019-02-01'),
      corrections: [{ recordedAt: instant('2019-02-02'), values: { points: 30 } }],
      decisions: [
        { recordedAt: instant('2019-02-05'), kind: 'adjusted', points: 20 },
        { recordedAt: instant('2019-02-06'), kind: 'reinstated', points: 30 },
        { recordedAt: instant('2019-04-02'), kind: 'revoked', points: 0 },
      ],
    });
    expect(observations).toMatchObject([
      { recordedAt: instant('2019-05-01'), observedAt: instant('2019-04-15') },
    ]);
  });
});

describe('E-74: evidence', () => {
  const registered = given().when(
    on('2019-04-01', {
      command: 'RegisterEvidence',
      data: {
        evidenceId: 'e1',
        subject: { kind: 'deduction', id: 'd1' },
        title: '直播回放截图',
        mediaType: 'image/png',
        sha256: 'a'.repeat(64),
        capturedAt: shanghai('2019-03-31'),
      },
    }),
  );
  const { event, record } = registered.recorded('evidence-e1')[0]!;

  it('is registered with its hash, capture time, subject and registrant', () => {
    registered.then('EvidenceRegistered');
    expect(event).toMatchObject({
      actor: 'officer-1',
      recordedAt: instant('2019-04-01'),
      data: {
        sha256: 'a'.repeat(64),
        capturedAt: instant('2019-03-31'),
        subject: { kind: 'deduction', id: 'd1' },
      },
    });
  });

  it('seals erasable data, so that a destroyed key leaves the event and its hash', () => {
    expect(record.body).not.toContain('直播');
    expect(openPersonalData(event.personal!, event.id, keyOf('evidence:e1'))).toEqual({
      title: '直播回放截图',
    });
    expect(() =>
      openPersonalData(event.personal!, event.id, keyOf('a key made after the erasure')),
    ).toThrow();
    expect(leafHashOf(record.body)).toBe(record.leafHash);
  });

  it('keeps names, notices, grounds and reasons out of the readable part of every event', () => {
    const secrets = [
      'Agency One',
      'N-1',
      '扣分通知',
      'we disagree',
      'screenshot',
      'as decided',
      'granted',
      'typing error',
      '120 points',
    ];
    const bodies = life()
      .recorded()
      .map(({ record: { body } }) => body)
      .join('\n');
    expect(secrets.filter((secret) => bodies.includes(secret))).toEqual([]);
  });

  it('seals them with the agency’s own key', () => {
    const [admission] = life().recorded();
    const { personal = [], id } = admission!.event;
    expect(personal.map(({ subject }) => subject)).toEqual(['agency:a1']);
    expect(openPersonalData(personal, id, keyOf('agency:a1'))).toEqual({ name: 'Agency One' });
  });

  it('gives the event without its title to seal', () => {
    const { data, personal } = evidence.registerEvidence({
      command: 'RegisterEvidence',
      data: {
        evidenceId: 'e1',
        subject: { kind: 'agency', id: 'a1' },
        title: 'title',
        mediaType: 'image/png',
        sha256: 'b'.repeat(64),
      },
    });
    expect(data).not.toHaveProperty('title');
    expect(personal).toEqual({ title: 'title' });
  });
});

describe('E-75: old events are read through upcasters', () => {
  // @ts-expect-error -- the data of a version that is not today's
  const [old] = recordEvents([{ type: 'AgencyExited', data: { agency: 'a1' } }], {
    ledgerId: 'l1',
    stream: 'agency-a1',
    head: undefined,
    recordedAt: instant('2019-04-01'),
    actor: 'officer-1',
    causation: { command: 'RecordExit', commandId: 'c1', fingerprint: '' },
  });
  const versions = { AgencyExited: 3 };
  const steps = {
    AgencyExited: [
      (data: unknown) => ({ agencyId: (data as { agency: string }).agency }),
      (data: unknown) => ({ ...(data as object), reason: 'not stated' }),
    ],
  };

  it('one step for each version, up to the current one', () => {
    expect(readEvent(old!.record, versions, steps)).toMatchObject({
      type: 'AgencyExited',
      schemaVersion: 3,
      data: { agencyId: 'a1', reason: 'not stated' },
    });
  });

  it('from the version it was written in, not from the first', () => {
    const second = {
      body: canonicalJson({ ...old!.event, schemaVersion: 2, data: { agencyId: 'a1' } }),
    };
    expect(readEvent(second, versions, steps).data).toEqual({
      agencyId: 'a1',
      reason: 'not stated',
    });
  });

  it('while its bytes and its hash stay as they were written', () => {
    const { body, leafHash } = structuredClone(old!.record);
    readEvent(old!.record, versions, steps);
    expect(old!.record).toMatchObject({ body, leafHash });
    expect(leafHashOf(old!.record.body)).toBe(leafHash);
  });

  it('and an event of today is read as it is', () => {
    expect(readEvent(old!.record)).toEqual(old!.event);
  });

  it.each([
    ['a version from the future', { schemaVersion: 2 }],
    ['a type from the future', { type: 'AgencyMerged' }],
  ])('and %s is refused by name', (_what, change) => {
    const body = canonicalJson({ ...old!.event, ...change } satisfies EventEnvelope);
    expect(() => readEvent({ body })).toThrow(UnknownEventError);
  });

  it('and a format from the future is refused as such', () => {
    const body = canonicalJson({ ...old!.event, format: 2 });
    expect(() => readEvent({ body })).toThrow(UnknownEventError);
    expect(() => readEvent({ body })).toThrow(
      'event 0 of stream "agency-a1" is written in format 2',
    );
  });

  it('and an event that is unknown today is not written either', () => {
    expect(() =>
      // @ts-expect-error -- there is no such type
      recordEvents([{ type: 'AgencyMerged', data: {} }], {
        ledgerId: 'l1',
        stream: 'agency-a1',
        head: undefined,
        recordedAt: instant('2019-04-01'),
        actor: 'officer-1',
        causation: { command: 'RecordExit', commandId: 'c1', fingerprint: '' },
      }),
    ).toThrow(TypeError);
  });
});

describe('E-76: the balance the platform shows', () => {
  const ledger = () =>
    given(
      on('2019-01-10', admit()),
      on('2019-02-01', deduct('d1', 40)),
      on('2019-03-01', deduct('d2', 20)),
    );

  it('is not a finding when it is ours at that instant', () => {
    ledger()
      .when(on('2019-04-01', observe(40, '2019-02-15')))
      .then('PlatformBalanceObserved')
      .thenFound();
    ledger()
      .when(on('2019-04-01', observe(60, '2019-03-01 10:00')))
      .thenFound();
  });

  it('is found when it differs, with both numbers, and nothing else changes', () => {
    const differs = ledger().when(on('2019-04-01', observe(40, '2019-03-01 10:00')));
    differs.then('PlatformBalanceObserved').thenFound('balance_mismatch');
    expect(differs.events('PlatformBalanceObserved')[0]?.data).toMatchObject({
      balance: 40,
      computed: 60,
      period: '2019',
    });
    expect(differs.balance()).toMatchObject({ balance: 60, findings: ['balance_mismatch'] });
  });

  it('cannot have been seen in the future', () => {
    ledger()
      .when(on('2019-04-01', observe(40, '2019-04-01 10:00:00.001')))
      .thenRefused('invalid');
  });

  it('refuses nothing, not even for an operator: the platform may be wrong', () => {
    givenToOperator(on('2019-01-10', admit()))
      .when(on('2019-04-01', observe(40, '2019-03-15')))
      .then('PlatformBalanceObserved')
      .thenFound('balance_mismatch');
  });
});

describe('E-78: points are integers', () => {
  it.each([0.5, 39.999, '40', null, 0, -40, 1e300])('refuses %p points', (points) => {
    given(on('2019-01-10', admit()))
      .when(
        on('2019-02-01', { command: 'RecordDeduction', data: { ...deduct('d1', 1).data, points } }),
      )
      .thenRefused('invalid');
  });

  it('refuses a rulebook with half points in a tariff', () => {
    given()
      .when(
        on(
          '2019-01-01',
          publish({ ...abcPoints, clauses: [{ ...abcPoints.clauses[0]!, points: 0.5 }] }),
        ),
      )
      .thenRefused('invalid');
  });
});
