import { enumOf, type Shape } from '@penalty-ledger/ledger';

/** What somebody may do. `agency` sees its own agency alone; every other role sees all of them. */
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

/** Who asks, once it is known: by an API key, or by another proof that names the same things. */
export interface Principal {
  /** For logs and the access log, never a person's name: `key:1f0c9a3b7d4c`. */
  readonly id: string;
  readonly roles: readonly Role[];
  /** Given with the role `agency`, and with no other. */
  readonly agencyId?: string;
}

/** Why these roles and this agency cannot go together; `undefined` when they can. */
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
