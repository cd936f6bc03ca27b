import { SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from '../http/http-types.js';
import type { Counted } from './known-senders.js';
import {
  isAgencyRole,
  roles,
  type Principal,
  type Role,
} from '@penalty-ledger/application/api-keys';

/** The roles that may use a route. A route without a rule is closed to everybody. */
export type AccessRule = 'public' | readonly Role[];

export const accessRuleKey = 'accessRule';

/** A route's rule among what describes it for `/openapi.json`, which says it in words. */
export const accessExtension = 'x-access';

/** Open to everybody: nothing of what is in the ledger may be seen there. */
export const Public = (): MethodDecorator & ClassDecorator => ruled('public');

/** Opens a route to senders with one of these roles. */
export function AllowedTo(...allowed: readonly Role[]): MethodDecorator & ClassDecorator {
  const rule = ruled(allowed);
  const security = ApiSecurity('bearer', []);
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (key === undefined || descriptor === undefined) {
      rule(target as never);
      security(target as never);
      return;
    }
    rule(target, key, descriptor);
    security(target, key, descriptor as never);
  };
}

/** A route's rule as Fastify has it, so that it holds before a body is read. */
export interface RouteAccess {
  readonly accessRule?: AccessRule;
  readonly takesPassword?: boolean;
}

/** Sets the rule of a route, or of every route of a controller that has none of its own. */
function ruled(rule: AccessRule): MethodDecorator & ClassDecorator {
  const set = SetMetadata(accessRuleKey, rule);
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (key !== undefined && descriptor !== undefined) {
      set(target, key, descriptor);
      tellFastify(target, key, descriptor);
      return;
    }
    set(target as never);
    // A class is decorated after its methods.
    const { prototype } = target as { readonly prototype: object };
    const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype));
    for (const [name, method] of methods) {
      const { value } = method as { readonly value?: unknown };
      if (typeof value === 'function' && !Reflect.hasMetadata(accessRuleKey, value))
        tellFastify(prototype, name, method, rule);
    }
  };
}

function tellFastify(
  prototype: object,
  name: string | symbol,
  method: PropertyDescriptor,
  ofClass?: AccessRule,
): void {
  const handler = method.value as object;
  const accessRule = (Reflect.getMetadata(accessRuleKey, handler) ?? ofClass) as
    AccessRule | undefined;
  const takesPassword = Reflect.hasMetadata(takesPasswordKey, handler);
  const config: RouteAccess = { ...(accessRule !== undefined && { accessRule }), takesPassword };
  RouteConfig(config)(prototype, name, method);
  if (accessRule !== undefined) ApiExtension(accessExtension, accessRule)(prototype, name, method);
}

const takesPasswordKey = 'takesPassword';

/** Takes an API key also as the password of HTTP Basic: for clients that can send nothing else. */
export function TakesPassword(): MethodDecorator {
  const marked = SetMetadata(takesPasswordKey, true);
  const security = ApiSecurity('basic', []);
  return (target, key, descriptor) => {
    marked(target as object, key, descriptor);
    tellFastify(target, key, descriptor);
    security(target as object, key, descriptor as never);
  };
}

/** Every role that reads the whole ledger. `ingest` only sends. */
export const readers: readonly Role[] = roles.filter(
  (role) => role !== 'ingest' && !isAgencyRole(role),
);

/** Those, and the roles that read what is of their own agency. */
export const readersAndAgencies: readonly Role[] = [...readers, 'agency', 'agency-reader'];

/**
 * The roles that send what an agency can still change or withdraw: appeals, themes, the creators of
 * a slot. An agency's people do it for their own agency.
 */
export const filers: readonly Role[] = ['officer', 'agency', 'agency-filer'];

/** The roles that send what binds an agency for good: the evidence of an appeal is given once. */
export const submitters: readonly Role[] = ['officer', 'agency', 'agency-submitter'];

/** A request whose sender is known. */
export type KnownRequest = FastifyRequest & {
  /** The names it is counted under. */
  counted?: Counted;
  /** Lets the sender's next reading begin before this one has ended. */
  endReading?: () => void;
  principal?: Principal;
  /** The role that let it through. */
  role?: Role;
  /**
   * Asks whether its credentials still open something. A long answer asks again, since a key can be
   * revoked and a token expires.
   */
  stillOpens?: () => Promise<boolean>;
  /**
   * The subject of the request, beside what its address says, for the access log: ids by name,
   * never a secret or a person's name.
   */
  about?: Readonly<Record<string, string>>;
  /** Its credentials opened nothing. */
  failedSignIn?: FailedSignIn;
};

/** A sign-in that failed, as the access log has it. */
export type FailedSignIn = Readonly<{
  /** The reason in one word: `wrong_secret`. */
  problem: string;
  /** The key that the token names, if any; nobody has proved to hold it. */
  keyId?: string;
}>;
