import type { ApiKey } from './api-keys.js';

/** A key and what it may, by name, as the access log keeps ids: roles with colons between. */
export function rightsOf(key: ApiKey): Record<string, string> {
  const { id, holder, roles, agencyId, mayGrant = [], expiresAt } = key;
  return {
    id,
    holder,
    roles: roles.join(':'),
    ...(agencyId !== undefined && { agencyId }),
    ...(mayGrant.length > 0 && { mayGrant: mayGrant.join(':') }),
    expiresAt,
  };
}
