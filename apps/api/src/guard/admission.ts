import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@penalty-ledger/application';
import type { FourEyes } from '@penalty-ledger/application/four-eyes';
import { readToken, type ApiKeys, type Principal } from '@penalty-ledger/application/api-keys';
import { basicPassword, bearerToken, calendarChallenges } from '../http/credentials.js';
import type { FastifyReply } from '../http/http-types.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { KnownSenders } from './known-senders.js';
import { neededRoles } from './needed-roles.js';
import type { OidcTokens, Verified } from './oidc/oidc-tokens.js';
import type { KnownRequest, RouteAccess } from './rule.js';

/** The routes by which an administrator confirms a restore. */
const confirming: ReadonlySet<string> = new Set([
  '/four-eyes',
  '/pending-acts',
  '/pending-acts/:id/confirm',
]);

/**
 * The time that every refused token waits: it covers what the signature of an issuer's token costs
 * more than a look-up. A timer waits whole milliseconds from the end of its round of the event
 * loop, so the look-up itself must not tell (`ApiKeys.verify`).
 */
const refusalMs = 10;

/** The parts that an admission asks. */
export interface AdmissionParts {
  readonly keys: ApiKeys;
  readonly fourEyes: Pick<FourEyes, 'awaitsRestore'>;
  readonly tokens: OidcTokens;
  readonly senders: KnownSenders;
  readonly clock: Clock;
}

/** Identifies the sender of a request, and lets it pass when its route's rule allows the sender. */
export class Admission {
  constructor(private readonly parts: AdmissionParts) {}

  /**
   * Admits a request by its headers alone, before anything of its body is read. A path without a
   * rule shows nothing of the ledger (`/docs`), or is closed by the guard.
   *
   * @throws ApiProblem `unauthenticated`, `forbidden`, `issuer_unreachable`, `restore_unconfirmed`
   */
  async admit(request: KnownRequest, reply: FastifyReply): Promise<void> {
    const { accessRule, takesPassword = false } = request.routeOptions.config as RouteAccess;
    if (accessRule === undefined || accessRule === 'public') return;
    const principal = await this.#principalOf(request, takesPassword);
    if (principal === undefined) {
      if (takesPassword) void reply.header('www-authenticate', calendarChallenges);
      throw new ApiProblem('unauthenticated');
    }
    request.principal = principal;
    const role = principal.roles.find((each) => accessRule.includes(each));
    if (role === undefined) {
      const { en, zh } = neededRoles(accessRule);
      throw new ApiProblem('forbidden', { en: `this needs ${en}`, zh: `须具备${zh}` });
    }
    request.role = role;
    if (this.parts.fourEyes.awaitsRestore && !confirming.has(request.routeOptions.url ?? ''))
      throw new ApiProblem('restore_unconfirmed');
  }

  async #principalOf(
    request: KnownRequest,
    takesPassword: boolean,
  ): Promise<Principal | undefined> {
    const { authorization } = request.headers;
    const token =
      bearerToken(authorization) ??
      (takesPassword ? apiKeyIn(basicPassword(authorization)) : undefined);
    if (token === undefined) return undefined;
    const verified = await this.#verify(token);
    request.stillOpens = async () => (await this.#verify(token)).principal !== undefined;
    if (verified.principal !== undefined) {
      this.parts.senders.signedIn(request, verified.principal);
      return verified.principal;
    }
    const { problem: reason, claim, retryAfter } = verified;
    request.log.warn({ req: request, reason, claim }, 'a token opened nothing');
    if (retryAfter !== undefined)
      throw new ApiProblem('issuer_unreachable', undefined, { retryAfter });
    request.failedSignIn = { problem: reason, ...keyIn(token) };
    return undefined;
  }

  async #verify(token: string): Promise<Verified> {
    const now = this.parts.clock.now();
    return isApiKey(token)
      ? this.parts.keys.verify(token, now)
      : this.parts.tokens.verify(token, now);
  }
}

/**
 * Lets the answer to a refused token wait, once all that is to be done for it is done. What follows
 * an idle wait takes twice its time, so it should be little. Others of its address need not wait.
 */
export async function holdRefusal({ failedSignIn, endReading }: KnownRequest): Promise<void> {
  if (failedSignIn === undefined) return;
  endReading?.();
  await pause(refusalMs);
}

/** The id of the key that a token names, where it has the form of one. */
function keyIn(token: string): { readonly keyId?: string } {
  const parts = readToken(token);
  return typeof parts === 'string' ? {} : { keyId: parts.id };
}

function isApiKey(token: string): boolean {
  return token.startsWith('plk_');
}

/**
 * An issuer's token is not taken as a password: it holds for minutes, and a calendar keeps what it
 * is given.
 */
function apiKeyIn(password: string | undefined): string | undefined {
  return password !== undefined && isApiKey(password) ? password : undefined;
}
