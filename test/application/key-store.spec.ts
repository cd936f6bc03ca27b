import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  KeyDestroyedError,
  KeyStore,
  LedgerReader,
  systemClock,
} from '@penalty-ledger/application';
import { DatabaseSync } from '@photostructure/sqlite';
import { temporaryFolder } from '../support/folder.js';
import { TestLedger } from '../support/test-ledger.js';

const folder = temporaryFolder();

describe('a key that was destroyed', () => {
  const file = join(folder, 'keys.db');
  let keys: KeyStore;
  beforeAll(() => {
    const before = KeyStore.open(file);
    before.findOrMake('agency:a1');
    before.findOrMake('agency:a2');
    before.save();
    before.destroy('agency:a1');
    before.close();
    keys = KeyStore.open(file);
  });
  afterAll(() => {
    keys.close();
  });

  it('is not found any more, and no other subject’s is lost', () => {
    expect(keys.find('agency:a1')).toBeUndefined();
    expect(keys.find('agency:a2')).toHaveLength(32);
    expect(keys.subjects).toBe(1);
  });

  it('is never followed by a second one', () => {
    expect(() => keys.findOrMake('agency:a1')).toThrow(KeyDestroyedError);
    expect(() => keys.findOrMake('agency:a1')).toThrow('the key of "agency:a1" was destroyed');
    keys.save();
    expect(keys.find('agency:a1')).toBeUndefined();
  });
});

it('a destroyed key is gone from file and log once no other program reads them', async () => {
  const path = join(folder, 'read.keys.db');
  const isInAnyFile = (bytes: Buffer): boolean =>
    [path, `${path}-wal`].some((file) => readFileSync(file).includes(bytes));
  const keys = KeyStore.open(path);
  // Enough of them that pages were split: moved rows leave nothing behind.
  const made = Array.from({ length: 500 }, (_, n) => `creator:c-${String((n * 7919) % 500)}`).map(
    (subject) => ({ subject, key: Buffer.from(keys.findOrMake(subject)) }),
  );
  keys.save();
  const other = new DatabaseSync(path);
  other.exec('BEGIN; SELECT count(*) FROM subjectKeys');
  const destroyed = made.slice(0, 20);
  for (const { subject } of destroyed) keys.destroy(subject);
  expect(keys.removeDestroyed()).toBe(false);
  expect(destroyed.every(({ key }) => isInAnyFile(key))).toBe(true);
  await expect(keys.destroyedAreGone(0)).rejects.toMatchObject({
    code: 'store_unavailable',
    inBoth: { zh: expect.stringContaining('另一个程序正在读取该文件') as string },
  });
  other.exec('COMMIT');
  await keys.destroyedAreGone(0);
  expect(destroyed.some(({ key }) => isInAnyFile(key))).toBe(false);
  expect(made.slice(20).every(({ key }) => isInAnyFile(key))).toBe(true);
  other.close();
  keys.close();
});

it('a key file of a later version is left to that version', () => {
  const path = join(folder, 'later.keys.db');
  const later = new DatabaseSync(path);
  later.exec('PRAGMA user_version = 3');
  later.close();
  expect(() => KeyStore.open(path)).toThrow(
    `"${path}" has schema 3, and this release knows up to 2: use the release that wrote it`,
  );
});

it('a changed key is named with its subject and its file', () => {
  const path = join(folder, 'changed.keys.db');
  let keys = KeyStore.open(path);
  keys.findOrMake('agency:a1');
  keys.save();
  keys.close();
  const changed = new DatabaseSync(path);
  changed.prepare('UPDATE subjectKeys SET key = ?, sum = sum + 1').run(Buffer.alloc(32));
  changed.prepare('UPDATE subjectKeys SET sum = sum - 1').run();
  changed.close();
  keys = KeyStore.open(path);
  const named = `the key of "agency:a1" in "${path}" is not the one that was stored there`;
  expect(() => keys.find('agency:a1')).toThrow(named);
  expect(() => keys.findOrMake('agency:a1')).toThrow(named);
  expect(() => keys.find('agency:a1')).toThrow(
    expect.objectContaining({
      inBoth: {
        en: expect.stringContaining(named) as string,
        zh: expect.stringContaining(`"${path}" 中的 "agency:a1" 的密钥与存入时不同`) as string,
      },
      hint: {
        en: expect.stringMatching(/^restore the key file/) as string,
        zh: expect.stringMatching(/^请从密钥文件自己的备份恢复/) as string,
      },
    }) as Error,
  );
  keys.close();
});

it('a subject’s key is the same one every time, and another than every other subject’s', () => {
  const keys = KeyStore.open(':memory:');
  const made = keys.findOrMake('agency:a1');
  keys.save();
  expect(keys.find('agency:a1')).toBe(made);
  expect(keys.findOrMake('agency:a1')).toBe(made);
  expect(keys.findOrMake('agency:a2')).not.toEqual(made);
  keys.close();
});

it('a notice is explained with its case number and text, which need its key', async () => {
  const ledger = await TestLedger.open('observer');
  const notice = { caseNo: '浙扣〔2019〕17号', text: '扣40分' };
  const at = '2019-04-01T10:00:00+08:00';
  await ledger.apply({ at, command: 'AdmitAgency', data: { agencyId: 'a1', name: '杭州云帆' } });
  const imposed = {
    deductionId: 'd1',
    agencyId: 'a1',
    points: 40,
    clause: 'improper-operation',
    occurredAt: at,
    notice,
  };
  expect((await ledger.apply({ at, command: 'RecordDeduction', data: imposed })).status).toBe(
    'accepted',
  );
  await ledger.finish();
  const explain = { query: 'explain', agencyId: 'a1' } as const;
  expect(await ledger.reader.answer(explain)).toMatchObject({
    explained: [{ caseNo: notice.caseNo, noticeText: notice.text }],
  });
  const withoutKeys = {
    ...ledger.ledger.parts,
    keys: KeyStore.open(':memory:'),
    clock: systemClock,
  };
  const reader = await LedgerReader.open(withoutKeys);
  expect(await reader!.answer(explain)).toMatchObject({
    balance: 40,
    explained: [{ caseNo: { withheld: 'sealed' }, noticeText: { withheld: 'sealed' } }],
  });
  withoutKeys.keys.close();
  await ledger.close();
});
