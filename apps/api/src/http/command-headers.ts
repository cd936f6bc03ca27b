import { checkOf, IdSchema } from '@penalty-ledger/ledger';
import type { FastifyRequest } from './http-types.js';
import { ApiProblem } from './problems/api-problem.js';

const checkId = checkOf(IdSchema, 'Idempotency-Key');

/**
 * The command's id, which belongs to its sender: sent again with the same data it is a duplicate,
 * with other data a conflict.
 *
 * @throws ApiProblem `invalid`
 */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const sent = headers['idempotency-key'];
  if (sent === undefined) return undefined;
  // The draft of the header writes it as a string in quotes.
  const key = typeof sent === 'string' ? sent.replace(/^"(.*)"$/, '$1') : '';
  const [problem] = checkId(key);
  if (problem !== undefined) throw new ApiProblem('invalid', problem);
  return key;
}

/**
 * The revision that an agency's stream must still have: an `ETag` that was read of the agency, or
 * the revision alone in quotes.
 *
 * @throws ApiProblem `invalid`
 */
export function expectedRevisionOf({ headers }: FastifyRequest): number | undefined {
  const sent = headers['if-match'];
  if (sent === undefined) return undefined;
  const [, revision] = /^"(0|[1-9]\d{0,14})(?:-[0-9a-z]+)?"$/.exec(sent) ?? [];
  if (revision === undefined) {
    throw new ApiProblem('invalid', {
      en: 'If-Match: send the ETag of an agency, or its revision in quotes: "12"',
      zh: 'If-Match：须为机构查询结果的 ETag，或带引号的修订号："12"',
    });
  }
  return Number(revision);
}
