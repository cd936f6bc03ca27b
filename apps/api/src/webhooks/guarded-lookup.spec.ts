import type { LookupAddress } from 'node:dns';
import { allowedTargets } from '@penalty-ledger/application/webhooks';
import { guardedLookup } from './guarded-lookup.js';

const allowed = allowedTargets('localhost:443,hooks.lan:443')!;

/** The addresses that a connection is given when a name resolves to `addresses`. */
function resolved(hostname: string, addresses: readonly string[]): Promise<readonly string[]> {
  const answer = addresses.map((address): LookupAddress => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
  const resolve = ((
    _name: string,
    _options: object,
    done: (error: null, found: LookupAddress[]) => void,
  ) => done(null, answer)) as unknown as Parameters<typeof guardedLookup>[2];
  return new Promise((done, fail) => {
    guardedLookup(new URL(`https://${hostname}/`), allowed, resolve)(
      hostname,
      { all: true },
      (error, found) => {
        if (error !== null) fail(error);
        else done((found as LookupAddress[]).map(({ address }) => address));
      },
    );
  });
}

describe('a name', () => {
  it('leads where it resolves to, when every address is public', async () => {
    expect(await resolved('hooks.example.com', ['8.8.8.8', '2606:4700::1'])).toEqual([
      '8.8.8.8',
      '2606:4700::1',
    ]);
  });

  it.each([['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254'], ['::1'], ['::ffff:10.0.0.1']])(
    'that also resolves to %s leads nowhere',
    async (address) => {
      await expect(resolved('hooks.example.com', ['8.8.8.8', address])).rejects.toThrow(address);
    },
  );

  it('that is localhost leads to this machine alone', async () => {
    expect(await resolved('localhost', ['127.0.0.1', '::1'])).toHaveLength(2);
    await expect(resolved('localhost', ['8.8.8.8'])).rejects.toThrow('8.8.8.8');
  });

  it('that the service allows leads into a private network', async () => {
    expect(await resolved('hooks.lan', ['10.0.0.1'])).toEqual(['10.0.0.1']);
    await expect(resolved('hooks.lan', ['127.0.0.1'])).rejects.toThrow('127.0.0.1');
  });

  it('without an address leads nowhere', async () => {
    await expect(resolved('hooks.example.com', [])).rejects.toThrow('no address');
  });
});
