import { execFileSync } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  applyLines,
  importRules,
  openLedger,
  readLines,
  systemClock,
} from '@penalty-ledger/application';
import {
  backupLedger,
  readPassphrase,
  restoreKeys,
  restoreLedger,
  verifyBackup,
} from '@penalty-ledger/application/backing-up';
import { temporaryFolder } from '../support/folder.js';

// What blocks would block for ever; the slowest of these takes a second.
jest.setTimeout(60_000);

const root = temporaryFolder();
const ledgerUrl = `sqlite:${join(root, 'ledger/ledger.db')}`;
const good = join(root, 'good');
let folder: string;
let target: string;
let count = 0;

/** Opens the ledger, records agencies, and signs a checkpoint. */
async function useLedger(agencyIds: readonly string[] = []): Promise<void> {
  const openedAt = systemClock.now();
  const opened = await openLedger({ url: ledgerUrl, simulation: false, openedAt });
  const texts = agencyIds.map((agencyId) => {
    const data = { agencyId, name: agencyId, effectiveAt: '2019-02-01T10:00:00+08:00' };
    return Buffer.from(`${JSON.stringify({ command: 'AdmitAgency', data })}\n`);
  });
  const lines = readLines(Readable.from(texts));
  for await (const batch of applyLines(lines, importRules(systemClock), { send: opened.send }))
    for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  await opened.checkpoint();
  await opened.close();
}

beforeAll(async () => {
  await useLedger();
  await backupLedger({ url: ledgerUrl, folder: good });
});

beforeEach(() => {
  count += 1;
  folder = join(root, `backup-${count}`);
  target = `sqlite:${join(root, `restored-${count}`, 'ledger.db')}`;
  cpSync(good, folder, { recursive: true });
});

const filesOf = (): string[] =>
  readdirSync(folder).filter((name) => !name.startsWith('backup.json-lock'));

/** Puts something else in place of a file; `original` is the good file, elsewhere. */
const disguises: readonly (readonly [string, (path: string, original: string) => void])[] = [
  ['pipe', (path) => execFileSync('mkfifo', [path])],
  ['link', (path, original) => symlinkSync(original, path)],
  ['link', (path) => symlinkSync('/dev/zero', path)],
  ['folder', (path) => mkdirSync(path)],
];

describe('a backup whose file is not a file', () => {
  it.each(disguises)('is damaged and is not read: a %s', async (kind, disguise) => {
    for (const name of filesOf()) {
      const path = join(folder, name);
      const original = join(root, `original-${count}-${name}`);
      renameSync(path, original);
      disguise(path, original);
      const damaged = {
        code: 'backup_damaged',
        message: `"${path}" is damaged: it is a ${kind}, and must be a plain file`,
      };
      await expect(verifyBackup({ folder })).rejects.toMatchObject(damaged);
      await expect(restoreLedger({ folder, to: target })).rejects.toMatchObject(damaged);
      // So many events take in the segment before them.
      if (name.startsWith('events') || name.startsWith('backup')) {
        const ids = Array.from({ length: 5 }, (_, index) => `a-${count}-${name[0] ?? ''}-${index}`);
        await useLedger(ids);
        await expect(backupLedger({ url: ledgerUrl, folder })).rejects.toMatchObject(damaged);
      }
      rmSync(path, { recursive: true });
      renameSync(original, path);
    }
    expect((await verifyBackup({ folder })).holds).toBe(true);
  });

  it('is written beside links and pipes under the names of unfinished files', async () => {
    const victim = join(root, `victim-${count}`);
    writeFileSync(victim, 'of somebody else');
    for (const name of ['backup.json.partial', 'events.partial', 'events-merged.partial'])
      symlinkSync(victim, join(folder, name));
    execFileSync('mkfifo', [join(folder, 'checkpoints.partial')]);
    await useLedger([`b-${count}`]);
    await backupLedger({ url: ledgerUrl, folder });
    expect(readFileSync(victim, 'utf8')).toBe('of somebody else');
    for (const name of filesOf()) expect(lstatSync(join(folder, name)).isFile()).toBe(true);
    expect((await verifyBackup({ folder })).holds).toBe(true);
  });

  it('is refused under a name that is too long, with one line', async () => {
    const long = join(root, 'x'.repeat(300));
    await expect(verifyBackup({ folder: long })).rejects.toMatchObject({ code: 'backup_refused' });
    const error: unknown = await backupLedger({ url: ledgerUrl, folder: long }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).toMatch(/^[^\n]*ENAMETOOLONG[^\n]*$/);
  });
});

it('two backups that begin at once in one folder: one is written, and holds', async () => {
  const both = join(root, 'both');
  const runs = [1, 2].map(() => backupLedger({ url: ledgerUrl, folder: both }));
  const results = await Promise.allSettled(runs);
  const refused = results.flatMap((each) =>
    each.status === 'rejected' ? [(each.reason as Error).message] : [],
  );
  expect(refused).toHaveLength(1);
  expect(refused[0]).toContain(
    `another backup is being written into "${both}" (process ${process.pid} on `,
  );
  expect((await verifyBackup({ folder: both })).holds).toBe(true);
});

describe('a file of keys that is made to cost', () => {
  const opening = { by: 'passphrase', passphrase: 'known to the attacker' } as const;

  /** Tries to open a file with a header, and gives the refusal. */
  async function attempt(header: string, by: Parameters<typeof restoreKeys>[1]['opening']) {
    const path = join(root, `keys-${count}`);
    writeFileSync(path, `age-encryption.org/v1\n${header}`);
    const error: unknown = await restoreKeys(ledgerUrl, { path, opening: by }, new Set()).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'keys_file' });
    return (error as Error).message;
  }

  const part = (bytes: number): string =>
    Buffer.alloc(bytes, 7).toString('base64').replaceAll('=', '');

  it.each([21, 40, 62, Number.MAX_SAFE_INTEGER])(
    'asks for 2^%d steps for the passphrase, and none is made',
    async (workFactor) => {
      const stanza = `-> scrypt ${part(16)} ${workFactor}\n${part(32)}\n`;
      expect(await attempt(`${stanza}--- ${part(32)}\n`, opening)).toMatch(
        /work factor is too high/,
      );
    },
  );

  it('has a million recipients, and none is tried', async () => {
    const { generateX25519Identity } = await import('age-encryption');
    const identities = [await generateX25519Identity()];
    const stanzas = `-> X25519 ${part(32)}\n${part(32)}\n`.repeat(1_000_000);
    const message = await attempt(`${stanzas}--- ${part(32)}\n`, { by: 'identities', identities });
    expect(message).toMatch(/its header is longer than 65536 bytes/);
  });

  it('has no end, as the file of a passphrase too', () => {
    expect(() => readPassphrase('/dev/zero')).toThrow(/is longer than 65536 bytes/);
  });

  it('is not written for more recipients than can be read', async () => {
    const recipients = Array.from({ length: 21 }, () => 'age1x');
    const keys = { path: join(root, 'many.age'), seal: { to: 'recipients', recipients } } as const;
    await expect(backupLedger({ url: ledgerUrl, folder, keys })).rejects.toThrow(
      '21 recipients are given; the limit is 20',
    );
  });
});
