import type { Role } from '@penalty-ledger/application/api-keys';
import type { InBoth } from '../http/language.js';

/** Names the roles of which a sender needs one: `the role reviewer`. */
export function neededRoles(roles: readonly Role[]): InBoth {
  const list = roles.join(', ');
  return roles.length === 1
    ? { en: `the role ${list}`, zh: `角色 ${list}` }
    : { en: `one of the roles ${list}`, zh: `以下角色之一：${list}` };
}
