import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { spawnSync } from 'node:child_process';
import {
  applyLines,
  KeyStore,
  openLedger,
  readLines,
  simulationRules,
} from '@penalty-ledger/application';
import { signingKeyName } from '@penalty-ledger/application/key-store';
import { openLog } from '@penalty-ledger/application/open-log';
import { temporaryFolder } from '../support/folder.js';
import { instant } from '../support/given.js';

const folder = temporaryFolder();
const main = join(__dirname, '..', '..', 'apps', 'cli', 'bin', 'ledger.js');
let next = 0;

/** A ledger in which an agency was admitted, closed and so signed for, with a copy of its keys. */
async function signedLedger() {
  next += 1;
  const stem = join(folder, `ledger-${next}`);
  const url = `sqlite:${stem}.db`;
  const file = (part: string): string => `${stem}.${part}.db`;
  await record(url, 'a1');
  copyFileSync(file('keys'), `${stem}.keys.backup`);
  return { url, file, backup: `${stem}.keys.backup` };
}

async function record(url: string, agencyId: string): Promise<void> {
  const opened = await openLedger({ url, simulation: true, openedAt: instant('2019-01-01 00:00') });
  try {
    const line = {
      at: '2019-01-02T09:00:00+08:00',
      command: 'AdmitAgency',
      data: { agencyId, name: 'Agency' },
    };
    const given = readLines(Readable.from([Buffer.from(`${JSON.stringify(line)}\n`)]));
    const rules = simulationRules(opened.ledger.clock);
    for await (const batch of applyLines(given, rules, { send: opened.send }))
      for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  } finally {
    await opened.close();
  }
}

async function checkpointsOf(url: string): Promise<readonly string[]> {
  const log = await openLog(url);
  const notes = log.sequencer.checkpoints.map(({ note }) => note);
  await log.close();
  return notes;
}

async function sign(url: string): Promise<string> {
  const log = await openLog(url);
  try {
    return await log.checkpoint();
  } finally {
    await log.close();
  }
}

const lost = { code: 'signing_key_lost' };

test('without the key that signed, nothing is signed and no other key is made', async () => {
  const { url, file } = await signedLedger();
  const before = await checkpointsOf(url);
  rmSync(file('keys'));
  await expect(sign(url)).rejects.toMatchObject(lost);
  await expect(sign(url)).rejects.toThrow(file('keys'));
  expect(await checkpointsOf(url)).toEqual(before);
  const keys = KeyStore.open(file('keys'));
  expect(keys.findSigningKey(before[0]!.split('\n')[0]!)).toBeUndefined();
  keys.close();
});

test('nothing is recorded that could not be signed for', async () => {
  const { url, file, backup } = await signedLedger();
  rmSync(file('keys'));
  await expect(record(url, 'a2')).rejects.toMatchObject(lost);
  copyFileSync(backup, file('keys'));
  await record(url, 'a2');
  expect(await checkpointsOf(url)).toHaveLength(2);
});

test('another key of the same name is refused, too', async () => {
  const { url, file } = await signedLedger();
  rmSync(file('keys'));
  const [note = ''] = await checkpointsOf(url);
  const keys = KeyStore.open(file('keys'));
  keys.signer(note.split('\n')[0]!);
  keys.close();
  await expect(sign(url)).rejects.toMatchObject(lost);
  await expect(record(url, 'a2')).rejects.toThrow('is not the one that signed');
});

test('when the log is moved away, a new key signs the same events from the beginning', async () => {
  const { url, file } = await signedLedger();
  const [old = ''] = await checkpointsOf(url);
  rmSync(file('keys'));
  renameSync(file('log'), `${file('log')}.old`);
  const anew = await sign(url);
  const signedText = (note: string): string => note.split('\n\n')[0]!;
  expect(signedText(anew)).toBe(signedText(old));
  expect(anew).not.toBe(old);
});

test('the command says what is missing, where, and what to do', async () => {
  const { url, file } = await signedLedger();
  rmSync(file('keys'));
  for (const verb of ['checkpoint', 'keys']) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, verb, '--store', url], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain(`${file('keys')} has no key "penalty-ledger-`);
    expect(stderr).toContain('restore the key file from its backup');
  }
});

test('the name of the key is the origin of what it signs', async () => {
  const { url } = await signedLedger();
  const log = await openLog(url);
  const name = signingKeyName(log.settings.ledgerId);
  expect(log.verifierKey.startsWith(`${name}+`)).toBe(true);
  expect(log.sequencer.latest?.checkpoint.origin).toBe(name);
  await log.close();
});
