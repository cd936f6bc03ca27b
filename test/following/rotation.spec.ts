import { readStatus, statusFileOf } from '@penalty-ledger/application/following';
import { promoteLedger, SourceConnection } from '@penalty-ledger/application/following';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { join } from 'node:path';
import { testService } from '../api/service.js';
import { temporaryFolder } from '../support/folder.js';
import { admit, followOnce } from './copies.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const held = testService(undefined, { LEDGER_SHARE_KEYS: '1' });
const urlOf = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;

const administrator = (): string => held.current.tokens['administrator']!;
const follow = (name: string, more: { readonly key?: string; readonly withKeys?: boolean }) =>
  followOnce(held.current.serving.url, urlOf(name), { token: administrator(), ...more });
const signed = (): Promise<unknown> =>
  held.current.ask('POST', '/checkpoints', { as: administrator() });
const currentKey = async (): Promise<string> =>
  (await held.current.get('/verifier-key')).text.trim();

async function rotate(): Promise<void> {
  const { status } = await held.current.ask('POST', '/signing-key/rotate', { as: administrator() });
  expect(status).toBe(200);
}

it('copies follow a ledger that changes its key, from before, between and after', async () => {
  await admit(held.current, 'a1');
  await signed();
  const first = await currentKey();
  await follow('before', { key: first, withKeys: true });
  await rotate();
  await admit(held.current, 'a2');
  await signed();
  const second = await currentKey();
  expect(second).not.toBe(first);
  await follow('between', { key: second });
  await rotate();
  await admit(held.current, 'a3');
  await signed();
  const third = await currentKey();
  for (const [name, key] of [
    ['before', first],
    ['between', second],
    ['after', third],
  ] as const) {
    const withKeys = name === 'before';
    const { events, verifiedUpTo } = await follow(name, { key, withKeys });
    expect([name, verifiedUpTo]).toEqual([name, events]);
    // Started again with the key it was begun with, and with the one of today.
    for (const given of [key, third]) await follow(name, { key: given, withKeys });
    expect(readStatus(statusFileOf(join(folder, `${name}.db`)))?.state).toBe('stopped');
    expect(await verifyLedger({ url: urlOf(name) })).toMatchObject({ holds: true });
  }
  await expect(follow('other', { key: first })).rejects.toMatchObject({ code: 'source_refused' });
});

it('a copy that has followed across it is promoted, and signs with the key of then', async () => {
  const key = await currentKey();
  await rotate();
  const source = new SourceConnection({ url: held.current.serving.url, token: administrator() });
  const next = await currentKey();
  const { checkpoint } = await promoteLedger({
    url: urlOf('before'),
    source,
    formerWriterIsStopped: false,
    acceptsLostTexts: false,
  });
  source.close();
  expect(next).not.toBe(key);
  expect(checkpoint).toContain(`— ${next.split('+')[0]!} `);
  expect(await verifyLedger({ url: urlOf('before') })).toMatchObject({ holds: true });
});
