import type { ApiKey } from '@penalty-ledger/application/api-keys';
import type { Instant } from '@penalty-ledger/ledger';
import { table } from '../terminal/table.js';
import { count } from '../terminal/words.js';

/** Every key ever issued with its roles and its state, without its secret. */
export function apiKeyTable(keys: readonly ApiKey[], now: Instant): string[] {
  const columns = [
    { title: 'Key' },
    { title: 'Holder', maxWidth: 20 },
    { title: 'Label', maxWidth: 24 },
    { title: 'Roles', maxWidth: 24 },
    { title: 'State (UTC)' },
    { title: 'Last used (UTC)' },
  ] as const;
  const rows = keys.map((key) => [
    key.id,
    key.holder,
    key.label,
    [...key.roles, ...(key.agencyId === undefined ? [] : [`of ${key.agencyId}`])].join(' '),
    stateOf(key, now),
    key.lastUsedAt?.slice(0, 13).concat(':00Z') ?? 'never',
  ]);
  return [...(rows.length === 0 ? [] : [...table(columns, rows), '']), count(keys.length, 'key')];
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: Instant): string {
  if (revokedAt !== undefined) return `revoked ${revokedAt.slice(0, 10)}`;
  return now >= expiresAt ? `expired ${expiresAt.slice(0, 10)}` : `until ${expiresAt.slice(0, 10)}`;
}
