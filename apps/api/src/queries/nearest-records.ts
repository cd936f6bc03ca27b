import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { idsRefused } from '@penalty-ledger/application/nearest-ids';
import type { Principal } from '@penalty-ledger/application/api-keys';
import type { InBoth } from '@penalty-ledger/ledger';
import { catchError, from, type Observable } from 'rxjs';
import { readers, type KnownRequest } from '../guard/rule.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ApiProblem } from '../http/problems/api-problem.js';

/** The ids compared on each side: some milliseconds, in which nobody else is served. */
const compared = 2_000;

/**
 * Offers the ids nearest to one that was not found, to senders who may read of every agency. To an
 * agency the answer about another one's id stays the same as about an unknown one.
 */
@Injectable()
export class NearestRecords implements NestInterceptor {
  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<KnownRequest>();
    return next.handle().pipe(catchError((error: unknown) => from(this.#rethrown(error, request))));
  }

  async #rethrown(error: unknown, request: KnownRequest): Promise<never> {
    if (!(error instanceof ApiProblem) || error.detail === undefined) throw error;
    if (!readsEverything(request.principal)) throw error;
    const { body, params, query } = request;
    const offer = await this.#offerFor(error.code, [params, query, body]).catch(() => undefined);
    if (offer === undefined) throw error;
    const { detail, extras } = error;
    throw new ApiProblem(
      error.code,
      { en: `${detail.en}; ${offer.en}`, zh: `${detail.zh}；${offer.zh}` },
      extras,
    );
  }

  async #offerFor(code: string, asked: unknown): Promise<InBoth | undefined> {
    for (const { kind, id } of idsRefused(code, asked)) {
      const near = await this.ledger.reader.nearestIds(kind, id, compared);
      const [first] = near;
      if (first === undefined || first.id === id) continue;
      const ids = near.map((each) => `"${each.id}"`);
      return { en: `did you mean ${ids.join(' or ')}?`, zh: `是否指 ${ids.join('、')}？` };
    }
    return undefined;
  }
}

function readsEverything(principal: Principal | undefined): boolean {
  return (
    principal !== undefined &&
    principal.agencyId === undefined &&
    principal.roles.some((role) => readers.includes(role))
  );
}
