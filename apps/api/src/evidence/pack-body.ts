import type { PackWanted } from '@penalty-ledger/application/packing';
import type { PackSubject } from '@penalty-ledger/evidence';
import { parseInstant } from '@penalty-ledger/ledger';
import { AnInstant, Hashes, Id, Ids, MayBeMissing, OneOf, Period } from '../http/fields.js';
import type { SchemaObject } from '../openapi/schemas.js';
import { ApiProblem } from '../http/problems/api-problem.js';

/** Evidence that one pack may be asked to hold beside what was submitted. */
const maxEvidence = 100;

/** Files that one pack may be asked to hold. */
const maxAttached = 20;

/** The body of a request for a pack: an appeal, or an agency and a period. */
export class NewPackBody {
  @MayBeMissing() @Id() readonly appealId?: string;
  @MayBeMissing() @Id() readonly agencyId?: string;
  @MayBeMissing() @Period() readonly period?: string;
  @MayBeMissing() @Id() readonly account?: string;
  @MayBeMissing() @AnInstant() readonly knownAt?: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
  @MayBeMissing() @Ids(1, maxEvidence) readonly evidenceIds?: string[];
  @MayBeMissing() @Hashes(1, maxAttached) readonly attach?: string[];
  @MayBeMissing() @OneOf(true, false) readonly disclose?: boolean;
  @MayBeMissing() @OneOf('complainant') readonly redact?: 'complainant';
}

/** The same for `/openapi.json`. */
export const newPackSchema: SchemaObject = {
  type: 'object',
  description: 'Give appealId, or agencyId and period.',
  additionalProperties: false,
  properties: {
    appealId: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' },
    agencyId: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' },
    period: { type: 'string', pattern: '^\\d{4}$', description: 'the points of which year' },
    account: {
      type: 'string',
      pattern: '^[A-Za-z0-9._:-]{1,64}$',
      description: 'another account of the rulebook',
    },
    knownAt: { type: 'string', format: 'date-time', description: 'as known then' },
    effectiveAt: { type: 'string', format: 'date-time', description: 'as it stood then' },
    evidenceIds: {
      type: 'array',
      minItems: 1,
      maxItems: maxEvidence,
      uniqueItems: true,
      items: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,64}$' },
      description: 'registered evidence to add to what was submitted in appeals',
    },
    attach: {
      type: 'array',
      minItems: 1,
      maxItems: maxAttached,
      uniqueItems: true,
      items: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      description: 'files kept by `/evidence-files` and registered for the case, by SHA-256',
    },
    disclose: {
      type: 'boolean',
      default: false,
      description: 'put in the texts and names that are sealed in events',
    },
    redact: {
      type: 'string',
      enum: ['complainant'],
      description: 'leave out what concerns a complainant; for the role agency always',
    },
  },
};

/** @throws ApiProblem `invalid` unless it is for one appeal, or one agency and a period */
export function assertOneSubject({ agencyId, appealId, period }: NewPackBody): void {
  if ((appealId === undefined) === (agencyId === undefined))
    throw new ApiProblem('invalid', {
      en: 'a pack is for one appeal or one agency: give appealId, or agencyId with period',
      zh: '一个证据包对应一项申诉或一家机构：请给出 appealId，或同时给出 agencyId 和 period',
    });
  if (agencyId !== undefined && period === undefined)
    throw new ApiProblem('invalid', {
      en: 'period: give a year with agencyId: "2019"',
      zh: 'period：按机构申请时须给出年份："2019"',
    });
}

/**
 * The request as the library takes it.
 *
 * @param isRedacted for the complainant's sake, whatever the body says
 */
export function wantedOf(body: NewPackBody, subject: PackSubject, isRedacted: boolean): PackWanted {
  const [effectiveAt, knownAt] = [body.effectiveAt, body.knownAt].map((text) =>
    parseInstant(text ?? ''),
  );
  const { account, attach, disclose = false, evidenceIds, period, redact } = body;
  return {
    subject,
    disclose,
    ...(period !== undefined && { period }),
    ...(account !== undefined && { account }),
    ...(effectiveAt !== undefined && { effectiveAt }),
    ...(knownAt !== undefined && { knownAt }),
    ...(evidenceIds !== undefined && { evidenceIds }),
    ...(attach !== undefined && { attach }),
    ...((isRedacted || redact !== undefined) && { redacted: ['complainant'] }),
  };
}
