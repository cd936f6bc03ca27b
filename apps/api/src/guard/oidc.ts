import { createHash } from 'node:crypto';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { problemOfRoles, type Principal, type Role } from '@penalty-ledger/application/api-keys';

/** The issuer whose tokens are accepted, and how they are read. */
export interface OidcSettings {
  /** The `iss` a token must have. */
  readonly issuer: string;
  /** The `aud` a token must have. */
  readonly audience: string;
  /** The address of the issuer's keys: https, or http on loopback. */
  readonly jwksUrl: string;
  /** The claim that lists roles. */
  readonly rolesClaim: string;
  /** The claim that names the agency of the role `agency`. */
  readonly agencyClaim: string;
}

/** Only signatures with public keys: with a shared secret, or `none`, all who verify could sign. */
export const signatureAlgorithms = ['EdDSA', 'ES256', 'ES384', 'RS256', 'PS256'];

/** Seconds that the issuer's clock may differ from ours. */
const clockToleranceSeconds = 30;

/** Bearer tokens of one OpenID Connect issuer; with no settings none is taken. */
export class OidcTokens {
  readonly #settings: OidcSettings | undefined;
  readonly #keys: JWTVerifyGetKey | undefined;

  constructor(settings: OidcSettings | undefined) {
    this.#settings = settings;
    this.#keys =
      settings && createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: 3_000 });
  }

  /** Finds the owner of a token, or says why it opens nothing. */
  async verify(
    token: string,
    now: Instant,
  ): Promise<
    | { readonly principal: Principal; readonly problem?: never }
    | { readonly problem: string; readonly principal?: never }
  > {
    if (this.#settings === undefined || this.#keys === undefined) return { problem: 'no_issuer' };
    const { issuer, audience } = this.#settings;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: signatureAlgorithms,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(epochMsOf(now)),
        requiredClaims: ['sub', 'exp', 'iat'],
      });
      return principalIn(payload, this.#settings);
    } catch (error) {
      return { problem: error instanceof errors.JOSEError ? error.code : 'jwks_unreachable' };
    }
  }
}

function principalIn(
  payload: JWTPayload,
  { issuer, rolesClaim, agencyClaim }: OidcSettings,
): { readonly principal: Principal } | { readonly problem: string } {
  const roles: unknown = payload[rolesClaim];
  const agency: unknown = payload[agencyClaim];
  if (!Array.isArray(roles) || !roles.every((role): role is string => typeof role === 'string'))
    return { problem: 'no_roles' };
  const agencyId = typeof agency === 'string' ? agency : undefined;
  if (problemOfRoles(roles, agencyId) !== undefined) return { problem: 'wrong_roles' };
  // A subject may be a name or an address; events are for ever, and the same person stays the same.
  const digest = createHash('sha256')
    .update(`${issuer}\n${payload.sub ?? ''}`)
    .digest('hex');
  return {
    principal: {
      id: `oidc:${digest.slice(0, 32)}`,
      roles: roles as Role[],
      ...(agencyId !== undefined && { agencyId }),
    },
  };
}
