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

/**
 * Readings of one sender that are answered at once, while nobody else is there and while another
 * is. An answer is computed and noted in the access log in several rounds of the event loop, and
 * each of another's in them makes a round longer.
 */
const readingsAlone = 16;
const readingsShared = 1;

/** A reading counts no longer than this: one may wait for a position to be reached. */
const maxReadingMs = 100;

/**
 * The pause of a sender with a known key, and of one without, for each millisecond it took. Reading
 * a request from its connection costs as well, before its turn.
 */
const pauseOfKnown = 1.25;
const pauseOfUnknown = 3;

/** A shorter pause is none, for a timer; a sender owes it until it is long enough. */
const shortestPauseMs = 1;

const tooManyOfOne = {
  en: `${maxWaitingOfOne} requests of yours wait already`,
  zh: `您已有 ${maxWaitingOfOne} 个请求在等待处理`,
};
const tooMany = { en: 'too many requests wait', zh: '等待处理的请求过多' };

/** A request that waits for its turn. */
export interface Arrived {
  /** Those whose requests take turns have one name. */
  readonly sender: string;
  /** The sender has signed in with these credentials before. */
  readonly isKnown: boolean;
  /** It changes nothing, and is answered by its route alone. */
  readonly isReading: boolean;
}

/** A request, and what begins it. A reading tells when it has ended, once. */
interface Waiting extends Arrived {
  readonly begin: (ended: () => void) => void;
}

/** A sender with a known key, and when it last sent something. */
interface Present {
  readonly sender: string;
  readonly at: number;
}

/**
 * Lets senders begin their requests in turn, before their keys are checked and their bodies read. A
 * sender whose requests wait takes less than half of the time while another with a known key is
 * there, and a quarter without a known key of its own: it pauses for longer than its requests took,
 * unless others took as much. So the others find the event loop free, however much is sent.
 */
