import { performance } from 'node:perf_hooks';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import { errors, jwtVerify } from 'jose';
import { fetchIssuerKeys } from './issuer-documents.js';
import { IssuerKeys, IssuerUnreachableError } from './issuer-keys.js';
import type { OidcSettings } from './oidc-settings.js';
import { maxTokenSeconds, principalIn } from './token-principal.js';

/** The owner of a token, or the reason, for the log, why it opens nothing. */
export type Verified =
  | { readonly principal: Principal; readonly problem?: never }
  | {
      readonly problem: string;
      /** The claim that is wrong, where it is one. */
      readonly claim?: string;
      /** Given when nothing can be said about the token now: seconds until it is worth a try. */
      readonly retryAfter?: number;
      readonly principal?: never;
    };

/** Only signatures with public keys: with a shared secret, or `none`, all who verify could sign. */
export const signatureAlgorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'RS256', 'PS256'];

/** Seconds that the issuer's clock may differ from ours. */
const clockToleranceSeconds = 30;

export interface OidcTokensParts {
  /** Called when the issuer's keys could not be fetched. */
  readonly onProblem?: (problem: string) => void;
  readonly monotonicMs?: () => number;
}

/** Bearer tokens of one OpenID Connect issuer; with no settings none is taken. */
export class OidcTokens {
  readonly #keys: IssuerKeys | undefined;

  constructor(
    private readonly settings: OidcSettings | undefined,
    { onProblem = () => undefined, monotonicMs = () => performance.now() }: OidcTokensParts = {},
  ) {
    if (settings === undefined) return;
    const fetchKeys = (): ReturnType<typeof fetchIssuerKeys> => fetchIssuerKeys(settings);
    this.#keys = new IssuerKeys({ fetchKeys, onProblem, monotonicMs });
  }

  /** Finds the owner of a token, or says why it opens nothing. */
  async verify(token: string, now: Instant): Promise<Verified> {
    if (this.settings === undefined || this.#keys === undefined) return { problem: 'no_issuer' };
    const { issuer, audience } = this.settings;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys.find, {
        issuer,
        audience,
        algorithms: signatureAlgorithms,
        clockTolerance: clockToleranceSeconds,
        maxTokenAge: maxTokenSeconds,
        currentDate: new Date(epochMsOf(now)),
        requiredClaims: ['sub', 'exp', 'iat'],
      });
      return principalIn(protectedHeader, payload, this.settings);
    } catch (error) {
      return problemOf(error);
    }
  }
}

function problemOf(error: unknown): Verified {
  if (error instanceof IssuerUnreachableError)
    return { problem: 'issuer_unreachable', retryAfter: error.retryAfterSeconds };
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
    return { problem: error.code, claim: error.claim };
  // Beside jose's own errors: a key in the issuer's set that cannot be used.
  return { problem: error instanceof errors.JOSEError ? error.code : 'unusable_key' };
}
