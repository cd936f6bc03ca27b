import { testService } from './service.js';

const held = testService();

const admitted = { agencyId: 'a1', name: '甲', effectiveAt: '2026-01-01T00:00:00+08:00' };
const deduction = (deductionId: string, agencyId = 'a1') => ({
  deductionId,
  agencyId,
  points: 10,
  clause: 'improper-operation',
  occurredAt: '2026-01-05T10:00:00+08:00',
});

describe('a command', () => {
  it('is answered with its events by id, and is readable at the position it names', async () => {
    const answer = await held.current.command('AdmitAgency', admitted);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      status: 'accepted',
      code: null,
      events: ['AgencyAdmitted'],
      findings: [],
      appended: [
        {
          type: 'AgencyAdmitted',
          stream: 'agency-a1',
          revision: 0,
          receipt: '/receipts/agency-a1/0',
        },
      ],
    });
    const { body } = await held.current.get(
      `/agencies/a1?atLeast=${String(answer.body['position'])}`,
    );
    expect(body).toMatchObject({
      agencyId: 'a1',
      name: '甲',
      revision: 0,
      standing: 'active',
      balance: 0,
    });
  });

  it('is a duplicate with the same key and data, and a conflict with other data', async () => {
    await held.current.command('AdmitAgency', { ...admitted, agencyId: 'a2' });
    await held.current.given(['RecordDeduction', deduction('i1', 'a2')]);
    const revoke = (reason: string) =>
      held.current.command(
        'RecordRevocation',
        { deductionId: 'i1', reason },
        { headers: { 'idempotency-key': 'once' } },
      );
    expect(await revoke('x')).toMatchObject({ status: 201, body: { status: 'accepted' } });
    expect(await revoke('x')).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    expect(await revoke('y')).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('that is a duplicate is answered with the events and findings of the first time', async () => {
    const { current } = held;
    await current.given(
      ['AdmitAgency', { ...admitted, agencyId: 'r1' }],
      ['AdmitAgency', { ...admitted, agencyId: 'r2' }],
      [
        'BindCreator',
        { agencyId: 'r1', creatorId: 'c-r1', effectiveAt: '2026-01-01T00:00:00+08:00' },
      ],
    );
    const mismatched = {
      ...deduction('r-1', 'r1'),
      clause: 'operating-metric-missed',
      points: 120,
    };
    const session = {
      creatorId: 'c-r1',
      startedAt: '2026-01-05T10:00:00Z',
      endedAt: '2026-01-05T12:00:00Z',
    };
    for (const [name, data, key, events] of [
      ['RecordDeduction', mismatched, undefined, ['DeductionImposed', 'PendingExpulsionOpened']],
      ['RecordSession', { sessionId: 'rs-1', ...session }, undefined, ['SessionRecorded']],
      ['RecordSession', { sessionId: 'rs-2', ...session }, 'key-rs-2', ['SessionRecorded']],
      [
        'RecordRevocation',
        { deductionId: 'r-1', reason: 'x' },
        'key-r-1',
        ['DeductionRevoked', 'PendingExpulsionLifted'],
      ],
      ['ComputeAssessment', { month: '2026-01' }, 'key-all', Array(4).fill('AssessmentComputed')],
      [
        'ComputeAssessment',
        { month: '2026-01', agencyId: 'r2' },
        'key-one',
        ['AssessmentComputed'],
      ],
    ] as const) {
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      const first = await current.command(name, data, { headers });
      expect(first).toMatchObject({ status: 201, body: { status: 'accepted', events } });
      // What comes after it in the same stream is not its own.
      await current.given(['RecordDeduction', deduction(`after-${name}-${key ?? 'none'}`, 'r1')]);
      const again = await current.command(name, data, { headers });
      const { status: _, position, ...same } = first.body;
      expect({ status: again.status, body: again.body }).toEqual({
        status: 200,
        body: {
          status: 'duplicate',
          ...same,
          since: '2026-02-10T10:00:00.000+08:00',
          position: expect.any(String) as string,
        },
      });
      expect(Number(again.body['position'])).toBeGreaterThan(Number(position));
    }
    const { body } = await current.command('RecordDeduction', mismatched);
    expect(body['findings']).toEqual(['tariff_mismatch']);
  });

  it('with If-Match gets 412 once the agency changed; a repetition is a duplicate', async () => {
    await held.current.command('AdmitAgency', { ...admitted, agencyId: 'a3' });
    const read = await held.current.get('/agencies/a3');
    const headers = { 'if-match': read.headers.get('etag')! };
    expect(
      await held.current.command('RecordDeduction', deduction('m1', 'a3'), { headers }),
    ).toMatchObject({
      status: 201,
    });
    expect(
      await held.current.command('RecordDeduction', deduction('m2', 'a3'), { headers }),
    ).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed' },
    });
    expect(
      await held.current.command('RecordDeduction', deduction('m1', 'a3'), { headers }),
    ).toMatchObject({
      status: 200,
      body: { status: 'duplicate' },
    });
    expect((await held.current.get('/agencies/a3')).body).toMatchObject({
      revision: 1,
      balance: 10,
    });
  });

  it('that is wrong is refused with every wrong place, in the language asked for', async () => {
    const body = { agencyId: 'a b', at: '2026-01-01T00:00:00Z', effectiveAt: null };
    const english = await held.current.command('AdmitAgency', body);
    expect(english.status).toBe(400);
    expect(english.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const pointers = (english.body['errors'] as { pointer: string }[]).map(
      ({ pointer }) => pointer,
    );
    expect(pointers.sort()).toEqual(['/agencyId', '/at', '/effectiveAt', '/name']);
    const chinese = await held.current.command('AdmitAgency', body, {
      headers: { 'accept-language': 'zh-CN,en;q=0.5' },
    });
    expect(chinese.body['title']).toBe('请求格式有误');
    expect(JSON.stringify(chinese.body['errors'])).toContain('没有该字段');
  });

  it('with parts names the part that is wrong', async () => {
    const items = [{ evidenceId: 'e', title: 't', mediaType: 'image/png', sha256: 'x' }];
    const { body } = await held.current.command('SubmitEvidence', { appealId: 'p', items });
    expect(body['errors']).toMatchObject([
      { path: 'items[0].sha256', pointer: '/items/0/sha256', constraint: 'sha256' },
    ]);
  });

  it.each<[string, object, number, string]>([
    ['RecordDeduction', deduction('u1', 'nobody'), 404, 'unknown_agency'],
    ['RecordDeduction', { ...deduction('u2'), clause: 'nothing' }, 422, 'unknown_clause'],
    ['RecordDeduction', { ...deduction('u3'), occurredAt: '2027-01-01T00:00:00Z' }, 400, 'invalid'],
    ['RevokeExpulsion', { agencyId: 'a1', reason: 'x' }, 409, 'not_expelled'],
  ])(
    '%s that the domain refuses is a problem with the domain’s code',
    async (name, data, status, code) => {
      const { body, status: found } = await held.current.command(name, data);
      expect({ found, code: body['code'] }).toEqual({ found: status, code });
      expect(body).toMatchObject({
        type: `urn:penalty-ledger:problem:${code}`,
        rule: expect.any(String) as string,
      });
    },
  );

  it('that the domain refuses names the place as the body has it', async () => {
    const sent = { ...deduction('u4'), clause: 'nothing' };
    const { body } = await held.current.command('RecordDeduction', sent);
    expect(body['detail']).toMatch(/^clause: "nothing" is not in /);
  });

  it('is recorded as the act of the principal who signed in', async () => {
    await held.current.command(
      'AdmitAgency',
      { ...admitted, agencyId: 'a4' },
      { as: held.current.tokens['ingest']! },
    );
    const { body } = await held.current.get('/agencies/a4/timeline');
    expect(body['acts']).toMatchObject([
      { type: 'AgencyAdmitted', actor: expect.stringMatching(/^key:[0-9a-f]{12}$/) as string },
    ]);
    expect(
      (await held.current.command('AdmitAgency', { ...admitted, agencyId: 'a5', by: 'somebody' }))
        .status,
    ).toBe(400);
  });
});

