export {
  ApiKeyError,
  ApiKeys,
  ApiKeySchema,
  defaultGraceHours,
  IssuedKeySchema,
  maxGraceHours,
} from './api-keys.js';
export type { ApiKey, IssuedKey, NewApiKey } from './api-keys.js';
export { assertGrantable, assertMayIssue, assertMayRotate } from './grants.js';
export { rightsOf, termsOf } from './rights.js';
export { readToken, tokenOf } from './token.js';
export { agencyRoles, isAgencyRole, problemOfRoles, roles } from './principal.js';
export type { Principal, Role } from './principal.js';
