import { Inject, Injectable } from '@nestjs/common';
import { idsRefused } from '@penalty-ledger/application/nearest-ids';
import type { Principal } from '@penalty-ledger/application/api-keys';
import type { InBoth } from '@penalty-ledger/ledger';
import { readers, type KnownRequest } from '../guard/rule.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ApiProblem } from '../http/problems/api-problem.js';

/** The ids compared on each side: some milliseconds, in which nobody else is served. */
const compared = 2_000;

/** The ids of one request that are looked for; a body may name thousands. */
const lookedFor = 3;

/**
 * Offers the ids nearest to one that was not found, to senders who may read of every agency. To an
 * agency the answer about another one's id stays the same as about an unknown one.
 */
@Injectable()
export class NearestRecords {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  /** Says whether {@link completed} may have ids to offer. */
  mayOffer(error: unknown, request: KnownRequest): error is ApiProblem {
    return (
      error instanceof ApiProblem &&
      error.detail !== undefined &&
      readsEverything(request.principal) &&
      asked(error, request).length > 0
    );
  }

  /** The same refusal, with the nearest ids at its end where there are any. */
  async completed(problem: ApiProblem, request: KnownRequest): Promise<ApiProblem> {
    const { code, detail, extras } = problem;
    const offer = await this.#offerFor(problem, request);
    if (detail === undefined || offer === undefined) return problem;
    const both = { en: `${detail.en}; ${offer.en}`, zh: `${detail.zh}；${offer.zh}` };
    return new ApiProblem(code, both, extras);
  }

  async #offerFor(problem: ApiProblem, request: KnownRequest): Promise<InBoth | undefined> {
    for (const { kind, id } of asked(problem, request)) {
      const near = await this.ledger.reader.nearestIds(kind, id, compared);
      const [first] = near;
      if (first === undefined || first.id === id) continue;
      const ids = near.map((each) => `"${each.id}"`);
      return { en: `did you mean ${ids.join(' or ')}?`, zh: `是否指 ${ids.join('、')}？` };
    }
    return undefined;
  }
}

function asked(
  { code }: ApiProblem,
  { body, params, query }: KnownRequest,
): ReturnType<typeof idsRefused> {
  return idsRefused(code, [params, query, body]).slice(0, lookedFor);
}

function readsEverything(principal: Principal | undefined): boolean {
  return (
    principal !== undefined &&
    principal.agencyId === undefined &&
    principal.roles.some((role) => readers.includes(role))
  );
}
