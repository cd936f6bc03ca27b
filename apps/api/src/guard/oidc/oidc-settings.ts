/** The issuer whose tokens are accepted, and how they are read. */
export interface OidcSettings {
  /** The `iss` a token must have; its keys are found at its well-known address. */
  readonly issuer: string;
  /** The `aud` a token must have. */
  readonly audience: string;
  /** The address of the issuer's keys, for an issuer that publishes no discovery document. */
  readonly jwksUrl?: string;
  /** The claim that lists roles: its name, or the names on the path to it joined by full stops. */
  readonly rolesClaim: string;
  /** The claim that names the agency of the role `agency`; a name or a path. */
  readonly agencyClaim: string;
}

/**
 * Says whether nobody on the way can alter what is fetched there: `https`, or `http` to this
 * machine itself.
 */
export function isSafeFromOthers(url: string): boolean {
  return /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$))/.test(url);
}
