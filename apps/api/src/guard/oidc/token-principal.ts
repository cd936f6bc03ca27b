import { createHash } from 'node:crypto';
import {
  problemOfRoles,
  roles as ourRoles,
  type Principal,
  type Role,
} from '@penalty-ledger/application/api-keys';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import type { OidcSettings } from './oidc-settings.js';

/** The reasons, for the log, why a token that the issuer signed opens nothing. */
export type TokenProblem =
  | 'not_an_access_token'
  | 'sender_constrained'
  | 'lives_too_long'
  | 'wrong_subject'
  | 'no_roles'
  | 'wrong_roles'
  | 'wrong_agency';

/** The longest that a token may live, from `iat` to `exp`. */
export const maxTokenSeconds = 86_400;

/** OpenID Connect Core 1.0, section 2. */
const maxSubjectLength = 255;

const agencyForm = /^[A-Za-z0-9._:-]{1,64}$/;

/** Reads who a token is about, after its signature, issuer, audience and times were checked. */
export function principalIn(
  { typ }: JWTHeaderParameters,
  payload: JWTPayload,
  { issuer, rolesClaim, agencyClaim }: OidcSettings,
): { readonly principal: Principal } | { readonly problem: TokenProblem } {
  if (!isAccessTokenType(typ) || payload['events'] !== undefined)
    return { problem: 'not_an_access_token' };
  // Such a token counts only with a proof of the sender's key (RFC 7800), which we do not take.
  if (payload['cnf'] !== undefined) return { problem: 'sender_constrained' };
  const { sub, iat = 0, exp = Infinity } = payload;
  if (!(exp - iat <= maxTokenSeconds)) return { problem: 'lives_too_long' };
  if (!isSubject(sub)) return { problem: 'wrong_subject' };
  const roles = rolesIn(claimAt(payload, rolesClaim));
  if (roles.length === 0) return { problem: 'no_roles' };
  const agencyId = claimAt(payload, agencyClaim) ?? undefined;
  if (agencyId !== undefined && (typeof agencyId !== 'string' || !agencyForm.test(agencyId)))
    return { problem: 'wrong_agency' };
  if (problemOfRoles(roles, agencyId) !== undefined) return { problem: 'wrong_roles' };
  // A subject may be a name or an address; events are for ever, and the same person stays the same.
  const digest = createHash('sha256').update(`${issuer}\n${sub}`).digest('hex');
  const id = `oidc:${digest.slice(0, 32)}`;
  return {
    principal: {
      id,
      holder: id,
      roles,
      ...(agencyId !== undefined && { agencyId }),
      // The issuer itself gives every role: an administrator of its choice may pass on each.
      ...(roles.includes('administrator') && { mayGrant: ourRoles }),
    },
  };
}

/**
 * `at+jwt` (RFC 9068), or what issuers before it write. All other types are for another purpose: a
 * logout token names the same issuer, audience and subject (RFC 8725, section 3.11).
 */
function isAccessTokenType(typ: unknown): boolean {
  if (typ === undefined) return true;
  return typeof typ === 'string' && /^(?:application\/)?(?:at\+)?jwt$/i.test(typ);
}

/** Lone surrogates would all be hashed as one character, and two subjects become one. */
function isSubject(sub: unknown): sub is string {
  return (
    typeof sub === 'string' && sub !== '' && sub.length <= maxSubjectLength && sub.isWellFormed()
  );
}

/** The roles that are ours, each once: an issuer has roles for other services too. */
function rolesIn(listed: unknown): readonly Role[] {
  return Array.isArray(listed) ? ourRoles.filter((role) => listed.includes(role)) : [];
}

/**
 * The claim of this name, or else at this path. The name comes first: a name such as
 * `https://example.com/roles` has full stops of its own.
 */
function claimAt(payload: JWTPayload, place: string): unknown {
  if (Object.hasOwn(payload, place)) return payload[place];
  let found: unknown = payload;
  for (const name of place.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name))
      return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
