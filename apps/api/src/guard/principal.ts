import type { Principal } from '@penalty-ledger/application/api-keys';
import { idIn, type Parameters } from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { KnownRequest } from './rule.js';

/** The sender of a request that the guard let through. */
export function principalOf(request: KnownRequest): Principal {
  if (request.principal === undefined) throw new ApiProblem('unauthenticated');
  return request.principal;
}

/** The name under which a sender waits its turn: all keys of one agency are one sender. */
export function senderName({ id, agencyId }: Principal): string {
  return agencyId === undefined ? id : `agency ${agencyId}`;
}

/**
 * Lets the role `agency` pass only to its own agency.
 *
 * @throws ApiProblem `forbidden`, whether or not there is such an agency
 */
export function assertOwn({ agencyId: own }: Principal, agencyId: string): void {
  if (own !== undefined && own !== agencyId) {
    throw new ApiProblem('forbidden', {
      en: `your key is for agency "${own}"`,
      zh: `您的密钥仅限机构 "${own}"`,
    });
  }
}

/**
 * The agency a list is asked of; for the role `agency` its own when none is named.
 *
 * @throws ApiProblem `invalid`, and `forbidden` for another agency's id
 */
export function agencyIn(given: Parameters, request: KnownRequest): string | undefined {
  const principal = principalOf(request);
  const agencyId = idIn(given, 'agencyId');
  if (agencyId === undefined) return principal.agencyId;
  assertOwn(principal, agencyId);
  return agencyId;
}
