import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  KeyStore,
  openLedger,
  openReader,
  type OpenedLedger,
  type Outcome,
} from '@penalty-ledger/application';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { readCommandLine, type EraseSubject, type Instant } from '@penalty-ledger/ledger';
import { DatabaseSync } from '@photostructure/sqlite';
import { temporaryFolder } from '../support/folder.js';

let opened: OpenedLedger;
// Before the folder is removed.
afterAll(() => opened.close());

const folder = temporaryFolder();
const url = `sqlite:${join(folder, 'ledger.db')}`;
const now = '2019-06-01T00:00:00.000Z' as Instant;
const clock = { now: () => now };
const secret = '举报人李四称主播虚假宣传';

const open = (): Promise<OpenedLedger> =>
  openLedger({ url, simulation: false, openedAt: now, clock });

function handle(command: string, data: object): Promise<Outcome> {
  const read = readCommandLine({ command, data });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  return opened.ledger.handle(read.line, now);
}

const erase = (subject: string): Promise<Outcome> =>
  opened.ledger.erase({ subject }, 'officer-1', now);

async function bodies(): Promise<readonly string[]> {
  const store = openSqliteEventStore(join(folder, 'ledger.db'), { access: 'read' });
  const found: string[] = [];
  for await (const batch of store.readAll()) found.push(...batch.map(({ body }) => body));
  await store.close();
  return found;
}

async function explained(agencyId: string): Promise<unknown> {
  const { reader, close } = await openReader(url, clock);
  const answer = await reader.answer({ query: 'explain', agencyId });
  await close();
  return answer;
}

const isInAnyFile = (bytes: Buffer): boolean =>
  readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(bytes));

beforeAll(async () => {
  opened = await open();
  for (const agencyId of ['a1', 'a2']) {
    await handle('AdmitAgency', {
      agencyId,
      name: `杭州云帆${agencyId}`,
      effectiveAt: '2018-01-01T00:00:00+08:00',
    });
    await handle('BindCreator', { agencyId, creatorId: `c-${agencyId}`, name: '小满' });
    await handle('RecordDeduction', {
      deductionId: `d-${agencyId}`,
      agencyId,
      points: 10,
      clause: 'improper-operation',
      occurredAt: '2019-05-20T10:00:00+08:00',
      creatorId: `c-${agencyId}`,
      notice: { text: secret },
      // The window of the one has closed; the other is appealed in time.
      ...(agencyId === 'a1' && { notifiedAt: '2019-05-20T12:00:00+08:00' }),
    });
  }
  await handle('InitiateAppeal', {
    appealId: 'p2',
    agencyId: 'a2',
    deductionIds: ['d-a2'],
    grounds: '事实不符',
  });
});

describe('an erasure', () => {
  it('destroys the key, changes no event and no balance, and leaves the text nowhere', async () => {
    await opened.ledger.settle();
    const keys = KeyStore.open(join(folder, 'ledger.keys.db'));
    const key = Buffer.from(keys.find('agency:a1') ?? []);
    keys.close();
    expect(key).toHaveLength(32);
    expect(isInAnyFile(key)).toBe(true);
    const before = await bodies();
    const balance = await explained('a1');
    expect(balance).toMatchObject({
      name: '杭州云帆a1',
      balance: 10,
      explained: [{ noticeText: secret }],
    });

    expect(await erase('agency:a1')).toMatchObject({
      status: 'accepted',
      events: ['SubjectErased'],
    });

    expect((await bodies()).slice(0, before.length)).toEqual(before);
    expect(await explained('a1')).toMatchObject({
      name: { withheld: 'erased' },
      balance: 10,
      // The deduction had no case number: nothing of it is withheld.
      explained: [{ counts: 10, noticeText: { withheld: 'erased' }, caseNo: null }],
    });
    expect(isInAnyFile(key)).toBe(false);
    expect(isInAnyFile(Buffer.from(secret))).toBe(false);
  });

  it('is done once, and only for a subject with a key', async () => {
    expect(await erase('agency:a1')).toMatchObject({ status: 'rejected', code: 'already_erased' });
    expect(await erase('agency:a9')).toMatchObject({ status: 'rejected', code: 'unknown_subject' });
  });

  it('leaves a ledger that records commands without texts and refuses others', async () => {
    const observed = { agencyId: 'a1', balance: 10, observedAt: '2019-05-30T10:00:00+08:00' };
    expect(await handle('ObservePlatformBalance', observed)).toMatchObject({ status: 'accepted' });
    expect(await handle('RecordRevocation', { deductionId: 'd-a1', reason: '核查' })).toMatchObject(
      {
        status: 'rejected',
        code: 'invalid',
      },
    );
    expect(await explained('a1')).toMatchObject({ balance: 10 });
    const deduction = {
      deductionId: 'd-a3',
      agencyId: 'a1',
      points: 5,
      clause: 'improper-operation',
      notifiedAt: '2019-05-20T12:00:00+08:00',
    };
    const occurredAt = '2019-05-20T10:00:00+08:00';
    expect(await handle('RecordDeduction', { ...deduction, occurredAt })).toMatchObject({
      status: 'accepted',
    });
    expect(await explained('a1')).toMatchObject({ balance: 15 });
  });
});

