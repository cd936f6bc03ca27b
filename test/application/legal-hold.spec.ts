import { readCursor, type ErasureListQuery } from '@penalty-ledger/application';
import { agency, type Instant } from '@penalty-ledger/ledger';
import { instant, shanghai, shanghaiZone, type Line } from '../support/given.js';
import {
  admit,
  appeal,
  by,
  closeComplaint,
  decideAppeal,
  deduct,
  expel,
  on,
  revoke,
  submit,
} from '../support/lines.js';
import { TestLedger, type TestOutcome } from '../support/test-ledger.js';

let ledger: TestLedger;
afterEach(() => ledger.close());

const act = (command: string, data: object): { command: string; data: Line['data'] } => ({
  command,
  data: { ...data },
});
const apply = ({ at, ...line }: Line): Promise<TestOutcome> =>
  ledger.apply({ at: shanghai(at), ...line });

async function given(...lines: readonly Line[]): Promise<void> {
  ledger = await TestLedger.open('observer');
  for (const line of lines) expect(await apply(line)).toMatchObject({ status: 'accepted' });
}

/** An instant as answers show it. */
const shown = (text: string): string => shanghaiZone.format(instant(text));

const erase = (subject: string, at: string) =>
  ledger.ledger.erase({ subject, requestId: 'r1' }, 'admin-1', instant(at));
const erased = { status: 'accepted', events: ['SubjectErased'] };
const held = { status: 'rejected', code: 'legal_hold', events: ['ErasureHeld'] };

/** The holds for which a subject's erasure was refused last. */
async function heldFor(subject: string): Promise<readonly object[]> {
  const events = (await ledger.events()).filter(
    (event) => event.type === 'ErasureHeld' && event.data.subject === subject,
  );
  return (events.at(-1)?.data as { holds: readonly object[] }).holds;
}

const place = (holdId: string, subject: string, more: object = {}) =>
  by('officer-9', act('PlaceLegalHold', { holdId, subject, reason: '法院要求', ...more }));
const lift = (holdId: string) =>
  by('reviewer-9', act('LiftLegalHold', { holdId, reason: '案件已结' }));

const complaint = (complaintId: string, more: object) =>
  act('FileComplaint', {
    complaintId,
    complainant: { kind: 'consumer' },
    occurredAt: shanghai('2019-01-15'),
    subject: '货未发出',
    ...more,
  });
const bind = act('BindCreator', { agencyId: 'a1', creatorId: 'c1', name: '小满' });
const evidence = (evidenceId: string, kind: string, id: string) =>
  act('RegisterEvidence', {
    evidenceId,
    subject: { kind, id },
    title: '录屏',
    mediaType: 'video/mp4',
    sha256: 'a'.repeat(64),
  });

