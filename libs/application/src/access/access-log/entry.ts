import { hash } from 'node:crypto';
import {
  canonicalJson,
  closed,
  described,
  leafHashOf,
  noPreviousEvent,
  nullable,
  parseInstant,
  Sentence,
  Sha256Schema,
  UtcInstantSchema,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { RoleSchema } from '../api-keys/principal.js';

const AccessSchema = closed({
  principal: nullable(Type.String(), '`key:1f0c9a3b7d4c`; null when nobody signed in'),
  role: nullable(RoleSchema, 'the role that allowed it; null when none did'),
  method: Type.String({ description: '`GET`' }),
  route: Type.String({
    description: 'the route’s template, never the address as sent: `/agencies/:agencyId/balance`',
  }),
  subject: Type.Unsafe<Record<string, string>>({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'the ids it was about, by the name of the parameter',
  }),
  status: Type.Integer({ description: 'the HTTP status it was answered with' }),
  requestId: Type.String(),
});

/** One request to the service: its subject, and its sender. */
export type Access = Shape<typeof AccessSchema>;

/** One line of the access log (`docs/spec/access-log.md`). */
export type AccessEntry = Shape<typeof AccessEntrySchema>;
export const AccessEntrySchema = closed({
  ...AccessSchema.properties,
  at: UtcInstantSchema,
  hash: described(Sha256Schema, 'of this entry'),
  previous: described(Sha256Schema, 'the hash of the entry before it, or 64 zeros'),
  seq: Type.Integer({ description: '0, 1, 2, … without a gap' }),
});

/** An entry and its hash, held elsewhere: the log must still have it. */
export type Anchor = Shape<typeof AnchorSchema>;
export const AnchorSchema = closed({ seq: Type.Integer(), hash: Sha256Schema });

/** The `previous` of the first entry. */
export const noEntry = noPreviousEvent;

/**
 * Chains a request to the entry before it. Ids of another form are replaced, so that names and
 * texts stay out of the log.
 */
export function entryOf(access: Access, at: Instant, previous: Anchor | undefined): AccessEntry {
  const bare = {
    at,
    method: access.method,
    previous: previous?.hash ?? noEntry,
    principal: access.principal === null ? null : pseudonym(access.principal),
    requestId: pseudonym(access.requestId),
    role: access.role,
    route: access.route,
    seq: (previous?.seq ?? -1) + 1,
    status: access.status,
    subject: Object.fromEntries(
      Object.entries(access.subject).map(([name, id]) => [name, pseudonym(id)]),
    ),
  };
  return { ...bare, hash: leafHashOf(canonicalJson(bare)) };
}

/** The line of an entry, without its newline: canonical JSON. */
export function lineOf(entry: AccessEntry): string {
  return canonicalJson(entry);
}

const wrongEntry = {
  json: new Sentence({ en: 'is not JSON', zh: '不是 JSON' }),
  form: new Sentence({ en: 'is not an entry of the access log', zh: '不是访问日志的记录' }),
  canonical: new Sentence({ en: 'is not in canonical form', zh: '不是规范格式' }),
  hash: new Sentence({
    en: 'does not have the hash it states: it was altered',
    zh: '的哈希与其写明的不符：已被改动',
  }),
};

/**
 * Reads a line. Gives the problem, as the end of a sentence that begins with the place, when it is
 * not an entry to the byte.
 */
export function readEntry(line: string): AccessEntry | Sentence {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return wrongEntry.json;
  }
  if (!isEntry(entry)) return wrongEntry.form;
  if (lineOf(entry) !== line) return wrongEntry.canonical;
  const { hash: stated, ...bare } = entry;
  return leafHashOf(canonicalJson(bare)) === stated ? entry : wrongEntry.hash;
}

/** The form of an id (interchange, first lines), or `key:…`. */
const idForm = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * An id as it is. Anything else could be a name or an address: it gives the start of its SHA-256,
 * the same each time, and not readable.
 */
function pseudonym(id: string): string {
  return idForm.test(id) ? id : `sha256:${hash('sha256', id, 'hex').slice(0, 32)}`;
}

const members = 'at,hash,method,previous,principal,requestId,role,route,seq,status,subject';
const hashForm = /^[0-9a-f]{64}$/;

function isEntry(value: unknown): value is AccessEntry {
  if (
    typeof value !== 'object' ||
    value === null ||
    Object.keys(value).sort().join(',') !== members
  )
    return false;
  const { at, principal, role, subject, ...rest } = value as Record<string, unknown>;
  const { hash: own, previous, method, route, requestId, seq, status } = rest;
  return (
    typeof at === 'string' &&
    parseInstant(at) === at &&
    [own, previous].every((each) => typeof each === 'string' && hashForm.test(each)) &&
    [method, route, requestId].every((each) => typeof each === 'string') &&
    [principal, role].every((each) => each === null || typeof each === 'string') &&
    [seq, status].every((each) => Number.isSafeInteger(each)) &&
    typeof subject === 'object' &&
    subject !== null &&
    !Array.isArray(subject) &&
    Object.values(subject).every((each) => typeof each === 'string')
  );
}
