import { join, resolve } from 'node:path';
import {
  locationOf,
  secondLocationOf,
  StoreUrlError,
  storeUrlStart,
  withoutCredentials,
} from '@penalty-ledger/application';

describe('a store URL', () => {
  it('of a file has everything beside it, whatever LEDGER_DATA says', () => {
    const location = locationOf('sqlite:x/ledger.db', { LEDGER_DATA: 'elsewhere' });
    expect(location).toEqual({
      engine: 'sqlite',
      url: 'sqlite:x/ledger.db',
      events: resolve('x/ledger.db'),
      keys: resolve('x/ledger.keys.db'),
      readModels: resolve('x/ledger.views.db'),
      log: resolve('x/ledger.log.db'),
      packs: resolve('x/ledger.packs'),
      evidence: resolve('x/ledger.evidence'),
      access: resolve('x/ledger.access.db'),
      anchors: resolve('x/ledger.access.db'),
      accessLog: resolve('x/ledger.access.ndjson'),
      restoring: resolve('x/ledger.restoring'),
    });
  });

  it('of a file has its keys and its access file where the environment says', () => {
    const environment = { LEDGER_KEYS: 'k/keys.db', LEDGER_ACCESS: 'k/access.db' };
    const access = resolve('k/access.db');
    expect(locationOf('sqlite:x/ledger.db', environment)).toEqual({
      ...locationOf('sqlite:x/ledger.db', {}),
      keys: resolve('k/keys.db'),
      access,
      anchors: access,
    });
  });

  it.each(['sqlite:x/ledger.db', 'esdb://h:2113'])(
    'of a second ledger has its files where it says itself: %s',
    (url) => {
      const environment = { LEDGER_KEYS: 'k/keys.db', LEDGER_ACCESS: 'k/access.db' };
      expect(secondLocationOf(url, {}, environment)).toEqual(locationOf(url, {}));
      const keysFile = 'own.keys.db';
      expect(secondLocationOf(url, { keysFile }, environment)).toEqual({
        ...locationOf(url, {}),
        keys: resolve(keysFile),
      });
    },
  );

  it('of an engine names its files in LEDGER_DATA, and shared files of keys and access', () => {
    const location = locationOf('esdb+discover://officer:s3cret@cluster.example:2113?ledger=mcn', {
      LEDGER_DATA: '/d',
      LEDGER_KEYS: '/k/keys.db',
      LEDGER_ACCESS: '/k/access.db',
    });
    expect(location).toMatchObject({ engine: 'eventstoredb', insecure: false, keys: '/k/keys.db' });
    expect(location.access).toBe('/k/access.db');
    expect(location.anchors).toMatch(/^\/d\/.*\.access\.db$/);
    expect(location.readModels).toMatch(
      /^\/d\/esdb-cluster\.example-2113-mcn-[0-9a-f]{8}\.views\.db$/,
    );
    expect([location.url, location.log, location.readModels].join(' ')).not.toMatch(
      /officer|s3cret/,
    );
    expect(locationOf('esdb://h:2113').log).toMatch(
      new RegExp(`^${join(resolve('data'), 'esdb-h-2113-ledger-')}`),
    );
  });

  it('gives its own files to each host, port and ledger, whatever the credentials', () => {
    const log = (url: string): string => locationOf(url, {}).log;
    const urls = [
      'esdb://h:2113',
      'esdb://h:2114',
      'esdb://h-2113',
      'esdb://h:2113?ledger=b',
      'esdb://h,i',
    ];
    expect(new Set(urls.map(log)).size).toBe(urls.length);
    expect(log('esdb://a:b@H:2113?tls=false')).toBe(log('esdb://h:2113/?ledger=ledger'));
  });

  it('keeps the files of a ledger when another client connects to it', () => {
    const esdb = locationOf('esdb://h:2113?ledger=b', {});
    for (const scheme of ['kurrentdb', 'kdb', 'kurrentdb+discover', 'kdb+discover']) {
      const url = `${scheme}://h:2113?ledger=b`;
      expect(locationOf(url, {})).toEqual({ ...esdb, url, connection: url });
      expect(url).toMatch(storeUrlStart);
    }
    expect('kurrent://h').not.toMatch(storeUrlStart);
  });

  it.each([
    'esdb://',
    'esdb://u:s3cret@',
    'esdb://u:s3cret@/?tls=true',
    'esdb://u:p/s3cret@h:1@',
    'esdb:u:s3cret@h',
    'mysql://u:s3cret@h/x',
    'kurrent://u:a@s3cret@h',
    'kurrentdb://u:s3cret@',
    's3cret@h',
    'sqlite://u:x@h/x',
    '',
  ])('that is malformed or of another kind is refused without its password: %s', (url) => {
    const attempt = () => locationOf(url, {});
    expect(attempt).toThrow(StoreUrlError);
    expect(attempt).not.toThrow(/s3cret/);
  });

  it('is shown without credentials, also with an at sign in the password', () => {
    expect(withoutCredentials('esdb://u:p@s3cret@h:1?ledger=x')).toBe('esdb://…@h:1?ledger=x');
    expect(withoutCredentials('sqlite:a@b/ledger.db')).toBe('sqlite:a@b/ledger.db');
  });
});