describe('a legal hold that a person places', () => {
  const start = [on('2019-01-10', admit()), on('2019-01-10', bind)];

  it('refuses the erasure with who holds it and until when, until it is lifted', async () => {
    await given(...start, on('2019-02-01', place('h1', 'creator:c1')));
    const refused = await erase('creator:c1', '2019-02-02');
    expect(refused).toMatchObject(held);
    expect(refused.message).toMatchObject({
      en: '"creator:c1" is held; legal hold: "h1" by officer-9, without a set end',
      zh: '"creator:c1" 须保留；法律保留："h1"（由 officer-9 设置），未定期限',
    });
    expect(await apply(on('2019-02-03', lift('h1')))).toMatchObject({ status: 'accepted' });
    expect(await erase('creator:c1', '2019-02-03')).toMatchObject(erased);
  });

  it('ends by itself at its until', async () => {
    const until = shanghai('2019-03-01');
    await given(...start, on('2019-02-01', place('h1', 'creator:c1', { until })));
    expect((await erase('creator:c1', '2019-02-02')).message?.en).toContain(
      `until ${shown('2019-03-01')}`,
    );
    expect(await apply(on('2019-03-01', lift('h1')))).toMatchObject({ code: 'already_lifted' });
    expect(await erase('creator:c1', '2019-03-01')).toMatchObject(erased);
  });

  it('on an agency holds its complaints, its evidence and its creators', async () => {
    await given(
      ...start,
      on('2019-01-20', complaint('k1', { agencyId: 'a1' })),
      on('2019-01-20', evidence('e1', 'agency', 'a1')),
      on('2019-01-20', evidence('e2', 'complaint', 'k1')),
      on('2019-02-01', place('h1', 'agency:a1')),
    );
    const subjects = ['agency:a1', 'complaint:k1', 'creator:c1', 'evidence:e1', 'evidence:e2'];
    for (const subject of subjects) {
      expect(await erase(subject, '2019-02-02')).toMatchObject(held);
      expect(await heldFor(subject)).toEqual([
        { by: 'officer-9', ground: 'legal_hold', id: 'h1', kind: 'hold' },
      ]);
    }
    await apply(on('2019-02-03', lift('h1')));
    for (const subject of subjects)
      expect(await erase(subject, '2019-02-03')).toMatchObject(erased);
  });

  it('is refused where there is no key to hold, and for a wrong id or instant', async () => {
    await given(...start, on('2019-02-01', place('h1', 'creator:c1')));
    const code = async (line: Line) => (await apply(line)).code;
    expect(await code(on('2019-02-02', place('h2', 'creator:c9')))).toBe('unknown_subject');
    expect(ledger.keys.stateOf('creator:c9')).toBe('never');
    expect(await code(on('2019-02-02', place('h1', 'agency:a1')))).toBe('conflict');
    expect(await apply(on('2019-02-02', place('h1', 'creator:c1')))).toMatchObject({
      status: 'duplicate',
    });
    expect(await code(on('2019-02-02', lift('h9')))).toBe('unknown_hold');
    const until = shanghai('2019-02-02');
    expect(await code(on('2019-02-02', place('h3', 'creator:c1', { until })))).toBe('invalid');
    expect(await code(on('2019-02-02', place('h3', 'session:s1')))).toBe('invalid');
    await apply(on('2019-02-03', lift('h1')));
    expect(await code(on('2019-02-04', lift('h1')))).toBe('already_lifted');
    await erase('creator:c1', '2019-02-04');
    expect(await code(on('2019-02-05', place('h4', 'creator:c1')))).toBe('already_erased');
  });

  it('has its reason sealed for the held subject', async () => {
    await given(...start, on('2019-02-01', place('h1', 'creator:c1')));
    const placed = (await ledger.events()).find(({ type }) => type === 'LegalHoldPlaced');
    expect(placed).toMatchObject({
      stream: 'erasures',
      data: { holdId: 'h1', subject: 'creator:c1' },
      personal: [{ subject: 'creator:c1', text: '/reason' }],
    });
  });
});

describe('what holds by itself', () => {
  const imposed = [
    on('2019-01-10', admit()),
    on('2019-01-10', bind),
    on('2019-02-01', deduct('d1', 40, { creatorId: 'c1' })),
  ];

  it('is the window of a deduction that was not appealed, to the millisecond', async () => {
    await given(...imposed);
    for (const subject of ['agency:a1', 'creator:c1']) {
      expect(await erase(subject, '2019-02-02')).toMatchObject(held);
      expect(await heldFor(subject)).toEqual([
        { ground: 'open_window', id: 'd1', kind: 'deduction', until: expect.any(String) as string },
      ]);
    }
    const [{ until } = { until: '' }] = (await heldFor('agency:a1')) as { until: string }[];
    const justBefore = new Date(Date.parse(until) - 1).toISOString() as Instant;
    const at = (now: Instant) => ledger.ledger.erase({ subject: 'creator:c1' }, 'admin-1', now);
    expect(await at(justBefore)).toMatchObject(held);
    expect(await at(until as Instant)).toMatchObject(erased);
  });

  it('is no window of what was revoked, nor of another creator', async () => {
    await given(
      ...imposed,
      on('2019-02-02', act('BindCreator', { agencyId: 'a1', creatorId: 'c2', name: '小雪' })),
    );
    expect(await erase('creator:c2', '2019-02-02')).toMatchObject(erased);
    await apply(on('2019-02-02', revoke('d1')));
    expect(await erase('creator:c1', '2019-02-02')).toMatchObject(erased);
  });

  it('is the last chance, then the window of an expulsion, for creators too', async () => {
    await given(
      on('2019-01-10', admit()),
      on('2019-01-10', bind),
      on('2019-02-01', deduct('d1', 120)),
    );
    await erase('creator:c1', '2019-02-02');
    expect(await heldFor('creator:c1')).toMatchObject([{ ground: 'open_window', kind: 'agency' }]);
    await apply(on('2019-02-20', expel()));
    expect(await erase('creator:c1', '2019-02-21')).toMatchObject(held);
    expect(await heldFor('creator:c1')).toMatchObject([{ ground: 'open_window', kind: 'agency' }]);
    expect(await erase('creator:c1', '2019-06-01')).toMatchObject(erased);
  });

  it('is an open appeal: until its evidence window closes, then until it is decided', async () => {
    await given(...imposed, on('2019-02-02', appeal('p1', ['d1'])));
    await erase('agency:a1', '2019-02-03');
    expect(await heldFor('agency:a1')).toEqual([
      { ground: 'open_appeal', id: 'p1', kind: 'appeal', until: instant('2019-02-05') },
    ]);
    await apply(on('2019-02-03', submit('p1')));
    await erase('agency:a1', '2019-03-03');
    expect(await heldFor('agency:a1')).toEqual([
      { ground: 'open_appeal', id: 'p1', kind: 'appeal' },
    ]);
    await apply(on('2019-03-04', decideAppeal('p1', 'rejected')));
    expect(await erase('agency:a1', '2019-03-04')).toMatchObject(erased);
  });
});

