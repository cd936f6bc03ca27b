import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger, openReader, systemClock } from '@penalty-ledger/application';
import { TestService } from '../api/service.js';
import { temporaryFolder } from '../support/folder.js';
import { admit, followOnce } from './copies.js';

jest.setTimeout(60_000);

let service: TestService;

// Hooks run in the order they are declared, and a service is closed before its folder goes.
afterAll(async () => {
  await service.serving.close();
  delete process.env['LEDGER_KEYS'];
  delete process.env['LEDGER_ACCESS'];
});

const folder = temporaryFolder();
const secret = join(folder, 'secret');
const keysFile = join(secret, 'keys.db');
const accessFile = join(secret, 'access.db');

beforeAll(async () => {
  mkdirSync(secret);
  process.env['LEDGER_KEYS'] = keysFile;
  process.env['LEDGER_ACCESS'] = accessFile;
  service = await TestService.start(join(folder, 'one'), undefined, { LEDGER_SHARE_KEYS: '1' });
  await admit(service, 'a1');
});

it('a service has its keys and API keys there, and none beside its events', () => {
  for (const name of ['ledger.keys.db', 'ledger.access.db'])
    expect(existsSync(join(folder, 'one', name))).toBe(false);
  expect([keysFile, accessFile].every((file) => existsSync(file))).toBe(true);
});

it.each([
  ['beside its events', 'beside', undefined],
  ['where it says itself', 'apart', join(folder, 'follower.keys.db')],
])('a copy that follows it has keys of its own, %s', async (_, name, ownFile) => {
  const { serving, tokens } = service;
  const to = `sqlite:${join(folder, name, 'ledger.db')}`;
  const token = tokens['administrator']!;
  await followOnce(serving.url, to, { token, withKeys: true, elsewhere: { keysFile: ownFile } });
  process.env['LEDGER_KEYS'] = ownFile ?? join(folder, name, 'ledger.keys.db');
  try {
    const { reader, close } = await openReader(to);
    expect(await reader.nameOf('a1')).toBe('机构 a1');
    await close();
  } finally {
    process.env['LEDGER_KEYS'] = keysFile;
  }
});

it('another ledger is not opened with these keys', async () => {
  const url = `sqlite:${join(folder, 'other', 'ledger.db')}`;
  const open = (elsewhere?: object) =>
    openLedger({ url, simulation: false, openedAt: systemClock.now(), ...elsewhere });
  await expect(open()).rejects.toMatchObject({
    code: 'keys_of_another_ledger',
    message: expect.stringMatching(/a new ledger needs a key file of its own$/) as string,
  });
  await (await open({ elsewhere: {} })).close();
  await expect(open()).rejects.toMatchObject({ code: 'keys_of_another_ledger' });
  await expect(openReader(url)).rejects.toMatchObject({ code: 'keys_of_another_ledger' });
});
