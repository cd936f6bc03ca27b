import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  applyLines,
  importRules,
  openLedger,
  openReader,
  readLines,
  systemClock,
  KeyStore,
} from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { ApiKeys } from '@penalty-ledger/application/api-keys';
import { FourEyes } from '@penalty-ledger/application/four-eyes';
import { AccessLog, Anchors, verifyAccessLog } from '@penalty-ledger/application/access-log';
import {
  backupLedger,
  erasedIn,
  restoreKeys,
  restoreLedger,
  verifyBackup,
  type KeysWanted,
} from '@penalty-ledger/application/backing-up';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { Webhooks, WebhookSecrets } from '@penalty-ledger/application/webhooks';
import { plusHours } from '@penalty-ledger/ledger';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { temporaryFolder } from '../support/folder.js';

const root = temporaryFolder();
let folder: string;
let count = 0;

beforeEach(() => {
  count += 1;
  folder = join(root, String(count));
  mkdirSync(folder);
});

const inFolder = (name: string): string => join(folder, name);
const urlOf = (name: string): string => `sqlite:${inFolder(`${name}/ledger.db`)}`;

/** Agencies, each with a name and a deduction whose notice is sealed: four events. */
const linesOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => {
    const agencyId = `a${from + index}`;
    const effectiveAt = '2019-02-01T10:00:00+08:00';
    return [
      { command: 'AdmitAgency', data: { agencyId, name: `机构${agencyId}`, effectiveAt } },
      {
        command: 'RecordDeduction',
        data: {
          deductionId: `d-${agencyId}`,
          agencyId,
          points: 10,
          clause: 'improper-operation',
          occurredAt: effectiveAt,
          // Its window has closed: it holds no key.
          notifiedAt: effectiveAt,
          effectiveAt,
          notice: { text: `通知${agencyId}` },
        },
      },
    ].map((line) => `${JSON.stringify(line)}\n`);
  })
    .flat()
    .join('');

async function record(name: string, from: number, to: number): Promise<void> {
  const opened = await openLedger({
    url: urlOf(name),
    simulation: false,
    openedAt: systemClock.now(),
  });
  const { send } = opened;
  const bytes = async function* () {
    yield await Promise.resolve(Buffer.from(linesOf(from, to)));
  };
  for await (const batch of applyLines(readLines(bytes()), importRules(systemClock), { send }))
    for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  await opened.close();
}

async function erase(name: string, subject: string): Promise<void> {
  const opened = await openLedger({
    url: urlOf(name),
    simulation: false,
    openedAt: systemClock.now(),
  });
  const { status } = await opened.ledger.erase({ subject }, 'o1', systemClock.now());
  expect(status).toBe('accepted');
  await opened.close();
}

async function exported(name: string): Promise<string> {
  const store = openSqliteEventStore(inFolder(`${name}/ledger.db`), { access: 'read' });
  let text = '';
  for await (const batch of store.readAll()) text += batch.map(({ body }) => `${body}\n`).join('');
  await store.close();
  return text;
}

const segmentsOf = (backup: string, sequence = 'events'): string[] =>
  readdirSync(inFolder(backup))
    .filter((name) => name.startsWith(`${sequence}-`))
    .sort();

/** The lines in a backup, read without its program. */
const linesIn = (backup: string, sequence = 'events'): string =>
  segmentsOf(backup, sequence)
    .map((name) => gunzipSync(readFileSync(inFolder(join(backup, name)))).toString())
    .join('');

const backUp = (name: string, backup: string, keys?: KeysWanted) =>
  backupLedger({ url: urlOf(name), folder: inFolder(backup), keys });

const unencrypted = (name: string): KeysWanted => ({
  path: inFolder(name),
  seal: { to: 'nobody' },
});

async function nameOf(name: string, agencyId: string): Promise<unknown> {
  const { reader, close } = await openReader(urlOf(name));
  const found = await reader.nameOf(agencyId);
  await close();
  return found;
}

