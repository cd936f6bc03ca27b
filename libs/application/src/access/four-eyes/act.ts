import { createHash } from 'node:crypto';
import {
  canonicalJson,
  closed,
  erasure,
  IdSchema,
  UtcInstantSchema,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { maxGraceHours } from '../api-keys/api-keys.js';
import { RoleSchema } from '../api-keys/principal.js';

/** An act that needs a second administrator, with all that it will do. */
export type HeldAct = Shape<typeof HeldActSchema>;
export const HeldActSchema = Type.Union([
  closed({
    kind: Type.Literal('issue-key'),
    label: Type.String(),
    holder: IdSchema,
    roles: Type.Array(RoleSchema),
    agencyId: Type.Optional(IdSchema),
    mayGrant: Type.Optional(Type.Array(RoleSchema)),
    expiresAt: UtcInstantSchema,
  }),
  closed({
    kind: Type.Literal('rotate-key'),
    keyId: Type.String(),
    graceHours: Type.Integer({ minimum: 0, maximum: maxGraceHours }),
  }),
  closed({ kind: Type.Literal('erase-subject'), ...erasure.eraseSubjectSchema.properties }),
  closed({
    kind: Type.Literal('rotate-signing-key'),
    previous: Type.String({ description: 'the verifier key that is replaced' }),
  }),
  closed({ kind: Type.Literal('end-four-eyes') }),
  closed({
    kind: Type.Literal('accept-restore'),
    events: Type.Integer({ minimum: 0, description: 'that the ledger has after the restore' }),
  }),
]);

/** An act as it is kept. */
export function bytesOf(act: HeldAct): string {
  return canonicalJson(act);
}

/** The SHA-256 of an act's bytes, by which a confirmation names it. */
export function sha256Of(bytes: string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
