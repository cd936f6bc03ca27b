import type { ApiKey } from './api-keys.js';
import { isAgencyRole, type Role } from './principal.js';

/** A key and what it may, by name, as the access log keeps ids: roles with colons between. */
export function rightsOf(key: ApiKey): Record<string, string> {
  const { id, holder, roles, agencyId, mayGrant = [], expiresAt } = key;
  return {
    id,
    holder,
    roles: roles.join(':'),
    ...(agencyId !== undefined && { agencyId }),
    // Two members: an id of the access log has 64 characters at most.
    ...named(
      'mayGrant',
      mayGrant.filter((role) => !isAgencyRole(role)),
    ),
    ...named('mayGrantInAgencies', mayGrant.filter(isAgencyRole)),
    expiresAt,
  };
}

function named(name: string, roles: readonly Role[]): Record<string, string> {
  return roles.length === 0 ? {} : { [name]: roles.join(':') };
}