describe('a backup', () => {
  it('holds the export to the byte, and takes only what is new', async () => {
    await record('ledger', 0, 3);
    const first = await backUp('ledger', 'saved');
    expect(first.added).toBe(first.events);
    expect(linesIn('saved')).toBe(await exported('ledger'));
    const before = readFileSync(inFolder(join('saved', segmentsOf('saved')[0]!)));

    await record('ledger', 3, 4);
    expect(await backUp('ledger', 'saved')).toMatchObject({
      added: 2,
      events: first.events + 2,
      checkpoints: 2,
      signedEvents: first.events + 2,
    });
    expect(linesIn('saved')).toBe(await exported('ledger'));
    expect(readFileSync(inFolder(join('saved', segmentsOf('saved')[0]!)))).toEqual(before);
    expect(await backUp('ledger', 'saved')).toMatchObject({ added: 0 });
    expect(await verifyBackup({ folder: inFolder('saved') })).toMatchObject({
      holds: true,
      events: first.events + 2,
    });
  });

  it('is readable by its owner alone, and holds no key', async () => {
    await record('ledger', 0, 1);
    await backUp('ledger', 'saved', unencrypted('keys'));
    for (const name of readdirSync(inFolder('saved')))
      expect(statSync(inFolder(join('saved', name))).mode & 0o777).toBe(0o600);
    expect(statSync(inFolder('saved')).mode & 0o777).toBe(0o700);
    expect(statSync(inFolder('keys')).mode & 0o777).toBe(0o600);
    expect(readFileSync(inFolder('keys'), 'utf8')).toContain('"subject":"agency:a0"');
  });

  it('refuses another ledger, a shorter or a forked one, and a folder of other files', async () => {
    await record('ledger', 0, 2);
    cpSync(inFolder('ledger'), inFolder('older'), { recursive: true });
    await record('ledger', 2, 3);
    await backUp('ledger', 'saved');
    await record('other', 0, 1);
    await expect(backUp('other', 'saved')).rejects.toThrow(/is a backup of the ledger .* another/);
    await expect(backUp('older', 'saved')).rejects.toThrow('does not have the last event');
    await record('older', 5, 8);
    await expect(backUp('older', 'saved')).rejects.toThrow('it is another history');
    await expect(backUp('ledger', 'other')).rejects.toThrow('is not a backup');
    expect((await verifyBackup({ folder: inFolder('saved') })).holds).toBe(true);
    expect(await backUp('ledger', 'saved')).toMatchObject({ added: 0 });
  });

  it('refuses to begin again in a folder whose manifest is lost', async () => {
    await record('ledger', 0, 1);
    await backUp('ledger', 'saved');
    rmSync(inFolder('saved/backup.json'));
    await expect(backUp('ledger', 'saved')).rejects.toThrow('has lost its backup.json');
    expect(segmentsOf('saved')).toHaveLength(1);
  });

  it('removes what an interrupted run left, and nothing else', async () => {
    await record('ledger', 0, 1);
    await backUp('ledger', 'saved');
    writeFileSync(inFolder('saved/events.partial'), 'half');
    writeFileSync(
      inFolder('saved/events-000000000000003-000000000000009.ndjson.gz'),
      'of a run without a manifest',
    );
    writeFileSync(inFolder('saved/README'), 'kept');
    await record('ledger', 1, 2);
    await backUp('ledger', 'saved');
    expect(readdirSync(inFolder('saved')).sort()).toEqual([
      'README',
      'backup.json',
      'backup.json-lock',
      ...segmentsOf('saved', 'checkpoints'),
      ...segmentsOf('saved'),
    ]);
    expect((await verifyBackup({ folder: inFolder('saved') })).holds).toBe(true);
  });

  it('is found damaged when any byte of any file is another', async () => {
    await record('ledger', 0, 2);
    await serviceBeside('ledger', 3);
    await backUp('ledger', 'saved');
    const names = readdirSync(inFolder('saved')).filter((name) => !name.endsWith('-lock'));
    expect(names).toHaveLength(4);
    for (const name of names) {
      const path = inFolder(join('saved', name));
      const bytes = readFileSync(path);
      for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 40)) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1;
        writeFileSync(path, changed);
        const found = await verifyBackup({ folder: inFolder('saved') }).then(
          ({ holds }) => holds,
          () => false,
        );
        // The instant is the one thing in a backup that nothing else says.
        const isInstant =
          changed.toString().replace(/"madeAt":"[^"]*"/, '') ===
          bytes.toString().replace(/"madeAt":"[^"]*"/, '');
        if (!isInstant) expect([name, at, found]).toEqual([name, at, false]);
      }
      writeFileSync(path, bytes);
    }
    expect((await verifyBackup({ folder: inFolder('saved') })).holds).toBe(true);
  });

  it.each(['{"format":{"toString":1}}', `{"format":${'['.repeat(50_000)}${']'.repeat(50_000)}}`])(
    'is called damaged when the format is no number: %.30s',
    async (text) => {
      mkdirSync(inFolder('saved'));
      writeFileSync(inFolder('saved/backup.json'), text);
      await expect(verifyBackup({ folder: inFolder('saved') })).rejects.toMatchObject({
        code: 'backup_damaged',
        message: expect.stringMatching(/backup\.json" is damaged: its format is not 1/) as string,
      });
    },
  );

  it('is called damaged when its manifest is a folder', async () => {
    mkdirSync(inFolder('saved/backup.json'), { recursive: true });
    await expect(verifyBackup({ folder: inFolder('saved') })).rejects.toMatchObject({
      code: 'backup_damaged',
      message: expect.stringContaining('backup.json" is damaged: it is a folder') as string,
    });
  });

  it('is called damaged when a checkpoint has a note that is too long', async () => {
    await record('ledger', 0, 1);
    await backUp('ledger', 'saved');
    const [file = ''] = segmentsOf('saved', 'checkpoints');
    const bytes = gzipSync(`${JSON.stringify({ note: 'n'.repeat(4_097), size: 1 })}\n`);
    writeFileSync(inFolder(join('saved', file)), bytes);
    const path = inFolder('saved/backup.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
      checkpoints: { segments: object[] };
    };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    Object.assign(manifest.checkpoints.segments[0]!, { bytes: bytes.length, sha256 });
    writeFileSync(path, `${JSON.stringify(manifest)}\n`);
    await expect(verifyBackup({ folder: inFolder('saved') })).rejects.toMatchObject({
      code: 'backup_damaged',
      message: expect.stringMatching(/^line 1 of ".*gz" is damaged: its note has 4097/) as string,
    });
  });

  it('does not hold beside a checkpoint of events that it lacks', async () => {
    await record('ledger', 0, 2);
    await backUp('ledger', 'saved');
    await record('ledger', 2, 3);
    const log = await openLog(urlOf('ledger'));
    const bytes = Buffer.from(await log.checkpoint());
    await log.close();
    const files = [{ kind: 'checkpoint' as const, name: 'june', bytes }];
    expect((await verifyBackup({ folder: inFolder('saved'), files })).holds).toBe(false);
    await backUp('ledger', 'saved');
    expect((await verifyBackup({ folder: inFolder('saved'), files })).holds).toBe(true);
  });
});

