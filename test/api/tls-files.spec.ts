import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { readSettings, TlsFiles, type TlsNotice } from '@penalty-ledger/api';
import { expiredTls, testTls } from '../support/eventstoredb/test-certificate.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const write = (pair: { readonly certificate: Buffer; readonly key: Buffer }): void => {
  writeFileSync(cert, pair.certificate);
  writeFileSync(key, pair.key);
};

let files: TlsFiles;
let used: Buffer[];
let notices: TlsNotice[];
let stop: () => void;

beforeEach(() => {
  jest.useFakeTimers();
  write(testTls);
  files = TlsFiles.read(readSettings({ LEDGER_TLS_CERT: cert, LEDGER_TLS_KEY: key }))!;
  [used, notices] = [[], []];
  const setSecureContext = (options: SecureContextOptions): void => {
    used.push(options.cert as Buffer);
  };
  stop = files.watch({ setSecureContext }, (notice) => notices.push(notice));
});

afterEach(() => {
  stop();
  jest.useRealTimers();
});

const look = (): void => {
  jest.advanceTimersByTime(10_000);
};

it('files that stay as they are are not news', () => {
  look();
  expect([used, notices]).toEqual([[], []]);
});

it('a renewed pair is used, and its expiry is told', () => {
  expect(files.expiresAt).toBe('2126-10-31T01:28:30.000Z');
  write(expiredTls);
  look();
  expect(used).toEqual([expiredTls.certificate]);
  expect(notices).toEqual([{ kind: 'renewed', expiresAt: '2026-11-28T20:30:30.000Z' }]);
  expect(files.expiresAt).toBe('2026-11-28T20:30:30.000Z');
});

it.each([
  ['one file without the other', () => writeFileSync(cert, expiredTls.certificate), /belongs/],
  ['an empty file', () => writeFileSync(cert, ''), /belongs/],
  ['a file that is gone', () => rmSync(key), /LEDGER_TLS_KEY: cannot read ".*key\.pem"/],
])('%s is told once, and the pair in use stays', (_, spoil, problem) => {
  spoil();
  look();
  look();
  expect(used).toEqual([]);
  expect(notices).toEqual([
    { kind: 'unusable', problem: expect.stringMatching(problem) as string },
  ]);
  write(expiredTls);
  look();
  expect(used).toEqual([expiredTls.certificate]);
});

it('a service without files of a certificate has none to look at', () => {
  expect(TlsFiles.read(readSettings({}))).toBeUndefined();
});