describe('the retention of Order 117', () => {
  const start = [on('2026-01-10', admit()), on('2026-01-10', bind)];
  const session = (sessionId: string, startedAt: string, endedAt: string) =>
    act('RecordSession', {
      ...{ sessionId, creatorId: 'c1' },
      ...{ startedAt: shanghai(startedAt), endedAt: shanghai(endedAt) },
    });

  it.each([
    ['2026-02-01', instant('2029-02-02 00:00')],
    ['2028-02-29', instant('2031-03-01 00:00')],
    ['2026-12-31 23:59', instant('2030-01-01 00:00')],
  ])('from %s ends at 24:00 of the day three years later', (end, until) => {
    const at = (now: Instant) => agency.retentionOf(instant(end), now, shanghaiZone);
    expect(at(instant(end))).toEqual({ until });
    expect(at(new Date(Date.parse(until) - 1).toISOString() as Instant)).toEqual({ until });
    expect(at(until)).toBeUndefined();
  });

  it('is none of what ended before it came into force', () => {
    const before = instant('2026-01-31 23:59');
    expect(agency.retentionOf(before, instant('2026-03-01'), shanghaiZone)).toBeUndefined();
    expect(agency.retentionOf(undefined, before, shanghaiZone)).toBeUndefined();
    expect(agency.retentionOf(undefined, instant('2026-02-01'), shanghaiZone)).toEqual({});
  });

  it('holds creator, agency and evidence from the end of their last session', async () => {
    await given(
      ...start,
      on('2026-02-03', session('s1', '2026-02-01 20:00', '2026-02-01 22:00')),
      on('2026-02-05', session('s2', '2026-02-04 20:00', '2026-02-04 22:00')),
      on('2026-02-05', evidence('e1', 'session', 's1')),
    );
    const ends = { 'creator:c1': 's2', 'agency:a1': 's2', 'evidence:e1': 's1' };
    for (const [subject, id] of Object.entries(ends)) {
      expect(await erase(subject, '2026-02-06')).toMatchObject(held);
      const until = instant(id === 's1' ? '2029-02-02 00:00' : '2029-02-05 00:00');
      expect(await heldFor(subject)).toEqual([{ ground: 'retention', id, kind: 'session', until }]);
    }
    // The last one was voided: the one before it counts.
    await apply(on('2026-02-07', act('VoidSession', { sessionId: 's2', reason: '重复' })));
    await erase('creator:c1', '2026-02-08');
    expect(await heldFor('creator:c1')).toMatchObject([{ id: 's1' }]);
    expect(await erase('creator:c1', '2029-02-02 00:00')).toMatchObject(erased);
  });

  it('holds a complaint until three years after it was closed, and not another one', async () => {
    await given(
      ...start,
      on('2026-01-12', complaint('k0', { agencyId: 'a1' })),
      on('2026-01-13', closeComplaint('k0', 'dismissed')),
      on('2026-02-03', complaint('k1', { creatorId: 'c1', occurredAt: shanghai('2026-01-20') })),
    );
    await erase('complaint:k1', '2026-02-04');
    expect(await heldFor('complaint:k1')).toEqual([
      { ground: 'retention', id: 'k1', kind: 'complaint' },
    ]);
    expect(await erase('complaint:k0', '2026-02-04')).toMatchObject(erased);
    await apply(on('2026-02-05', closeComplaint('k1', 'upheld')));
    const until = instant('2029-02-06 00:00');
    for (const subject of ['complaint:k1', 'creator:c1', 'agency:a1']) {
      await erase(subject, '2026-02-06');
      expect(await heldFor(subject)).toEqual([
        { ground: 'retention', id: 'k1', kind: 'complaint', until },
      ]);
    }
    expect(await erase('complaint:k1', '2029-02-06 00:00')).toMatchObject(erased);
  });

  it('holds what a deduction and its appeal concern from the decision on', async () => {
    await given(
      ...start,
      on('2026-02-03', complaint('k1', { creatorId: 'c1', occurredAt: shanghai('2026-01-20') })),
      on('2026-02-04', closeComplaint('k1', 'upheld')),
      on(
        '2026-02-05',
        deduct('d1', 10, { creatorId: 'c1', basis: { kind: 'complaint', complaintId: 'k1' } }),
      ),
      on('2026-02-06', appeal('p1', ['d1'])),
      on('2026-02-07', submit('p1')),
      on('2026-03-01', decideAppeal('p1', 'rejected')),
      on('2026-03-01', evidence('e1', 'deduction', 'd1')),
    );
    for (const subject of ['complaint:k1', 'creator:c1', 'evidence:e1', 'agency:a1']) {
      await erase(subject, '2026-03-02');
      expect(await heldFor(subject)).toEqual([
        { ground: 'retention', id: 'p1', kind: 'appeal', until: instant('2029-03-02 00:00') },
      ]);
    }
  });
});