export class ArrivalTurns {
  readonly #queue = new FairQueue<Waiting>({
    all: maxWaiting,
    ofOneSender: maxWaitingOfOne,
    takenOfOneSender: 1,
  });
  /** The two senders with known keys that sent last, the later first. */
  #present: readonly Present[] = [];
  /** The number of the round of the event loop that began last. */
  #round = 0;
  #roundBegan = 0;
  #firstOfRound: string | undefined;
  /** A second sender had a turn in it. */
  #isMixed = false;
  /** The senders of requests that began in it, but for readings: those tell when they end. */
  readonly #begun = new Map<string, { requests: number; readonly isKnown: boolean }>();
  /** The readings of each sender that are being answered. */
  readonly #readings = new Map<string, number>();
  readonly #paused = new Set<string>();
  /** The time in ms that each sender who is not yet paused took of the others. */
  readonly #owed = new Map<string, number>();
  /** Steps that the next round has already. */
  #nextSteps = 0;

  /** @param now milliseconds that never go back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Begins a request in its sender's turn.
   *
   * @throws ApiProblem `unavailable` when too many wait
   */
  take(arrived: Arrived, begin: (ended: () => void) => void): void {
    const { sender, isKnown } = arrived;
    if (isKnown) this.#note(sender);
    if (!this.#queue.hasRoom(sender))
      throw new ApiProblem('unavailable', this.#queue.size >= maxWaiting ? tooMany : tooManyOfOne);
    this.#queue.push(sender, { ...arrived, begin });
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
    const { sender, item } = taken;
    this.#queue.done(sender);
    this.#firstOfRound ??= sender;
    this.#isMixed ||= sender !== this.#firstOfRound;
    if (!item.isReading) this.#noteBegun(item);
    // Even if nothing else waits, the end of this round is to be known.
    if (this.#nextSteps <= this.#queue.size) this.#addStep();
    if (item.isReading) this.#beginReading(item, now);
    else item.begin(() => undefined);
  }

  #noteBegun({ sender, isKnown }: Waiting): void {
    const begun = this.#begun.get(sender);
    if (begun === undefined) this.#begun.set(sender, { requests: 1, isKnown });
    else begun.requests += 1;
  }

  #beginReading({ sender, isKnown, begin }: Waiting, now: number): void {
    const maxReadings = this.#isShared(sender, now) ? readingsShared : readingsAlone;
    const begun = (this.#readings.get(sender) ?? 0) + 1;
    this.#readings.set(sender, begun);
    if (begun >= maxReadings) this.#queue.hold(sender);
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(late);
      const left = (this.#readings.get(sender) ?? 1) - 1;
      if (left === 0) this.#readings.delete(sender);
      else this.#readings.set(sender, left);
      this.#pauseFor(sender, pauseOf(isKnown) * (this.now() - now));
      this.#release(sender);
    };
    const late = setTimeout(end, maxReadingMs).unref();
    begin(end);
  }

  /** The time in which requests begin in this round, in ms. */
  #lasts(now: number): number {
    const first = this.#firstOfRound;
    const isShared = this.#isMixed || (first !== undefined && this.#isShared(first, now));
    return isShared ? sharedMs : aloneMs;
  }

  #beginRound(round: number, now: number): void {
    const all = [...this.#begun.values()].reduce((sum, { requests }) => sum + requests, 0);
    const lastedMs = now - this.#roundBegan;
    for (const [sender, { requests, isKnown }] of this.#begun) {
      const tookMs = (lastedMs * requests) / all;
      // While others took their time it paused already.
      this.#pauseFor(sender, pauseOf(isKnown) * tookMs - (lastedMs - tookMs));
    }
    this.#begun.clear();
    this.#firstOfRound = undefined;
    this.#isMixed = false;
    this.#round = round;
    this.#roundBegan = now;
    this.#nextSteps = 0;
  }

  /** Lets a sender pause whose requests wait while another with a known key is there. */
  #pauseFor(sender: string, ms: number): void {
    if (this.#paused.has(sender)) return;
    const owed = Math.max(0, (this.#owed.get(sender) ?? 0) + ms);
    const mayPause = this.#queue.sizeOf(sender) > 0 && this.#isShared(sender, this.now());
    if (mayPause && owed < shortestPauseMs) this.#owed.set(sender, owed);
    else this.#owed.delete(sender);
    if (mayPause && owed >= shortestPauseMs) this.#pause(sender, owed);
  }

  #pause(sender: string, ms: number): void {
    this.#paused.add(sender);
    this.#queue.hold(sender);
    setTimeout(() => {
      this.#paused.delete(sender);
      this.#release(sender);
    }, Math.round(ms));
  }

  /** Gives a sender its turns again, unless it still pauses or has enough readings answered. */
  #release(sender: string): void {
    const maxReadings = this.#isShared(sender, this.now()) ? readingsShared : readingsAlone;
    if (this.#paused.has(sender) || (this.#readings.get(sender) ?? 0) >= maxReadings) return;
    this.#queue.release(sender);
    for (let waiting = this.#queue.sizeOf(sender); waiting > 0; waiting -= 1) this.#addStep();
  }
}

function pauseOf(isKnown: boolean): number {
  return isKnown ? pauseOfKnown : pauseOfUnknown;
}

/** Lets every request wait its turn (`ArrivalTurns`), and notes for whom it is counted. */
export function takeTurns(adapter: FastifyAdapter, senders: KnownSenders): void {
  const turns = new ArrivalTurns();
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', (request: KnownRequest, reply, done) => {
    const counted = senders.countedAs(request);
    request.counted = counted;
    const arrived = {
      sender: senderOf(counted),
      isKnown: counted.address === undefined,
      isReading: request.method === 'GET' || request.method === 'HEAD',
    };
    // It runs in a step that another request asked for, and stays within its own span.
    const scope = new AsyncResource('ArrivalTurn');
    const begin = (ended: () => void): void => {
      // One who left is not answered.
      if (request.raw.destroyed) {
        ended();
        return;
      }
      request.endReading = ended;
      reply.raw.once('close', ended);
      scope.runInAsyncScope(done);
    };
    try {
      turns.take(arrived, begin);
    } catch (problem) {
      done(problem as ApiProblem);
    }
  });
  fastify.addHook('onSend', (request: KnownRequest, reply, payload, done) => {
    // A feed may be read for days.
    if (String(reply.getHeader('content-type')).startsWith('text/event-stream'))
      request.endReading?.();
    done(null, payload);
  });
}

/** Names those whose requests take turns: all keys of one agency are one sender. */
function senderOf(counted: Counted): string {
  if (counted.agency !== undefined) return `agency ${counted.agency}`;
  return counted.key ?? `address ${counted.address}`;
}
