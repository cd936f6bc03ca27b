import { ApiKeyError, type ApiKey, type NewApiKey } from './api-keys.js';
import { rightsIn, type Principal } from './principal.js';

/**
 * Sees that an administrator issues a key to another holder, and with no right that the
 * administrator may not grant.
 *
 * @throws ApiKeyError `own_key`, `beyond_own_rights`
 */
export function assertMayIssue(by: Principal, wanted: NewApiKey): void {
  if (wanted.holder === by.holder)
    throw new ApiKeyError('own_key', {
      en: `holder: "${wanted.holder}" is you; another administrator must issue your keys`,
      zh: `holder："${wanted.holder}" 即您本人；您的密钥须由另一名管理员签发`,
    });
  assertGrantable(by, wanted);
}

/**
 * Sees that an administrator gets a token with no more rights than before by a rotation: of a key
 * of their own, or of one that they could have issued.
 *
 * @throws ApiKeyError `beyond_own_rights`
 */
export function assertMayRotate(by: Principal, key: ApiKey): void {
  if (key.holder !== by.holder) assertGrantable(by, key);
}

/**
 * Sees that an administrator may grant every role of a key, and every role that it could pass on.
 *
 * @throws ApiKeyError `beyond_own_rights`
 */
export function assertGrantable(
  { mayGrant: grantable = [] }: Principal,
  { roles, mayGrant = [] }: Pick<NewApiKey, 'roles' | 'mayGrant'>,
): void {
  for (const [member, wanted] of [
    ['roles', roles],
    ['mayGrant', mayGrant],
  ] as const) {
    const own = rightsIn(grantable);
    const beyond = wanted.find((role) => [...rightsIn([role])].some((right) => !own.has(right)));
    if (beyond !== undefined)
      throw new ApiKeyError(
        'beyond_own_rights',
        grantable.length === 0
          ? {
              en: `${member}: you may not grant "${beyond}"; your credentials grant no role`,
              zh: `${member}：您无权授予 "${beyond}"；您的凭据不能授予任何角色`,
            }
          : {
              en: `${member}: you may not grant "${beyond}"; you may grant ${grantable.join(', ')}`,
              zh: `${member}：您无权授予 "${beyond}"；您可授予 ${grantable.join('、')}`,
            },
      );
  }
}
