import { enumOf, type Shape } from '@penalty-ledger/ledger';

/** The roles of a principal. `agency` sees only its own agency; every other role sees all. */
export const roles = [
  'ingest',
  'officer',
  'reviewer',
  'auditor',
  'agency',
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
  /** Given with the role `agency`, and with no other. */
  readonly agencyId?: string;
  /** The roles that it may grant: of an administrator alone. */
  readonly mayGrant?: readonly Role[];
}

/** Names the problem when these roles and this agency cannot go together. */
export function problemOfRoles(
  wanted: readonly string[],
  agencyId: string | undefined,
): string | undefined {
  if (wanted.length === 0) return `roles: give at least one of ${roles.join(', ')}`;
  const unknown = wanted.find((role) => !roles.includes(role as Role));
  if (unknown !== undefined) return `roles: "${unknown}" is none of ${roles.join(', ')}`;
  if (new Set(wanted).size !== wanted.length) return 'roles: each role once';
  if (!wanted.includes('agency')) {
    return agencyId === undefined
      ? undefined
      : 'agencyId: only the role agency is bound to one; leave it out';
  }
  // A second role would see other agencies, and the binding would mean nothing.
  if (wanted.length > 1) return 'roles: agency stands alone; give a second key for the other roles';
  return agencyId === undefined
    ? 'agencyId: the role agency needs the agency it is for'
    : undefined;
}

/** Names the problem when a key of these roles cannot have these roles to grant. */
export function problemOfMayGrant(
  wanted: readonly string[],
  mayGrant: readonly string[] | undefined,
): string | undefined {
  if (mayGrant === undefined) return undefined;
  if (!wanted.includes('administrator'))
    return 'mayGrant: only an administrator grants roles; leave it out';
  const unknown = mayGrant.find((role) => !roles.includes(role as Role));
  if (unknown !== undefined) return `mayGrant: "${unknown}" is none of ${roles.join(', ')}`;
  return new Set(mayGrant).size === mayGrant.length ? undefined : 'mayGrant: each role once';
}