describe('a restore', () => {
  it('gives the same events, tree, checkpoints and answers', async () => {
    await record('ledger', 0, 3);
    await backUp('ledger', 'saved', unencrypted('keys'));
    const restored = await restoreLedger({
      folder: inFolder('saved'),
      to: urlOf('restored'),
      keys: { path: inFolder('keys') },
    });
    expect(restored).toMatchObject({ already: 0, checkpoints: 1, keys: { subjects: 3 } });
    expect(await exported('restored')).toBe(await exported('ledger'));
    expect(await nameOf('restored', 'a1')).toBe('机构a1');
    expect(await verifyLedger({ url: urlOf('restored') })).toMatchObject({ holds: true });
    await record('restored', 3, 4);
  });

  it('continues after an interruption, and cannot be opened before', async () => {
    await record('ledger', 0, 3);
    await backUp('ledger', 'saved');
    await restoreLedger({ folder: inFolder('saved'), to: urlOf('restored') });
    writeFileSync(inFolder('restored/ledger.restoring'), '');
    const url = urlOf('restored');
    const unfinished = { code: 'restore_unfinished' };
    await expect(openReader(url)).rejects.toMatchObject(unfinished);
    await expect(verifyLedger({ url })).rejects.toMatchObject(unfinished);
    await expect(
      openLedger({ url, simulation: false, openedAt: systemClock.now() }),
    ).rejects.toMatchObject(unfinished);
    await record('ledger', 3, 4);
    await backUp('ledger', 'saved');
    expect(await restoreLedger({ folder: inFolder('saved'), to: url })).toMatchObject({
      copied: 2,
    });
    expect(await exported('restored')).toBe(await exported('ledger'));
  });

  it('refuses a target that holds anything, or began with another ledger', async () => {
    await record('ledger', 0, 1);
    await backUp('ledger', 'saved');
    await record('other', 0, 1);
    const to = urlOf('other');
    const before = await exported('other');
    await expect(restoreLedger({ folder: inFolder('saved'), to })).rejects.toMatchObject({
      code: 'restore_refused',
    });
    writeFileSync(inFolder('other/ledger.restoring'), '');
    await expect(restoreLedger({ folder: inFolder('saved'), to })).rejects.toMatchObject({
      code: 'keys_of_another_ledger',
    });
    renameSync(inFolder('other/ledger.keys.db'), inFolder('other/away.db'));
    await expect(restoreLedger({ folder: inFolder('saved'), to })).rejects.toMatchObject({
      code: 'copy_refused',
    });
    renameSync(inFolder('other/away.db'), inFolder('other/ledger.keys.db'));
    expect(await exported('other')).toBe(before);
  });

  it('never finishes from a damaged backup', async () => {
    await record('ledger', 0, 2);
    await backUp('ledger', 'saved');
    appendFileSync(inFolder(join('saved', segmentsOf('saved')[0]!)), 'x');
    await expect(
      restoreLedger({ folder: inFolder('saved'), to: urlOf('restored') }),
    ).rejects.toMatchObject({ code: 'backup_damaged' });
    await expect(openReader(urlOf('restored'))).rejects.toMatchObject({
      code: 'restore_unfinished',
    });
  });
});

