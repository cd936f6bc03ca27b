import { enumOf, type InBoth, type Shape } from '@penalty-ledger/ledger';

/** The rights of an agency's people, each by itself; `agency` has them all. */
const agencyRights = ['agency-reader', 'agency-filer', 'agency-submitter'] as const;

/** The roles that are bound to one agency, and see no other. */
export const agencyRoles = ['agency', ...agencyRights] as const;

/** The roles of a principal. */
export const roles = [
  'ingest',
  'officer',
  'reviewer',
  'auditor',
  ...agencyRoles,
  'administrator',
] as const;

export type Role = Shape<typeof RoleSchema>;
export const RoleSchema = enumOf(roles);

/** The authenticated sender of a request: by an API key, or by another proof with the same data. */
export interface Principal {
  /** For logs and the access log, never a person's name: `key:1f0c9a3b7d4c`. */
  readonly id: string;
  /**
   * The person or system that holds the credentials: as named when the key was issued, or the
   * subject of a token. Two keys of one holder are one person.
   */
  readonly holder: string;
  readonly roles: readonly Role[];
  /** Given with each of {@link agencyRoles}, and with no other role. */
  readonly agencyId?: string;
  /** The roles that it may grant: of an administrator alone. */
  readonly mayGrant?: readonly Role[];
}

/** Names the problem when these roles and this agency cannot go together. */
export function problemOfRoles(
  wanted: readonly string[],
  agencyId: string | undefined,
): InBoth | undefined {
  if (wanted.length === 0)
    return {
      en: `roles: give at least one of ${roles.join(', ')}`,
      zh: `roles：至少给出其中一项：${roles.join('、')}`,
    };
  const problem = problemOfEach('roles', wanted);
  if (problem !== undefined) return problem;
  const ofAgency = wanted.find(isAgencyRole);
  if (ofAgency === undefined) {
    return agencyId === undefined
      ? undefined
      : {
          en: `agencyId: only ${agencyRoles.join(', ')} are bound to one; leave it out`,
          zh: `agencyId：仅 ${agencyRoles.join('、')} 绑定机构，请删除`,
        };
  }
  // A role of the platform would see other agencies, and the binding would mean nothing.
  if (!wanted.every(isAgencyRole))
    return {
      en:
        `roles: ${ofAgency} goes with no role of the platform; ` +
        'give a second key for the other roles',
      zh: `roles：${ofAgency} 不得与平台的角色并用；其他角色请另发密钥`,
    };
  return agencyId === undefined
    ? {
        en: `agencyId: the role ${ofAgency} needs the agency it is for`,
        zh: `agencyId：角色 ${ofAgency} 须指明所属机构`,
      }
    : undefined;
}

/** Names the problem of a list of roles by itself: one that does not exist, or stands twice. */
function problemOfEach(member: string, wanted: readonly string[]): InBoth | undefined {
  const unknown = wanted.find((role) => !roles.includes(role as Role));
  if (unknown !== undefined)
    return {
      en: `${member}: "${unknown}" is none of ${roles.join(', ')}`,
      zh: `${member}："${unknown}" 不是以下任何一项：${roles.join('、')}`,
    };
  return new Set(wanted).size === wanted.length
    ? undefined
    : { en: `${member}: each role once`, zh: `${member}：每个角色只列一次` };
}

/** Says whether a role is bound to one agency. */
export function isAgencyRole(role: string): boolean {
  return (agencyRoles as readonly string[]).includes(role);
}

/** The rights of roles: those of `agency` are the three of an agency's people. */
export function rightsIn(held: readonly Role[]): ReadonlySet<Role> {
  return new Set(
    held.flatMap((role): readonly Role[] => (role === 'agency' ? agencyRights : [role])),
  );
}

/** Names the problem when a key of these roles cannot have these roles to grant. */
export function problemOfMayGrant(
  wanted: readonly string[],
  mayGrant: readonly string[] | undefined,
): InBoth | undefined {
  if (mayGrant === undefined) return undefined;
  if (!wanted.includes('administrator'))
    return {
      en: 'mayGrant: only an administrator grants roles; leave it out',
      zh: 'mayGrant：只有管理员可以授予角色，请删除',
    };
  return problemOfEach('mayGrant', mayGrant);
}
