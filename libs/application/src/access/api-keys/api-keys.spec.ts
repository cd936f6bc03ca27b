import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessFile } from '../access-file.js';
import { plusHours, type Instant } from '@penalty-ledger/ledger';
import { ApiKeyError, ApiKeys, keptDays, maxKeys, type NewApiKey } from './api-keys.js';
import { roles } from './principal.js';
import { tokenOf } from './token.js';

const at = (text: string): Instant => `${text.padEnd(10, '0')}T00:00:00.000Z` as Instant;
const now = at('2026-01-01');
const administrator: NewApiKey = { label: 'a', holder: 'h', roles: ['administrator'] };
const auditor: NewApiKey = { label: 'audit office', holder: 'h', roles: ['auditor'] };

let file: AccessFile;
let keys: ApiKeys;
beforeEach(() => {
  file = AccessFile.open(':memory:');
  keys = new ApiKeys(file);
});
afterEach(() => {
  file.close();
});

describe('a token', () => {
  it('opens as the principal its key was issued to', () => {
    const { key, token } = keys.issue(
      { label: 'a7', holder: 'h', roles: ['agency'], agencyId: 'a7' },
      now,
    );
    expect(keys.verify(token, now)).toEqual({
      principal: { id: `key:${key.id}`, holder: 'h', roles: ['agency'], agencyId: 'a7' },
    });
    expect(token).toMatch(/^plk_[0-9a-f]{12}_[0-9a-f]{72}$/);
  });

  it('with any one digit altered opens nothing, and is known for a typing error', () => {
    const { token } = keys.issue(auditor, now);
    for (let place = 0; place < token.length; place += 1) {
      const other = token[place] === '0' ? '1' : '0';
      const altered = `${token.slice(0, place)}${other}${token.slice(place + 1)}`;
      expect(['malformed', 'checksum']).toContain(keys.verify(altered, now).problem);
    }
  });

  it.each([
    '',
    'plk_',
    'Bearer x',
    'plk_1f0c9a3b7d4c_',
    `plk_1f0c9a3b7d4c_${'A'.repeat(72)}`,
    'x'.repeat(100_000),
  ])('of another form is malformed', (token) => {
    expect(keys.verify(token, now)).toEqual({ problem: 'malformed' });
  });

  it('of the right form has one problem for an unknown id, and another for a wrong secret', () => {
    const { key } = keys.issue(auditor, now);
    const secret = 'ab'.repeat(32);
    expect(keys.verify(tokenOf({ id: '000000000000', secret }), now)).toEqual({
      problem: 'unknown',
    });
    expect(keys.verify(tokenOf({ id: key.id, secret }), now)).toEqual({ problem: 'wrong_secret' });
  });

  it('opens nothing from the instant of its expiry on', () => {
    const { token } = keys.issue({ ...auditor, expiresAt: at('2026-02-01') }, now);
    expect(keys.verify(token, '2026-01-31T23:59:59.999Z' as Instant).principal).toBeDefined();
    expect(keys.verify(token, at('2026-02-01'))).toEqual({ problem: 'expired' });
  });

  it('opens nothing once its key is revoked, and a key is revoked only once', () => {
    const { key, token } = keys.issue(auditor, now);
    expect(keys.revoke(key.id, at('2026-01-02')).revokedAt).toBe(at('2026-01-02'));
    expect(keys.revoke(key.id, at('2026-01-03')).revokedAt).toBe(at('2026-01-02'));
    expect(keys.verify(token, at('2026-01-02'))).toEqual({ problem: 'revoked' });
  });
});

describe('a rotation', () => {
  it('lets both secrets open for the grace period, and then the new one alone', () => {
    const issued = keys.issue(auditor, now);
    const rotated = keys.rotate(issued.key.id, now, 24);
    expect(rotated.key).toMatchObject({ id: issued.key.id, rotatingUntil: at('2026-01-02') });
    for (const { token } of [issued, rotated])
      expect(keys.verify(token, now).principal).toBeDefined();
    expect(keys.verify(issued.token, at('2026-01-02'))).toEqual({ problem: 'secret_ended' });
    expect(keys.verify(rotated.token, at('2026-01-02')).principal).toBeDefined();
  });

  it('repeated never lengthens the life of an earlier secret', () => {
    const first = keys.issue(auditor, now);
    keys.rotate(first.key.id, now, 24);
    keys.rotate(first.key.id, now, 720);
    expect(keys.verify(first.token, at('2026-01-02'))).toEqual({ problem: 'secret_ended' });
  });

  it('with no grace ends the earlier secret at once', () => {
    const first = keys.issue(auditor, now);
    keys.rotate(first.key.id, now, 0);
    expect(keys.verify(first.token, now)).toEqual({ problem: 'secret_ended' });
  });

  it('is refused for an unknown, revoked or expired key, and for a grace out of range', () => {
    const { key } = keys.issue(auditor, now);
    expect(() => keys.rotate('000000000000', now)).toThrow('there is no key "000000000000"');
    expect(() => keys.rotate(key.id, now, 721)).toThrow(
      'graceHours: give an integer from 0 to 720',
    );
    expect(() => keys.rotate(key.id, key.expiresAt)).toThrow('has expired');
    keys.revoke(key.id, now);
    expect(() => keys.rotate(key.id, now)).toThrow('was revoked');
  });
});