describe('an import', () => {
  const send = (lines: readonly (object | string)[], as = held.current.tokens['staff']!) =>
    held.current.ask('POST', '/import', {
      body: lines
        .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
        .join('\n'),
      headers: { 'content-type': 'application/x-ndjson' },
      as,
    });
  const outcomes = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; status: string; code: string | null });

  it('gives an outcome line for each line, and a wrong one does not stop the rest', async () => {
    const { status, text } = await send([
      { command: 'AdmitAgency', data: { ...admitted, agencyId: 'm1' } },
      '{',
      { at: '2026-01-01T00:00:00Z', command: 'AdmitAgency', data: { ...admitted, agencyId: 'm2' } },
      { command: 'AdmitAgency', by: 'somebody', data: { ...admitted, agencyId: 'm3' } },
      { command: 'RecordDeduction', data: deduction('m-d', 'm1') },
      { command: 'RecordDeduction', data: deduction('m-d', 'm1') },
    ]);
    expect(status).toBe(200);
    expect(outcomes(text).map(({ status: each, code }) => [each, code])).toEqual([
      ['accepted', null],
      ['rejected', 'invalid'],
      ['rejected', 'invalid'],
      ['rejected', 'forbidden'],
      ['accepted', null],
      ['duplicate', null],
    ]);
    expect(outcomes(text).map((line) => 'since' in line && line.since)).toEqual([
      ...Array<boolean>(5).fill(false),
      '2026-02-10T10:00:00.000+08:00',
    ]);
  });

  it('of a system that only reports facts takes no decision', async () => {
    const { text } = await send(
      [{ command: 'RecordDeduction', data: deduction('m-e', 'm1') }],
      held.current.tokens['ingest'],
    );
    expect(outcomes(text)).toMatchObject([{ status: 'rejected', code: 'forbidden' }]);
  });

  it('of another media type is refused', async () => {
    expect(await held.current.ask('POST', '/import', { body: {} })).toMatchObject({ status: 415 });
  });

  it('takes nothing that is sent after its key was revoked', async () => {
    const { current } = held;
    const as = current.tokens['administrator']!;
    const { body: issued } = await current.ask('POST', '/keys', {
      body: { label: 'x', holder: 'h', roles: ['ingest'] },
      as,
    });
    const { token, key } = issued as { token: string; key: { id: string } };
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const response = fetch(`${current.serving.url}/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: readable,
      duplex: 'half',
    });
    const line = (agencyId: string) =>
      Buffer.from(
        `${JSON.stringify({ command: 'AdmitAgency', data: { ...admitted, agencyId } })}\n`,
      );
    await writer.write(line('v1'));
    const reader = (await response).body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toContain('"status":"accepted"');
    await current.ask('POST', `/keys/${key.id}/revoke`, { as });
    await writer.write(line('v2'));
    expect(Buffer.from((await reader.read()).value).toString()).toContain(
      '"code":"unauthenticated"',
    );
    await writer.close();
    expect((await current.get('/agencies/v2')).status).toBe(404);
  });

  it('answers while it is being sent', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const response = fetch(`${held.current.serving.url}/import`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${held.current.tokens['staff']!}`,
        'content-type': 'application/x-ndjson',
      },
      body: readable,
      duplex: 'half',
    });
    const line = (agencyId: string) =>
      Buffer.from(
        `${JSON.stringify({ command: 'AdmitAgency', data: { ...admitted, agencyId } })}\n`,
      );
    await writer.write(line('w1'));
    const reader = (await response).body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toContain(
      '"line":1,"status":"accepted"',
    );
    await writer.write(line('w2'));
    expect(Buffer.from((await reader.read()).value).toString()).toContain(
      '"line":2,"status":"accepted"',
    );
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });
});
