import { readSettings, serve } from '@penalty-ledger/api';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, get, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expiredTls, testAuthority, testTls } from '../support/eventstoredb/test-certificate.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const settings = readSettings({
  LEDGER_STORE: `sqlite:${join(folder, 'ledger.db')}`,
  LEDGER_PORT: '0',
  LEDGER_LOG_LEVEL: 'silent',
  LEDGER_TLS_CERT: cert,
  LEDGER_TLS_KEY: key,
});
const fingerprint = (pem: Buffer): string => new X509Certificate(pem).fingerprint256;

beforeEach(() => {
  writeFileSync(cert, testTls.certificate);
  writeFileSync(key, testTls.key);
});

/** The fingerprint of the certificate that a new connection gets. */
async function presentedAt({ hostname, port }: URL): Promise<string> {
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function answer(url: URL, options: RequestOptions): Promise<number | undefined> {
  const [message] = (await once(get(url, options), 'response')) as [IncomingMessage];
  message.resume();
  await once(message, 'end');
  return message.statusCode;
}

it('new connections get a renewed certificate, and half a pair changes nothing', async () => {
  const serving = await serve(settings);
  const agent = new Agent({ keepAlive: true, ca: testAuthority, maxSockets: 1 });
  try {
    const url = new URL('/health/live', serving.url);
    expect(await answer(url, { agent })).toBe(200);
    writeFileSync(cert, expiredTls.certificate);
    await pause(2_500);
    expect(await presentedAt(url)).toBe(fingerprint(testTls.certificate));
    writeFileSync(key, expiredTls.key);
    while ((await presentedAt(url)) !== fingerprint(expiredTls.certificate)) await pause(100);
    // The agent refuses an expired certificate, and so this is still its first connection.
    expect(await answer(url, { agent })).toBe(200);
    await expect(answer(url, { ca: expiredTls.authority, agent: false })).rejects.toThrow(
      /expired/,
    );
  } finally {
    agent.destroy();
    await serving.close();
  }
}, 20_000);

it.each([
  ['another key', () => writeFileSync(key, expiredTls.key)],
  ['a certificate that is none', () => writeFileSync(cert, 'nonsense')],
])('a service with %s does not start, and names both variables', async (_, spoil) => {
  spoil();
  await expect(serve(settings)).rejects.toThrow(
    /^LEDGER_TLS_CERT and LEDGER_TLS_KEY: give a certificate and the private key that belongs/,
  );
});

it('TLS 1.1 is not spoken', async () => {
  const serving = await serve(settings);
  try {
    const { hostname: host, port } = new URL(serving.url);
    const socket = connect({
      host,
      port: Number(port),
      rejectUnauthorized: false,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/ALERT_PROTOCOL_VERSION/);
  } finally {
    await serving.close();
  }
});