describe('an erased subject', () => {
  it('gets no key back when the events say so', async () => {
    await record('ledger', 0, 2);
    await backUp('ledger', 'saved', unencrypted('keys'));
    await erase('ledger', 'agency:a0');
    await backUp('ledger', 'saved');
    const keys = { path: inFolder('keys') };
    const restored = await restoreLedger({
      folder: inFolder('saved'),
      to: urlOf('restored'),
      keys,
    });
    expect(restored.keys).toMatchObject({ subjects: 1, erased: ['agency:a0'] });
    expect(await nameOf('restored', 'a0')).toEqual({ withheld: 'erased' });
    expect(await nameOf('restored', 'a1')).toBe('机构a1');
    expect(readFileSync(inFolder('restored/ledger.keys.db')).includes(keyOf('agency:a0'))).toBe(
      false,
    );
  });

  it('gets no key back when a list says so, or the ledger that the keys are for', async () => {
    await record('ledger', 0, 2);
    await backUp('ledger', 'saved', unencrypted('keys'));
    const keys = { path: inFolder('keys') };
    const to = urlOf('restored');
    const erased = erasedIn('agency:a1\n', 'list');
    const restored = await restoreLedger({ folder: inFolder('saved'), to, keys, erased });
    expect(restored.keys?.erased).toEqual(['agency:a1']);
    expect(await nameOf('restored', 'a1')).toEqual({ withheld: 'erased' });

    await erase('ledger', 'agency:a0');
    expect(await restoreKeys(urlOf('ledger'), keys, new Set())).toMatchObject({
      subjects: 0,
      erased: ['agency:a0'],
    });
    // The key file itself may be an old copy, with the key.
    rmSync(inFolder('ledger/ledger.keys.db'));
    expect(await restoreKeys(urlOf('ledger'), keys, new Set())).toMatchObject({
      subjects: 1,
      erased: ['agency:a0'],
    });
    expect(await nameOf('ledger', 'a0')).toEqual({ withheld: 'erased' });
    expect(await nameOf('ledger', 'a1')).toBe('机构a1');
  });

  it('is read from a list of subjects and from an export', () => {
    expect(erasedIn('agency:a1\r\ncreator:c1\n', 'list')).toEqual(
      new Set(['agency:a1', 'creator:c1']),
    );
    expect(() => erasedIn('agency:a1\na1\n', 'list')).toThrow('line 2 of "list" is neither');
  });
});

