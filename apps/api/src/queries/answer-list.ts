import { lists, readList, type ListAnswer, type ListName } from '@penalty-ledger/application';
import { agencyIn } from '../guard/principal.js';
import type { KnownRequest } from '../guard/rule.js';
import { sendAnswer } from '../http/answers.js';
import type { FastifyReply } from '../http/http-types.js';
import { asCursor } from '../http/paging.js';
import { parametersOf } from '../http/parameters.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { caughtUp } from '../served/caught-up.js';
import type { ServedLedger } from '../served/served-ledger.js';
import { answered } from './answer-query.js';

/**
 * Answers a list from a request's parameters: for the role `agency` of its own agency.
 *
 * @throws ApiProblem `invalid`, `forbidden`, `unknown_agency`, `not_caught_up`
 */
export async function answerList(
  name: ListName,
  ledger: ServedLedger,
  request: KnownRequest,
  reply: FastifyReply,
): Promise<object | undefined> {
  const { atLeast, ...given } = parametersOf(request);
  const agencyId = 'agencyId' in lists[name].fields ? agencyIn(given, request) : undefined;
  const read = asCursor(() =>
    readList(name, agencyId === undefined ? given : { ...given, agencyId }),
  );
  if (read.problem !== undefined) throw new ApiProblem('invalid', read.problem);
  await caughtUp(ledger, { atLeast });
  const page = await read.ask(ledger.reader);
  const found: ListAnswer = answered(page, agencyId === undefined ? {} : { agencyId });
  return sendAnswer(found, request, reply);
}
