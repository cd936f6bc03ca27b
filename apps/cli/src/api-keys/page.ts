import type { ApiKey } from '@penalty-ledger/application/api-keys';
import type { Instant } from '@penalty-ledger/ledger';
import { table } from '../terminal/table.js';
import { count, figure } from '../terminal/words.js';
import { said } from '../terminal/language.js';

/** Every key ever issued with its roles and its state, without its secret. */
export function apiKeyTable(keys: readonly ApiKey[], now: Instant): string[] {
  const columns = [
    { title: said('Key', '密钥') },
    { title: said('Holder', '持有人'), maxWidth: 20 },
    { title: said('Label', '说明'), maxWidth: 24 },
    { title: said('Roles', '角色'), maxWidth: 24 },
    { title: said('State (UTC)', '状态（UTC）') },
    { title: said('Last used (UTC)', '最近使用（UTC）') },
  ] as const;
  const rows = keys.map((key) => [
    key.id,
    key.holder,
    key.label,
    [
      ...key.roles,
      ...(key.agencyId === undefined ? [] : [said(`of ${key.agencyId}`, `属于 ${key.agencyId}`)]),
    ].join(' '),
    stateOf(key, now),
    key.lastUsedAt?.slice(0, 13).concat(':00Z') ?? said('never', '从未'),
  ]);
  return [
    ...(rows.length === 0 ? [] : [...table(columns, rows), '']),
    said(count(keys.length, 'key'), `${figure(keys.length)} 个密钥`),
  ];
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: Instant): string {
  if (revokedAt !== undefined)
    return said(`revoked ${revokedAt.slice(0, 10)}`, `已吊销 ${revokedAt.slice(0, 10)}`);
  return now >= expiresAt
    ? said(`expired ${expiresAt.slice(0, 10)}`, `已过期 ${expiresAt.slice(0, 10)}`)
    : said(`until ${expiresAt.slice(0, 10)}`, `有效至 ${expiresAt.slice(0, 10)}`);
}
