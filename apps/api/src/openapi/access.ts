import type { OpenAPIObject } from '@nestjs/swagger';
import { accessExtension, type AccessRule } from '../guard/rule.js';
import { mapOperations, type Operation } from './operations.js';

/** An operation as Nest describes it, with its route's rule. */
type Ruled = Operation & { readonly [accessExtension]?: AccessRule };

/**
 * Says of every operation who may use it: in words, and by the ways of signing in, each once. A
 * rule of a controller and one of its method would be listed twice.
 */
export function withAccess(document: OpenAPIObject): OpenAPIObject {
  return mapOperations(document, ({ [accessExtension]: rule, ...operation }: Ruled) => {
    const { description, security = [] } = operation;
    const ways = new Map(security.map((each) => [Object.keys(each).join(), each]));
    return {
      ...operation,
      description: [inWords(rule), description].filter(Boolean).join(' '),
      security: [...ways.values()],
    };
  });
}

function inWords(rule: AccessRule | undefined): string {
  if (rule === undefined) throw new TypeError('an operation has no access rule');
  return rule === 'public' ? 'Needs no key.' : `Roles: ${rule.join(', ')}.`;
}
