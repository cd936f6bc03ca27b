import { openReader } from '@penalty-ledger/application';
import { promoteLedger, SourceConnection } from '@penalty-ledger/application/following';
import { KeyStore } from '@penalty-ledger/application/key-store';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { testService } from '../api/service.js';
import { temporaryFolder } from '../support/folder.js';
import { admit, followOnce } from './copies.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const sharing = testService(undefined, { LEDGER_SHARE_KEYS: '1' });
const apart = testService();

describe('a copy with keys', () => {
  const url = `sqlite:${join(folder, 'with.db')}`;
  const keyFile = join(folder, 'with.keys.db');
  const administrator = () => sharing.current.tokens['administrator']!;
  const follow = (withKeys: boolean) =>
    followOnce(sharing.current.serving.url, url, { token: administrator(), withKeys });

  it('opens names, also those of events that were copied without keys', async () => {
    await admit(sharing.current, 'a1');
    await follow(false);
    const a2 = { agencyId: 'a2', name: '机构 a2', legalPersonId: 'lp-1' };
    await sharing.current.given(['AdmitAgency', a2]);
    await follow(true);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const { reader, close } = await openReader(url);
    const names = [await reader.nameOf('a1'), await reader.nameOf('a2')];
    await close();
    const keys = KeyStore.open(keyFile);
    expect(keys.stateOf('legal-persons')).toBe('held');
    keys.close();
    expect(names).toEqual(['机构 a1', '机构 a2']);
  });

  it('destroys the key of a subject that was erased', async () => {
    await sharing.current.ask('POST', '/erasures', {
      body: { subject: 'agency:a1' },
      as: administrator(),
    });
    await follow(true);
    const keys = KeyStore.open(keyFile);
    expect([keys.stateOf('agency:a1'), keys.stateOf('agency:a2')]).toEqual(['destroyed', 'held']);
    keys.close();
  });

  it('is promoted without a key file', async () => {
    const source = new SourceConnection({
      url: sharing.current.serving.url,
      token: administrator(),
    });
    const promoted = await promoteLedger({
      url,
      source,
      formerWriterIsStopped: false,
      acceptsLostTexts: false,
    });
    source.close();
    expect(promoted).toMatchObject({ formerWriter: 'fenced' });
  });
});

describe('keys are apart', () => {
  it('unless the service shares them, and with an administrator alone', async () => {
    const { serving, tokens } = apart.current;
    const to = `sqlite:${join(folder, 'apart.db')}`;
    const attempt = (url: string, token: string) => followOnce(url, to, { token, withKeys: true });
    await expect(attempt(serving.url, tokens['administrator']!)).rejects.toMatchObject({
      code: 'source_forbids',
      hint: { en: expect.stringMatching(/LEDGER_SHARE_KEYS=1/) as string },
    });
    await expect(attempt(serving.url, tokens['auditor']!)).rejects.toMatchObject({
      code: 'source_forbids',
    });
  });
});
