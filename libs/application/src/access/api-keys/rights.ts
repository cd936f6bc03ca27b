import type { ApiKey } from './api-keys.js';

/** A key and what it may, by name, as the access log keeps ids: `roles` with colons between. */
export function rightsOf({ id, roles, agencyId, expiresAt }: ApiKey): Record<string, string> {
  return {
    id,
    roles: roles.join(':'),
    ...(agencyId !== undefined && { agencyId }),
    expiresAt,
  };
}
