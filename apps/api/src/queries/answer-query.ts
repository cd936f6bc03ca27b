import { joined, inEach, placeAndProblem } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/ledger';
import {
  readQuery,
  type Answer,
  type LedgerQuery,
  type QueryError,
  type QueryName,
} from '@penalty-ledger/application';
import { assertOwn, principalOf } from '../guard/principal.js';
import type { KnownRequest } from '../guard/rule.js';
import { parametersOf, type Parameters } from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { unknownThen } from '../http/problems/unknown-record.js';
import { caughtUp } from '../served/caught-up.js';
import type { ServedLedger } from '../served/served-ledger.js';

/**
 * Reads a query of interchange §3 from a request's parameters, and waits until it can be answered.
 *
 * @throws ApiProblem `invalid`, `forbidden`, `not_caught_up`
 */
export async function queryIn<Name extends QueryName>(
  ledger: ServedLedger,
  name: Name,
  { atLeast, ...fields }: Parameters,
  request: KnownRequest,
): Promise<Extract<LedgerQuery, { query: Name }>> {
  const principal = principalOf(request);
  const read = readQuery({ ...fields, query: name });
  if (read.problems !== undefined) {
    const addressed = parametersOf(request);
    throw new ApiProblem('invalid', joined(read.problems.map((each) => asSent(each, addressed))));
  }
  const { query } = read;
  if ('agencyId' in query) assertOwn(principal, query.agencyId);
  await caughtUp(ledger, { atLeast });
  return query as Extract<LedgerQuery, { query: Name }>;
}

/**
 * Gives an answer on.
 *
 * @param query its ids, to name the one that is unknown
 * @throws ApiProblem for a query that has none
 */
export function answered<T extends object>(
  answer: T | QueryError,
  query: AskedIds,
): Exclude<T, QueryError> {
  if ('error' in answer) throw withoutAnswer(answer, query);
  return answer as Exclude<T, QueryError>;
}

/** The ids in a query that may be unknown. */
export interface AskedIds {
  readonly query?: QueryName;
  readonly agencyId?: string;
  readonly appealId?: string;
  readonly complaintId?: string;
  readonly sessionId?: string;
  readonly rulebook?: NonNullable<Extract<LedgerQuery, { query: 'whatif' }>['rulebook']>;
}

function withoutAnswer({ error, problem }: QueryError, asked: AskedIds): ApiProblem {
  switch (error) {
    case 'unknown_agency':
      return unknownThen('agency', asked.agencyId ?? '');
    case 'unknown_appeal':
      return unknownThen('appeal', asked.appealId ?? '');
    case 'unknown_complaint':
      return unknownThen('complaint', asked.complaintId ?? '');
    case 'unknown_session':
      return unknownThen('session', asked.sessionId ?? '');
    case 'unknown_rulebook':
      return unknownThen('rulebook', rulebookName(asked.rulebook ?? ''));
    case 'invalid':
      return new ApiProblem(
        error,
        problem && inEach(problem, (half) => half.replace(/^query\./, '')),
      );
  }
}

function rulebookName(asked: NonNullable<AskedIds['rulebook']>): string {
  if (typeof asked === 'string') return asked;
  const { id, rulebookVersion } = 'document' in asked ? asked.document : asked;
  return `${id} ${rulebookVersion}`;
}

/** Answers a query of interchange §3, to a sender who may see the answer. */
export async function answerQuery(
  ledger: ServedLedger,
  name: QueryName,
  given: Parameters,
  request: KnownRequest,
): Promise<Exclude<Answer, QueryError>> {
  const principal = principalOf(request);
  const query = await queryIn(ledger, name, given, request);
  const answer = answered(await ledger.ask(query), query);
  const owner = 'agencyId' in answer ? answer.agencyId : undefined;
  // What is another agency's does not exist for this one.
  if (principal.agencyId !== undefined && owner !== principal.agencyId)
    throw name === 'appeal' || name === 'complaint' || name === 'session'
      ? withoutAnswer({ error: `unknown_${name}` }, query)
      : new ApiProblem('forbidden');
  return answer;
}

/**
 * A problem of a query by the parameter's own name. In an address a "+" that was not written as
 * %2B has become a space, and a sender who wrote an offset needs to hear that.
 */
function asSent(problem: InBoth, addressed: Parameters): InBoth {
  const named = inEach(problem, (half) => half.replace(/^query\./, ''));
  const { place, what } = placeAndProblem(named);
  return place in addressed && what.en.includes('RFC 3339')
    ? joined([named, { en: 'in an address "+" is written %2B', zh: '在网址中，“+”须写作 %2B' }])
    : named;
}
