import { AsyncResource } from 'node:async_hooks';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Counted, KnownSenders } from '../guard/known-senders.js';
import type { KnownRequest } from '../guard/rule.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import { FairQueue } from '../served/fair-queue.js';

/** Requests of all senders that wait. */
const maxWaiting = 1024;

/** Requests of one sender that wait: a quarter, as in the queue of commands. */
export const maxWaitingOfOne = maxWaiting / 4;

/** The time after its last request for which a sender counts as one that others share with. */
const presentMs = 1_000;

/**
 * The time in which requests begin, until the event loop reads again. While nobody else is there, a
 * longer one lets commands share more; a sender who comes then waits for it once.
 */
const aloneMs = 16;
const sharedMs = 2;

/** Requests that begin in one round of the event loop, at most. */
const maxOfOneRound = 64;

/** A shorter pause is none, for a timer. */
const shortestPauseMs = 0.5;

const tooManyOfOne = {
  en: `${maxWaitingOfOne} requests of yours wait already`,
  zh: `您已有 ${maxWaitingOfOne} 个请求在等待处理`,
};
const tooMany = { en: 'too many requests wait', zh: '等待处理的请求过多' };

/** A sender with a known key, and when it last sent something. */
interface Present {
  readonly sender: string;
  readonly at: number;
}

/**
 * Lets senders begin their requests in turn, before their keys are checked and their bodies read. A
 * sender whose requests wait takes at most half of the time while another with a known key is
 * there: it pauses for as long as its requests took, unless others took as much. So the others find
 * the event loop free half of the time, however much is sent.
 */
export class ArrivalTurns {
  readonly #queue = new FairQueue<() => void>({
    all: maxWaiting,
    ofOneSender: maxWaitingOfOne,
    takenOfOneSender: 1,
  });
  /** The two senders with known keys that sent last, the later first. */
  #present: readonly Present[] = [];
  /** The number of the round of the event loop that began last. */
  #round = 0;
  #roundBegan = 0;
  /** The requests of each sender that began in it. */
  readonly #begun = new Map<string, number>();
  /** Steps that the next round has already. */
  #nextSteps = 0;

  /** @param now milliseconds that never go back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Begins a request in its sender's turn.
   *
   * @throws ApiProblem `unavailable` when too many wait
   */
  take(sender: string, isKnown: boolean, begin: () => void): void {
    if (isKnown) this.#note(sender);
    if (!this.#queue.hasRoom(sender))
      throw new ApiProblem('unavailable', this.#queue.size >= maxWaiting ? tooMany : tooManyOfOne);
    this.#queue.push(sender, begin);
    this.#addStep();
  }

  #note(sender: string): void {
    const other = this.#present.find((each) => each.sender !== sender);
    const now = { sender, at: this.now() };
    this.#present = other === undefined ? [now] : [now, other];
  }

  /** Says whether a sender with a known key is there besides this one. */
  #isShared(sender: string, now: number): boolean {
    return this.#present.some((other) => other.sender !== sender && now - other.at < presentMs);
  }

  /**
   * Lets one request more begin in the next round. Each has a step of the event loop of its own:
   * what it does at once is over before the next looks at the time.
   */
  #addStep(): void {
    if (this.#nextSteps === maxOfOneRound) return;
    this.#nextSteps += 1;
    const round = this.#round + 1;
    setImmediate(() => this.#step(round));
  }

  #step(round: number): void {
    const now = this.now();
    if (round > this.#round) this.#beginRound(round, now);
    if (now - this.#roundBegan > this.#lasts(now)) {
      this.#addStep();
      return;
    }
    const taken = this.#queue.take();
    if (taken === undefined) return;
    const { sender, item: begin } = taken;
    this.#queue.done(sender);
    this.#begun.set(sender, (this.#begun.get(sender) ?? 0) + 1);
    // Nothing else waits perhaps, but the end of this round is to be known.
    if (this.#nextSteps === 0) this.#addStep();
    begin();
  }

  /** The time in which requests begin in this round, in ms. */
  #lasts(now: number): number {
    const [sender = ''] = this.#begun.keys();
    return this.#begun.size > 1 || this.#isShared(sender, now) ? sharedMs : aloneMs;
  }

  #beginRound(round: number, now: number): void {
    const requests = [...this.#begun.values()].reduce((sum, each) => sum + each, 0);
    for (const [sender, of] of this.#begun) {
      const tookMs = ((now - this.#roundBegan) * of) / requests;
      const pauseMs = this.#roundBegan + 2 * tookMs - now;
      if (
        pauseMs >= shortestPauseMs &&
        this.#queue.sizeOf(sender) > 0 &&
        this.#isShared(sender, now)
      )
        this.#pause(sender, pauseMs);
    }
    this.#begun.clear();
    this.#round = round;
    this.#roundBegan = now;
    this.#nextSteps = 0;
  }

  #pause(sender: string, ms: number): void {
    this.#queue.hold(sender);
    setTimeout(() => {
      this.#queue.release(sender);
      for (let waiting = this.#queue.sizeOf(sender); waiting > 0; waiting -= 1) this.#addStep();
    }, Math.round(ms));
  }
}

/** Lets every request wait its turn (`ArrivalTurns`), and notes for whom it is counted. */
export function takeTurns(adapter: FastifyAdapter, senders: KnownSenders): void {
  const turns = new ArrivalTurns();
  adapter.getInstance().addHook('onRequest', (request: KnownRequest, _reply, done) => {
    const counted = senders.countedAs(request);
    request.counted = counted;
    try {
      turns.take(
        senderOf(counted),
        counted.address === undefined,
        // It runs in a step that another request asked for, and stays within its own span.
        AsyncResource.bind(() => {
          // One who left is not answered.
          if (!request.raw.destroyed) done();
        }),
      );
    } catch (problem) {
      done(problem as ApiProblem);
    }
  });
}

/** Names those whose requests take turns: all keys of one agency are one sender. */
function senderOf(counted: Counted): string {
  if (counted.agency !== undefined) return `agency ${counted.agency}`;
  return counted.key ?? `address ${counted.address}`;
}
