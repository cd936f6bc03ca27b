import type { ApiKey } from './api-keys.js';
import { isAgencyRole, type Role } from './principal.js';

/** The terms of a key that say who may what, and until when. */
type Terms = Pick<ApiKey, 'holder' | 'roles' | 'agencyId' | 'mayGrant' | 'expiresAt'>;

/** A key and what it may, by name, as the access log keeps ids. */
export function rightsOf(key: ApiKey): Record<string, string> {
  return { id: key.id, ...termsOf(key) };
}

/** The terms of a key by name, as the access log keeps ids: roles with colons between. */
export function termsOf(terms: Terms): Record<string, string> {
  const { holder, roles, agencyId, mayGrant = [], expiresAt } = terms;
  return {
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