describe('the erasures that wait', () => {
  const waiting = async (query: Partial<ErasureListQuery> = {}) =>
    ledger.reader.erasures({ limit: 100, ...query });

  it('are listed with what holds them, and as due once nothing does', async () => {
    await given(
      on('2019-01-10', admit()),
      on('2019-01-10', bind),
      on('2019-02-01', place('h1', 'creator:c1', { until: shanghai('2019-03-01') })),
    );
    expect(await waiting()).toEqual({ items: [] });
    await erase('creator:c1', '2019-02-02');
    await erase('creator:c1', '2019-02-03');
    const asked = {
      subject: 'creator:c1',
      requestId: 'r1',
      by: 'admin-1',
      askedAt: shown('2019-02-02'),
    };
    const until = shown('2019-03-01');
    const held = {
      ...asked,
      due: false,
      dueFrom: until,
      holds: [{ by: 'officer-9', ground: 'legal_hold', id: 'h1', kind: 'hold', until }],
    };
    expect(await waiting()).toEqual({ items: [held] });
    expect(await waiting({ status: 'held' })).toEqual({ items: [held] });
    expect(await waiting({ status: 'due' })).toEqual({ items: [] });
    await ledger.ledger.rememberClock(instant('2019-03-01'));
    const due = { items: [{ ...asked, due: true, dueFrom: null, holds: [] }] };
    expect(await waiting()).toEqual(due);
    expect(await waiting({ status: 'due' })).toEqual(due);
    expect(await waiting({ status: 'held' })).toEqual({ items: [] });
    expect(await erase('creator:c1', '2019-03-01')).toMatchObject(erased);
    expect(await waiting()).toEqual({ items: [] });
  });

  it('come in pages, which pass none by because others were erased meanwhile', async () => {
    const ids = ['a4', 'a2', 'a3', 'a1'];
    await given(
      ...ids.map((agencyId) => on('2019-01-10', admit({ agencyId }))),
      ...ids.map((id) => on('2019-01-11', place(`h-${id}`, `agency:${id}`))),
    );
    for (const [index, id] of ids.entries())
      await erase(`agency:${id}`, `2019-02-0${String(index + 1)}`);
    const subjectsOf = ({ items }: { readonly items: readonly { readonly subject: string }[] }) =>
      items.map(({ subject }) => subject);
    const first = await waiting({ limit: 2 });
    expect(subjectsOf(first)).toEqual(['agency:a4', 'agency:a2']);
    const lifted = await apply(on('2019-02-05', lift('h-a2')));
    expect(lifted).toMatchObject({ status: 'accepted' });
    expect(await erase('agency:a2', '2019-02-05')).toMatchObject(erased);
    const after = readCursor(first.next, 'askedAt');
    expect(subjectsOf(await waiting({ limit: 2, after }))).toEqual(['agency:a3', 'agency:a1']);
    expect(subjectsOf(await waiting({ sort: '-askedAt' }))).toEqual([
      'agency:a1',
      'agency:a3',
      'agency:a4',
    ]);
  });
});