describe('issuing', () => {
  it.each<[string, NewApiKey]>([
    ['agencyId', { label: 'x', holder: 'h', roles: ['agency'] }],
    ['agencyId', { label: 'x', holder: 'h', roles: ['auditor'], agencyId: 'a1' }],
    ['roles', { label: 'x', holder: 'h', roles: ['agency', 'officer'], agencyId: 'a1' }],
    ['roles', { ...auditor, roles: ['agency-reader', 'officer'], agencyId: 'a1' }],
    ['agencyId', { ...auditor, roles: ['agency-reader', 'agency-filer'] }],
    ['roles', { label: 'x', holder: 'h', roles: [] }],
    ['roles', { label: 'x', holder: 'h', roles: ['auditor', 'auditor'] }],
    ['roles', { label: 'x', holder: 'h', roles: ['root' as 'auditor'] }],
    ['holder', { ...auditor, holder: '' }],
    ['holder', { ...auditor, holder: 'Wang Xiaoming' }],
    ['mayGrant', { ...auditor, mayGrant: ['auditor'] }],
    ['mayGrant', { ...administrator, mayGrant: ['root' as 'auditor'] }],
    ['mayGrant', { ...administrator, mayGrant: ['auditor', 'auditor'] }],
    ['label', { label: '', holder: 'h', roles: ['auditor'] }],
    ['expiresAt', { ...auditor, expiresAt: now }],
    ['expiresAt', { ...auditor, expiresAt: at('2027-01-03') }],
  ])('names %s when it is wrong, and stores nothing', (field, wanted) => {
    expect(() => keys.issue(wanted, now)).toThrow(ApiKeyError);
    expect(() => keys.issue(wanted, now)).toThrow(new RegExp(`^${field}: `));
    expect(keys.list(now)).toEqual([]);
  });

  it('gives the first administrator’s key once, even after it was revoked', () => {
    const first = keys.issueFirst(now);
    expect(first?.key).toMatchObject({ roles: ['administrator'], mayGrant: roles });
    keys.revoke(first!.key.id, now);
    expect(keys.issueFirst(now)).toBeUndefined();
  });
});

it('lists keys in parts, each after the last key of the one before', () => {
  const ids = Array.from({ length: 5 }, () => keys.issue(auditor, now).key.id).sort();
  const first = keys.list(now, { limit: 2 });
  const { createdAt, id } = first.at(-1)!;
  const rest = keys.list(now, { after: { key: createdAt, id } });
  expect([...first, ...rest].map((key) => key.id)).toEqual(ids);
  expect(first).toHaveLength(2);
});

/** Copies a key's row under other ids: issuing as many takes a minute. */
function copyKey(id: string, copies: number): void {
  const columns = file.statement("SELECT name FROM pragma_table_info('apiKeys')").all();
  const others = (columns as { readonly name: string }[])
    .map(({ name }) => name)
    .filter((name) => name !== 'id')
    .join(', ');
  file
    .statement(
      `WITH RECURSIVE n (number) AS (VALUES (1) UNION ALL SELECT number + 1 FROM n WHERE number < ?)
       INSERT INTO apiKeys (id, ${others})
       SELECT printf('%012d', number), ${others} FROM n, apiKeys WHERE id = ?`,
    )
    .run(copies, id);
}

it('issues no more keys than there may be, and forgets those that ended long ago', () => {
  for (let each = 0; each < 3; each += 1) keys.revoke(keys.issue(auditor, now).key.id, now);
  copyKey(keys.issue(auditor, now).key.id, maxKeys - 4);
  expect(() => keys.issue(auditor, now)).toThrow(
    expect.objectContaining({ code: 'too_many_keys' }) as Error,
  );
  const later = plusHours(now, 24 * keptDays);
  expect(() => keys.issue(auditor, later)).toThrow('no more are issued');
  keys.issue(auditor, plusHours(later, 1));
  expect(keys.list(later)).toHaveLength(maxKeys - 2);
});

it('the last use is kept to the hour', () => {
  const { token } = keys.issue(auditor, now);
  keys.verify(token, '2026-01-01T10:59:59.999Z' as Instant);
  expect(keys.list(now)[0]?.lastUsedAt).toBe('2026-01-01T10:00:00.000Z');
});

it('no secret is in the file, and a key opens after the file was closed and opened again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'penalty-ledger-'));
  const path = join(folder, 'ledger.access.db');
  const before = AccessFile.open(path);
  const { token } = new ApiKeys(before).issue(auditor, now);
  before.close();
  expect(readFileSync(path).includes(token.slice(17, 81))).toBe(false);
  const after = AccessFile.open(path);
  expect(new ApiKeys(after).verify(token, now).principal?.roles).toEqual(['auditor']);
  after.close();
  rmSync(folder, { recursive: true });
});

it('a key that another process issued, rotated or revoked is read from the file again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-keys-'));
  const files = [0, 1].map(() => AccessFile.open(join(folder, 'access.db')));
  const [here, there] = files.map((each) => new ApiKeys(each)) as [ApiKeys, ApiKeys];
  try {
    const { key, token } = here.issue(auditor, now);
    expect(here.verify(token, now).problem).toBeUndefined();
    const rotated = there.rotate(key.id, now, 0);
    expect(here.verify(token, now)).toEqual({ problem: 'secret_ended' });
    expect(here.verify(rotated.token, now).problem).toBeUndefined();
    there.revoke(key.id, now);
    expect(here.verify(rotated.token, now)).toEqual({ problem: 'revoked' });
    expect(here.verify(there.issue(auditor, now).token, now).problem).toBeUndefined();
  } finally {
    for (const each of files) each.close();
    rmSync(folder, { recursive: true });
  }
});

it('a file whose tables a newer program made is refused', () => {
  file.statement('UPDATE parts SET schemaVersion = 99').run();
  expect(() => new ApiKeys(file)).toThrow('use the version that wrote it');
});