describe('a legal hold', () => {
  const held = { status: 'rejected', code: 'legal_hold', events: ['ErasureHeld'] };

  it('keeps the agency, creator and evidence of an open appeal, and is recorded', async () => {
    await handle('RegisterEvidence', {
      evidenceId: 'e2',
      subject: { kind: 'deduction', id: 'd-a2' },
      title: '录屏',
      mediaType: 'video/mp4',
      sha256: 'a'.repeat(64),
    });
    for (const subject of ['agency:a2', 'creator:c-a2', 'evidence:e2'])
      expect(await erase(subject)).toMatchObject(held);
    expect((await bodies()).filter((body) => body.includes('"type":"ErasureHeld"'))).toHaveLength(
      3,
    );
    expect(await explained('a2')).toMatchObject({ explained: [{ noticeText: secret }] });
  });

  it('does not keep a creator whom the appeal does not concern', async () => {
    await handle('BindCreator', { agencyId: 'a2', creatorId: 'c-other', name: '小雪' });
    expect(await erase('creator:c-other')).toMatchObject({ status: 'accepted' });
  });

  it('ends with the appeal', async () => {
    expect(await handle('WithdrawAppeal', { appealId: 'p2' })).toMatchObject({
      status: 'accepted',
    });
    for (const subject of ['creator:c-a2', 'evidence:e2', 'agency:a2'])
      expect(await erase(subject)).toMatchObject({ status: 'accepted', events: ['SubjectErased'] });
  });
});

describe('an erasure while another program reads the keys', () => {
  it('lets other commands pass, and is acknowledged when the key is in no file', async () => {
    await handle('AdmitAgency', { agencyId: 'a8', name: '云汀' });
    const { keys } = opened.ledger.parts;
    const key = Buffer.from(keys.find('agency:a8') ?? []);
    const other = new DatabaseSync(join(folder, 'ledger.keys.db'));
    other.exec('BEGIN; SELECT count(*) FROM subjectKeys');
    let isAcknowledged = false;
    const erased = erase('agency:a8').finally(() => {
      isAcknowledged = true;
    });
    expect(await handle('AdmitAgency', { agencyId: 'a9', name: '云渚' })).toMatchObject({
      status: 'accepted',
    });
    // Neither the first nor a later try can have removed them.
    await pause(50);
    expect(keys.stateOf('agency:a8')).toBe('destroyed');
    expect(isInAnyFile(key)).toBe(true);
    expect(isAcknowledged).toBe(false);
    other.exec('COMMIT');
    other.close();
    expect(await erased).toMatchObject({ status: 'accepted', events: ['SubjectErased'] });
    expect(isInAnyFile(key)).toBe(false);
  });
});

describe('a ledger that was killed between the event and the end of the key', () => {
  it('destroys the key when it is opened again', async () => {
    await opened.ledger.settle();
    const interrupted = opened.ledger.parts.keys;
    const destroy = jest.spyOn(interrupted, 'destroy').mockImplementation(() => {
      throw new Error('killed');
    });
    await handle('AdmitAgency', { agencyId: 'a7', name: '云屿' });
    const request: EraseSubject = { subject: 'agency:a7' };
    await expect(opened.ledger.erase(request, undefined, now)).rejects.toThrow('killed');
    destroy.mockRestore();
    expect(interrupted.stateOf('agency:a7')).toBe('held');
    await opened.close();
    opened = await open();
    expect(opened.ledger.parts.keys.stateOf('agency:a7')).toBe('destroyed');
    expect(await explained('a7')).toMatchObject({ name: { withheld: 'erased' } });
  });
});

describe('a complaint', () => {
  const at = (instant: string): Instant => `2019-${instant}Z` as Instant;
  const complaint = {
    complainant: { kind: 'consumer', id: 'u4' },
    occurredAt: '2019-05-20T10:00:00+08:00',
    subject: '货未发出',
  };

  it('about an erased agency is taken with its texts, and closed with a reason', async () => {
    expect(opened.ledger.parts.keys.stateOf('agency:a1')).toBe('destroyed');
    expect(
      await handle('FileComplaint', { ...complaint, complaintId: 'k1', agencyId: 'a1' }),
    ).toMatchObject({ status: 'accepted' });
    expect(
      await handle('CloseComplaint', { complaintId: 'k1', outcome: 'dismissed', reason: '已发货' }),
    ).toMatchObject({ status: 'accepted' });
    expect(await erase('complaint:k1')).toMatchObject({ status: 'accepted' });
  });

  it('that was erased is closed without a reason only', async () => {
    await handle('FileComplaint', { ...complaint, complaintId: 'k2', agencyId: 'a1' });
    expect(await erase('complaint:k2')).toMatchObject({ status: 'accepted' });
    const closing = { complaintId: 'k2', outcome: 'upheld' };
    expect(await handle('CloseComplaint', { ...closing, reason: '属实' })).toMatchObject({
      status: 'rejected',
      code: 'invalid',
    });
    expect(await handle('CloseComplaint', closing)).toMatchObject({ status: 'accepted' });
  });

  it('is held by an open appeal of its agency, until the instant at which it lapses', async () => {
    await handle('AdmitAgency', {
      agencyId: 'a3',
      name: '武汉南棠',
      effectiveAt: '2018-01-01T00:00:00+08:00',
    });
    await handle('FileComplaint', { ...complaint, complaintId: 'k3', agencyId: 'a3' });
    await handle('RecordDeduction', {
      deductionId: 'd3',
      agencyId: 'a3',
      points: 10,
      clause: 'improper-operation',
      occurredAt: '2019-05-20T10:00:00+08:00',
    });
    const appeal = { appealId: 'p3', agencyId: 'a3', deductionIds: ['d3'], grounds: '事实不符' };
    expect(await handle('InitiateAppeal', appeal)).toMatchObject({ status: 'accepted' });
    const eraseAt = (instant: Instant) =>
      opened.ledger.erase({ subject: 'complaint:k3' }, 'officer-1', instant);
    // 72 hours after the appeal was initiated.
    expect(await eraseAt(at('06-03T23:59:59.999'))).toMatchObject({ code: 'legal_hold' });
    expect(await eraseAt(at('06-04T00:00:00.000'))).toMatchObject({ status: 'accepted' });
  });
});
