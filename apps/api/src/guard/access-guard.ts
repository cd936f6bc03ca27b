import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiProblem } from '../http/problems/api-problem.js';
import { accessRuleKey, type AccessRule, type KnownRequest } from './rule.js';

/** The clock's injection token. */
export const clockToken = Symbol('clock');

/**
 * Lets through what {@link Admission} admitted under the route's own rule. A route whose rule was
 * not asked before its body was read is closed to everybody.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(accessRuleKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === 'public') return true;
    const { role } = context.switchToHttp().getRequest<KnownRequest>();
    if (rule === undefined || role === undefined || !rule.includes(role))
      throw new ApiProblem('forbidden', {
        en: 'the route has no rule, and is closed',
        zh: '该路径未设权限规则，不开放',
      });
    return true;
  }
}
