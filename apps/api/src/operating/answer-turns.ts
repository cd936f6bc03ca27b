import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { finalize, from, mergeMap, type Observable } from 'rxjs';
import { senderName } from '../guard/principal.js';
import type { KnownRequest } from '../guard/rule.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { FairQueue } from '../served/fair-queue.js';

/** Requests of all senders that are answered or wait. */
const maxAsked = 1024;

/** Requests of one sender that are answered or wait: a quarter, as in the queue of commands. */
export const maxAskedOfOne = maxAsked / 4;

/**
 * Requests of one sender that are answered at once, and those that begin in one round of the event
 * loop; the others wait, and cost nothing meanwhile. An answer takes the processor some 0.4 ms, so
 * that another sender's request is read after a few ms.
 */
const answeredOfOne = 16;
const begunInOneRound = 16;

const tooManyOfOne = {
  en: `${maxAskedOfOne} requests of yours wait already`,
  zh: `您已有 ${maxAskedOfOne} 个请求在等待处理`,
};
const tooMany = { en: 'too many requests wait', zh: '等待处理的请求过多' };

/**
 * Lets the requests of each sender be answered a few at a time, in the order they came, so that a
 * sender with many connections does not make the others wait for all of them.
 */
@Injectable()
export class AnswerTurns implements NestInterceptor {
  readonly #queue = new FairQueue<() => void>({
    all: maxAsked,
    ofOneSender: maxAskedOfOne,
    takenOfOneSender: answeredOfOne,
  });
  /** Those that may begin in this round of the event loop. */
  #left = begunInOneRound;
  #isNextScheduled = false;

  /** @throws ApiProblem `unavailable` when too many wait */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { principal } = context.switchToHttp().getRequest<KnownRequest>();
    if (principal === undefined) return next.handle();
    const sender = senderName(principal);
    if (!this.#queue.hasRoom(sender))
      throw new ApiProblem('unavailable', this.#queue.size >= maxAsked ? tooMany : tooManyOfOne);
    const turn = new Promise<void>((begin) => this.#queue.push(sender, begin));
    this.#begin();
    return from(turn).pipe(
      mergeMap(() => next.handle()),
      finalize(() => {
        this.#queue.done(sender);
        this.#begin();
      }),
    );
  }

  #begin(): void {
    while (this.#left > 0) {
      const taken = this.#queue.take();
      if (taken === undefined) break;
      this.#left -= 1;
      taken.item();
    }
    if (this.#isNextScheduled || this.#left === begunInOneRound) return;
    this.#isNextScheduled = true;
    setImmediate(() => {
      this.#isNextScheduled = false;
      this.#left = begunInOneRound;
      this.#begin();
    });
  }
}