/** The bytes of a subject's key in the file of keys that a test wrote without encryption. */
function keyOf(subject: string): Buffer {
  const [, key = ''] =
    new RegExp(`\\{"key":"([^"]+)","subject":"${subject}"\\}`).exec(
      readFileSync(inFolder('keys'), 'utf8'),
    ) ?? [];
  expect(key).not.toBe('');
  return Buffer.from(key, 'base64');
}

describe('a file of keys', () => {
  it('opens with each recipient and not without', async () => {
    const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
    const [one, other, stranger] = await Promise.all([
      generateX25519Identity(),
      generateX25519Identity(),
      generateX25519Identity(),
    ]);
    await record('ledger', 0, 1);
    const recipients = await Promise.all([one, other].map(identityToRecipient));
    const path = inFolder('keys.age');
    await backUp('ledger', 'saved', { path, seal: { to: 'recipients', recipients } });
    expect(readFileSync(path, 'latin1')).not.toContain('agency:a0');
    const open = (identity: string) =>
      restoreKeys(
        urlOf('ledger'),
        { path, opening: { by: 'identities', identities: [identity] } },
        new Set(),
      );
    expect(await open(one)).toMatchObject({ subjects: 0 });
    expect(await open(other)).toMatchObject({ subjects: 0 });
    await expect(open(stranger)).rejects.toMatchObject({ code: 'keys_file' });
    await expect(restoreKeys(urlOf('ledger'), { path }, new Set())).rejects.toThrow('encrypted');
  });

  it('is refused inside the folder, in place of another file, and for another ledger', async () => {
    await record('ledger', 0, 1);
    await record('other', 0, 1);
    await expect(backUp('ledger', 'saved', unencrypted('saved/keys'))).rejects.toThrow(
      'lies inside',
    );
    await expect(backUp('ledger', 'saved', unencrypted('ledger/ledger.keys.db'))).rejects.toThrow(
      'is not a backup of keys',
    );
    await backUp('ledger', 'saved', unencrypted('keys'));
    await expect(
      restoreKeys(urlOf('other'), { path: inFolder('keys') }, new Set()),
    ).rejects.toThrow('holds the keys of the ledger');
    const text = readFileSync(inFolder('keys'), 'utf8');
    writeFileSync(inFolder('keys'), text.slice(0, -20));
    await expect(
      restoreKeys(urlOf('ledger'), { path: inFolder('keys') }, new Set()),
    ).rejects.toThrow('is not a complete backup of keys');
  });
});

/** Makes what a service keeps beside a ledger: a webhook and some entries of the access log. */
async function serviceBeside(name: string, entries: number, cursor = '2'): Promise<string> {
  const stem = inFolder(`${name}/ledger`);
  const file = AccessFile.open(`${stem}.access.db`);
  const keys = KeyStore.open(`${stem}.keys.db`);
  const webhooks = new Webhooks(file, { secrets: new WebhookSecrets(() => keys) });
  if (webhooks.list().length === 0)
    webhooks.add({ url: 'https://hooks.example.com/' }, cursor, systemClock.now());
  const log = await AccessLog.open({
    path: `${stem}.access.ndjson`,
    anchors: new Anchors(file),
    clock: systemClock,
  });
  for (let entry = 0; entry < entries; entry += 1)
    await log.record({
      principal: 'key:1f0c9a3b7d4c',
      role: 'auditor',
      method: 'GET',
      route: '/agencies/:agencyId/balance',
      subject: { agencyId: 'a1' },
      status: 200,
      requestId: `r${entry}`,
    });
  await log.close();
  file.close();
  keys.close();
  return `${stem}.access.ndjson`;
}

