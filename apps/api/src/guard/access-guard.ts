import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Clock } from '@penalty-ledger/application';
import { ApiKeys, readToken, type Principal } from '@penalty-ledger/application/api-keys';
import { ApiProblem } from '../http/problems/api-problem.js';
import { neededRoles } from './needed-roles.js';
import { KnownSenders } from './known-senders.js';
import { OidcTokens } from './oidc.js';
import type { FastifyReply } from '../http/http-types.js';
import { basicPassword, bearerToken, calendarChallenges } from '../http/credentials.js';
import { accessRuleKey, takesPasswordKey, type AccessRule, type KnownRequest } from './rule.js';

/** The clock's injection token. */
export const clockToken = Symbol('clock');

/** Lets a request through when its route's rule allows who sent it. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(OidcTokens) private readonly tokens: OidcTokens,
    @Inject(KnownSenders) private readonly senders: KnownSenders,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(accessRuleKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === 'public') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<KnownRequest>();
    const takesPassword =
      this.reflector.get<true | undefined>(takesPasswordKey, context.getHandler()) === true;
    const principal = await this.#principalOf(request, takesPassword);
    if (principal === undefined) {
      if (takesPassword)
        void http.getResponse<FastifyReply>().header('www-authenticate', calendarChallenges);
      throw new ApiProblem('unauthenticated');
    }
    request.principal = principal;
    if (rule === undefined)
      throw new ApiProblem('forbidden', {
        en: 'the route has no rule, and is closed',
        zh: '该路径未设权限规则，不开放',
      });
    const role = principal.roles.find((each) => rule.includes(each));
    if (role === undefined) {
      const { en, zh } = neededRoles(rule);
      throw new ApiProblem('forbidden', { en: `this needs ${en}`, zh: `须具备${zh}` });
    }
    request.role = role;
    return true;
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
      this.senders.signedIn(request);
      return verified.principal;
    }
    request.failedSignIn = { problem: verified.problem, ...keyIn(token) };
    request.log.warn({ reason: verified.problem }, 'a token opened nothing');
    return undefined;
  }

  #verify(token: string): ReturnType<OidcTokens['verify']> | ReturnType<ApiKeys['verify']> {
    const now = this.clock.now();
    return isApiKey(token) ? this.keys.verify(token, now) : this.tokens.verify(token, now);
  }
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
