import { type Instant, shape } from '@penalty-ledger/ledger';
import { areFileNames } from './file-names.js';
import { readPackJson } from './pack-json.js';

const {
  exactly,
  integerFrom,
  isAscending,
  isHash,
  isId,
  isInstant,
  isObject,
  isPeriod,
  listOf,
  matching,
  objectOf,
} = shape;

/** The subject of an evidence pack: an agency and a period, or an appeal of an agency. */
export interface PackSubject {
  readonly agencyId: string;
  readonly appealId?: string;
}

export type Redaction = 'complainant';

/** One file of a pack, by hash; `packed` as it stands in the ZIP, if it is deflated. */
export interface ListedFile {
  readonly bytes: number;
  readonly name: string;
  readonly packed?: { readonly bytes: number; readonly sha256: string };
  readonly sha256: string;
}

/** `manifest.json` (`docs/spec/evidence-pack.md`). */
export interface Manifest {
  readonly account: string;
  /** The months whose assessments can be counted again from the pack. */
  readonly assessments?: readonly string[];
  readonly effectiveAt: Instant;
  /** The names that attached files had where the pack was made, by their SHA-256. */
  readonly fileNames?: Readonly<Record<string, string>>;
  readonly files: readonly ListedFile[];
  readonly format: 1;
  readonly kind: typeof packKind;
  readonly knownAt: Instant;
  readonly ledgerId: string;
  readonly origin: string;
  readonly period: string;
  readonly redacted: readonly Redaction[];
  /** Present when the ledger is a simulation. */
  readonly simulation?: true;
  readonly subject: PackSubject;
}

export const packKind = 'penalty-ledger/evidence-pack';

/** A month that a deduction can rest on. */
export const isMonth = matching(/^(?:199[2-9]|[2-8][0-9]{3})-(?:0[1-9]|1[0-2])$/);

const isManifest = objectOf({
  account: isId,
  'assessments?': (value) =>
    listOf(isMonth)(value) && (value as string[]).length > 0 && isAscending(value as string[]),
  effectiveAt: isInstant,
  'fileNames?': areFileNames,
  files: listOf(
    objectOf({
      bytes: integerFrom(0),
      name: (value) => typeof value === 'string',
      'packed?': objectOf({ bytes: integerFrom(0), sha256: isHash }),
      sha256: isHash,
    }),
  ),
  format: exactly(1),
  kind: exactly(packKind),
  knownAt: isInstant,
  ledgerId: isId,
  origin: matching(/^[!-*,-~]{1,100}$/),
  period: isPeriod,
  redacted: (value) =>
    Array.isArray(value) &&
    (value.length === 0 || (value.length === 1 && value[0] === 'complainant')),
  'simulation?': exactly(true),
  subject: (value) => isObject(value) && objectOf({ agencyId: isId, 'appealId?': isId })(value),
});

/** @throws PackError `manifest_bytes`, `manifest_form` */
export function readManifest(bytes: Uint8Array): Manifest {
  return readPackJson(bytes, 'manifest', isManifest) as Manifest;
}