describe('what a service keeps', () => {
  it('comes back: the log from the folder, webhooks with the keys', async () => {
    await record('ledger', 0, 2);
    await serviceBeside('ledger', 3);
    expect(await backUp('ledger', 'saved')).toMatchObject({ accessLog: 3 });
    const path = await serviceBeside('ledger', 2);
    // A line that is being written is not an entry yet.
    appendFileSync(path, '{"at":');
    expect(await backUp('ledger', 'saved', unencrypted('keys'))).toMatchObject({ accessLog: 5 });
    expect(linesIn('saved', 'access-log')).toBe(readFileSync(path, 'utf8').slice(0, -6));

    const restored = await restoreLedger({
      folder: inFolder('saved'),
      to: urlOf('restored'),
      keys: { path: inFolder('keys') },
    });
    expect(restored).toMatchObject({ accessLog: 5, keys: { access: 'restored' } });
    const file = AccessFile.open(inFolder('restored/ledger.access.db'));
    const keys = KeyStore.open(inFolder('restored/ledger.keys.db'));
    const webhooks = new Webhooks(file, { secrets: new WebhookSecrets(() => keys) });
    const [webhook] = webhooks.list();
    expect(webhook).toMatchObject({ cursor: '2' });
    expect(webhooks.secretsOf(webhook!.id, systemClock.now())).toHaveLength(1);
    keys.close();
    const anchors = new Anchors(file).all();
    file.close();
    expect(anchors.length).toBeGreaterThan(0);
    expect(await verifyAccessLog(inFolder('restored/ledger.access.ndjson'), anchors)).toMatchObject(
      { entries: 5, head: { seq: 4 } },
    );
    await serviceBeside('restored', 1);
  });

  it('comes back after the log was cut, and names what was cut before it was saved', async () => {
    await record('ledger', 0, 2);
    await serviceBeside('ledger', 2);
    await backUp('ledger', 'early');
    const path = await serviceBeside('ledger', 1);
    const file = AccessFile.open(inFolder('ledger/ledger.access.db'));
    const parts = { path, anchors: new Anchors(file), clock: systemClock };
    const log = await AccessLog.open(parts);
    const keys = KeyStore.open(inFolder('ledger/ledger.keys.db'));
    const { name } = keys.contents().signing[0]!;
    const soon = plusHours(systemClock.now(), 1);
    const cut = await log.cutBefore(soon, keys.signer(name), Number.MAX_SAFE_INTEGER);
    expect(cut).toMatchObject({ seq: 2 });
    await log.close();
    file.close();
    keys.close();
    expect(await backUp('ledger', 'saved')).toMatchObject({ accessLog: 1 });
    await serviceBeside('ledger', 2);
    expect(await backUp('ledger', 'saved', unencrypted('keys'))).toMatchObject({ accessLog: 3 });
    await expect(backUp('ledger', 'early')).rejects.toThrow('was cut off after entry 2');

    await restoreLedger({
      folder: inFolder('saved'),
      to: urlOf('restored'),
      keys: { path: inFolder('keys') },
    });
    const restored = inFolder('restored/ledger.access.ndjson');
    expect(readFileSync(restored, 'utf8')).toBe(readFileSync(path, 'utf8'));
    await serviceBeside('restored', 1);
    expect(await verifyAccessLog(restored)).toMatchObject({ entries: 4, cut: { seq: 2 } });
  });

  it.each([true, false])('waits for an administrator after a restore: %s', async (isOn) => {
    await record('ledger', 0, 1);
    await serviceBeside('ledger', 1);
    const file = AccessFile.open(inFolder('ledger/ledger.access.db'));
    new FourEyes(file, new ApiKeys(file)).switch(isOn, systemClock.now());
    file.close();
    await backUp('ledger', 'saved', unencrypted('keys'));
    const { keys } = await restoreLedger({
      folder: inFolder('saved'),
      to: urlOf('restored'),
      keys: { path: inFolder('keys') },
    });
    expect(keys?.awaitsAdministrator).toBe(isOn);
    const restored = AccessFile.open(inFolder('restored/ledger.access.db'));
    expect(new FourEyes(restored, new ApiKeys(restored)).awaitsRestore).toBe(isOn);
    const acts = restored.statement('SELECT access FROM unloggedActs').all();
    restored.close();
    expect(JSON.stringify(acts)).toMatch(/\\"route\\":\\"restore\\"/);
  });

  it('leaves no access file behind that cannot be opened, and keeps none', async () => {
    await record('ledger', 0, 1);
    await serviceBeside('ledger', 1);
    await backUp('ledger', 'saved', unencrypted('keys'));
    const access = inFolder('ledger/ledger.access.db');
    for (const ending of ['', '-wal', '-shm']) rmSync(`${access}${ending}`, { force: true });
    const good = readFileSync(inFolder('keys'), 'utf8');
    const garbage = Buffer.alloc(600, 'x').toString('base64');
    writeFileSync(inFolder('keys'), good.replace(/"access":"[^"]+"/, `"access":"${garbage}"`));
    const restore = () => restoreKeys(urlOf('ledger'), { path: inFolder('keys') }, new Set());
    await expect(restore()).rejects.toMatchObject({ code: 'keys_file' });
    expect(readdirSync(inFolder('ledger')).filter((name) => name.includes('access.db'))).toEqual(
      [],
    );
    writeFileSync(inFolder('keys'), good);
    expect(await restore()).toMatchObject({ access: 'restored' });
    expect(await restore()).toMatchObject({ access: 'kept' });
    writeFileSync(access, Buffer.alloc(600, 'x'));
    await expect(restore()).rejects.toMatchObject({ code: 'integrity' });
  });

  it('does not name events or entries that are later than the backup', async () => {
    await record('ledger', 0, 1);
    await serviceBeside('ledger', 2);
    const { events } = await backUp('ledger', 'saved');
    cpSync(inFolder('saved'), inFolder('older'), { recursive: true });
    await record('ledger', 1, 3);
    const file = AccessFile.open(inFolder('ledger/ledger.access.db'));
    const webhooks = new Webhooks(file);
    webhooks.moveCursor(webhooks.list()[0]!.id, String(events + 3));
    file.close();
    await serviceBeside('ledger', 2);
    await backUp('ledger', 'saved', unencrypted('keys'));
    await restoreLedger({
      folder: inFolder('older'),
      to: urlOf('restored'),
      keys: { path: inFolder('keys') },
    });
    const restored = AccessFile.open(inFolder('restored/ledger.access.db'));
    expect(new Webhooks(restored).list()).toMatchObject([{ cursor: String(events) }]);
    restored.close();
    await serviceBeside('restored', 1);
  });

  it('refuses an access log that was replaced, after the events are saved', async () => {
    await record('ledger', 0, 1);
    const path = await serviceBeside('ledger', 3);
    await backUp('ledger', 'saved');
    rmSync(path);
    rmSync(inFolder('ledger/ledger.access.db'));
    await serviceBeside('ledger', 4);
    await record('ledger', 1, 2);
    await expect(backUp('ledger', 'saved')).rejects.toThrow('does not continue the 3 entries');
    expect(linesIn('saved')).toBe(await exported('ledger'));
    expect(await verifyBackup({ folder: inFolder('saved') })).toMatchObject({ holds: true });
  });
});

it('a second backup into one folder is refused while the first is being written', async () => {
  await record('ledger', 0, 1);
  await backUp('ledger', 'saved');
  const lock = inFolder('saved/backup.json-lock');
  expect(existsSync(lock)).toBe(true);
  const holder = `
    const { DatabaseSync } = require('@photostructure/sqlite');
    const database = new DatabaseSync(${JSON.stringify(lock)});
    database.exec('BEGIN EXCLUSIVE');
    const { spawnSync } = require('node:child_process');
    const { status, stderr } = spawnSync(process.execPath,
      ['apps/cli/bin/ledger.js', 'backup', ${JSON.stringify(inFolder('saved'))},
       '--store', ${JSON.stringify(urlOf('ledger'))}]);
    console.log(status, String(stderr));`;
  const printed = execFileSync(process.execPath, ['-e', holder], { encoding: 'utf8' });
  expect(printed).toMatch(/^2 error: another backup is being written into/);
});
