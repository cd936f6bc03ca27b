import type { InBoth } from '@penalty-ledger/ledger';
import { type AppendRequest, placeOf, type StreamHead } from '../append-request.js';
import { BoundedCache } from '../bounded-cache.js';
import type { OnCommitted } from '../committed-group.js';
import { ConflictError, IntegrityError, StoreUnavailableError } from '../errors.js';
import {
  type Appended,
  comparePositions,
  type DecidedTogether,
  type Position,
  type StoredEvent,
} from '../event-store.js';
import type { Engine } from './engine.js';
import { type EngineFailure, engineFailureOf, isOutage, unavailable } from './failures.js';
import type { AppendReply } from './client/messages.js';
import type { LogPages } from './log-pages.js';
import type { StreamPages } from './stream-pages.js';
import { backoffMs } from './timings.js';
import { InFlight, limit } from './in-flight.js';
import type { Terms } from './terms.js';
import {
  marked,
  type Namespace,
  type UnmarkedEvent,
  unmarkedEventOf,
  type WireEvent,
} from './wire-event.js';

/** The number of heads kept; the last 10,000 always are. Losing one costs a read. */
const headLimit = 20_000;

interface Pending {
  /** Its place among all calls. */
  readonly order: number;
  readonly request: AppendRequest;
  readonly together: DecidedTogether | undefined;
  readonly unmarked: readonly UnmarkedEvent[];
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
  /** Its stream's head, read while it waits; only when nothing is known of the stream. */
  readonly lookedUp: Promise<StreamHead | undefined> | undefined;
  /** True once the append was sent: from then on it may be stored, whatever the answer is. */
  isSent: boolean;
}

/**
 * The one way into the engine. Appends leave in the order of the calls. Each leaves as soon as it
 * is known to follow what was sent to its stream, acknowledged or not, and once the appends that it
 * must stand behind are settled.
 *
 * An append that does not plainly follow waits until all before it are settled, and is compared
 * with what is then stored. So is one of unknown outcome, before its caller gets an answer and
 * before anything else is sent. When an append fails, those that wait behind it fail with it.
 */
export class AppendLane {
  readonly #engine: Engine;
  readonly #namespace: Namespace;
  readonly #streams: StreamPages;
  readonly #log: LogPages;
  readonly #terms: Terms;
  readonly #queue: Pending[] = [];
  readonly #underWay = new InFlight<Pending>();
  readonly #unresolved = new Set<Pending>();
  /** The last event sent or stored of each stream. The engine's check proves events in flight. */
  readonly #heads = new BoundedCache<string, StreamHead>(headLimit);
  /** The number of appends of each stream that wait in the queue. */
  readonly #waiting = new Map<string, number>();
  #taken = 0;
  /** A position the log is known to have reached: a new event's lies behind it. */
  #reached: Position | undefined;
  #measured = false;
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  /** The appends acknowledged since the lane was last empty, or since it was last reported. */
  #group = { fromMs: 0, appends: 0, events: 0 };

  constructor(
    engine: Engine,
    namespace: Namespace,
    streams: StreamPages,
    log: LogPages,
    terms: Terms,
    private readonly onCommitted: OnCommitted = () => undefined,
  ) {
    this.#engine = engine;
    this.#namespace = namespace;
    this.#streams = streams;
    this.#log = log;
    this.#terms = terms;
  }

  /** @throws RangeError at once, when the engine could not keep these bytes */
  append(request: AppendRequest, together?: DecidedTogether): Promise<Appended> {
    const unmarked = request.events.map(unmarkedEventOf);
    return new Promise((resolve, reject) => {
      const { stream, expected } = request;
      const waiting = this.#waiting.get(stream) ?? 0;
      const unknown =
        expected !== 'no_stream' && waiting === 0 && this.#heads.peek(stream) === undefined;
      const lookedUp = unknown ? this.#streams.last(stream) : undefined;
      lookedUp?.catch(() => undefined);
      this.#taken += 1;
      this.#waiting.set(stream, waiting + 1);
      this.#queue.push({
        order: this.#taken,
        request,
        together,
        unmarked,
        resolve,
        reject,
        lookedUp,
        isSent: false,
      });
      this.#running ??= this.#run();
      this.#wake();
    });
  }

  /** Resolves when everything that was taken is answered. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // The calls of one turn are taken together.
    await Promise.resolve();
    while (this.#queue.length + this.#underWay.size + this.#unresolved.size > 0) {
      if (this.#unresolved.size > 0) {
        if (this.#underWay.size > 0) await this.#change();
        else await this.#resolveInOrder();
        continue;
      }
      const next = this.#queue[0];
      if (next === undefined || !this.#hasRoom(next)) await this.#change();
      else await this.#dispatch(next);
    }
    this.#running = undefined;
  }

  /**
   * Sends an append that follows what was sent before it; else settles it once the lane is empty.
   */
  async #dispatch(next: Pending): Promise<void> {
    try {
      if (!this.#measured) {
        this.#reached = await this.#log.end();
        await this.#terms.learn();
        this.#measured = true;
      }
      const { stream } = next.request;
      if (next.lookedUp !== undefined && this.#heads.peek(stream) === undefined) {
        const head = await next.lookedUp;
        if (head !== undefined) this.#keep(stream, head);
      }
    } catch (error) {
      this.#take(next);
      next.reject(error);
      if (isOutage(error)) this.#giveUp(error.cause);
      return;
    }
    if (follows(next.request, this.#heads.get(next.request.stream))) {
      this.#take(next);
      this.#send(next);
    } else if (this.#underWay.size > 0) {
      await this.#change();
    } else {
      // The lane is empty: appends that do not follow are settled together, up to the next that
      // does.
      for (let one: Pending | undefined = next; one !== undefined; one = this.#queue[0]) {
        if (follows(one.request, this.#heads.get(one.request.stream))) return;
        this.#take(one);
        this.#unresolved.add(one);
      }
    }
  }

  #send(pending: Pending): void {
    const { stream, events } = pending.request;
    const last = events.at(-1);
    if (last !== undefined) this.#keep(stream, last);
    pending.isSent = true;
    if (this.#underWay.size === 0) this.#beginGroup();
    this.#underWay.add(pending);
    const reached = this.#reached;
    const landed = (settle: () => void): void => {
      this.#underWay.delete(pending);
      settle();
      if (this.#underWay.size === 0 || this.#group.appends >= limit.appends) this.#endGroup();
      this.#wake();
    };
    this.#sent(pending).then(
      (reply) => landed(() => this.#answer(pending, reply, reached)),
      (error: unknown) => landed(() => this.#fail(pending, error)),
    );
  }

  /** Sends an append once, at the engine's revision for its place. */
  async #sent({ request: { stream, expected }, unmarked }: Pending): Promise<AppendReply> {
    const passed = this.#streams.passed(stream);
    const marks = { term: this.#terms.sending, passed };
    const place = (expected === 'no_stream' ? -1 : expected) + passed;
    const wire: readonly WireEvent[] = unmarked.map((event) => marked(event, marks));
    const reply = await this.#engine.append(
      this.#namespace.nameOf(stream),
      place < 0 ? 'no_stream' : place,
      wire,
    );
    return { ...reply, revision: reply.revision - passed };
  }

  /**
   * A repetition's answer can lack the position, or name another: it counts only for events that
   * were not in the log before.
   */
  #answer(pending: Pending, reply: AppendReply, reached: Position | undefined): void {
    const { position } = reply;
    const damage = renumbering(pending.request, reply);
    if (damage !== undefined) {
      this.#heads.delete(pending.request.stream);
      pending.reject(damage);
    } else if (position === undefined || comparePositions(position, reached) <= 0) {
      this.#unresolved.add(pending);
    } else {
      this.#count(pending);
      this.#succeed(pending, { revision: reply.revision, position });
    }
  }

  #fail(pending: Pending, error: unknown): void {
    const { stream } = pending.request;
    const failure = engineFailureOf(error, this.#engine.redact);
    this.#heads.delete(stream);
    if (isRefusal(failure)) {
      pending.reject(unavailable(nothingAppended(stream), failure));
      this.#refuseQueue((waiting) => unavailable(refusedBefore(waiting, stream), failure));
    } else {
      this.#unresolved.add(pending);
    }
  }

  #succeed({ request, resolve }: Pending, appended: Appended): void {
    if (comparePositions(appended.position, this.#reached) > 0) this.#reached = appended.position;
    this.#streams.saw(request.stream, appended.revision);
    resolve(appended);
  }

  #count({ request }: Pending): void {
    this.#group.appends += 1;
    this.#group.events += request.events.length;
  }

  #beginGroup(): void {
    this.#group = { fromMs: performance.now(), appends: 0, events: 0 };
  }

  #endGroup(): void {
    const { fromMs, appends, events } = this.#group;
    const seconds = (performance.now() - fromMs) / 1_000;
    this.#beginGroup();
    if (appends > 0) this.onCommitted({ appends, events, seconds });
  }

  /**
   * In the order of the calls. When one cannot be settled or made, those behind it are not tried:
   * they may rest on it.
   */
  async #resolveInOrder(): Promise<void> {
    const heads = new Map<string, StoredEvent | undefined>();
    for (const pending of [...this.#unresolved].sort((a, b) => a.order - b.order)) {
      if (!this.#unresolved.delete(pending)) return;
      try {
        this.#beginGroup();
        const appended = await this.#resolution(pending, heads);
        // One that was never sent, and stands there, repeats what was stored before.
        if (pending.isSent) this.#count(pending);
        this.#endGroup();
        this.#succeed(pending, appended);
      } catch (error) {
        pending.reject(error);
        if (isOutage(error)) this.#giveUp(error.cause);
        else if (error instanceof StoreUnavailableError) this.#giveUpAfter(pending, error);
      }
    }
  }

  #giveUp(failure: EngineFailure): void {
    const { shown } = this.#engine;
    for (const { request, reject } of this.#unresolved)
      reject(undecided(shown, request.stream, failure));
    this.#unresolved.clear();
    this.#refuseQueue((waiting) =>
      unavailable(
        {
          en: `${shown} does not answer, and nothing was appended to stream "${waiting}"`,
          zh: `${shown} 没有应答，事件流 "${waiting}" 中未追加任何内容`,
        },
        failure,
      ),
    );
    this.#heads.clear();
  }

  #giveUpAfter({ request }: Pending, { cause }: StoreUnavailableError): void {
    const because = (waiting: string): StoreUnavailableError =>
      new StoreUnavailableError(refusedBefore(waiting, request.stream), { cause });
    for (const { request: other, reject, isSent } of this.#unresolved) {
      // In its own stream the expected revision kept it out. In another it may be stored, and does
      // not rest on the refused one.
      const isOpen = isSent && other.stream !== request.stream;
      reject(
        isOpen
          ? new StoreUnavailableError(openBeside(other.stream, request.stream), { cause })
          : because(other.stream),
      );
    }
    this.#unresolved.clear();
    this.#refuseQueue(because);
    this.#heads.clear();
  }

  #refuseQueue(because: (stream: string) => StoreUnavailableError): void {
    for (const { request, reject } of this.#queue.splice(0)) reject(because(request.stream));
    this.#waiting.clear();
  }

  /**
   * Reads back what stands where the append belongs, and sends the same batch again only when the
   * place is empty.
   *
   * @param heads the heads of streams, read after all these appends were called, and not written to
   * meanwhile
   */
  async #resolution(
    pending: Pending,
    heads: Map<string, StoredEvent | undefined>,
  ): Promise<Appended> {
    const { request } = pending;
    const { stream, first, events } = request;
    const until = performance.now() + this.#engine.timings.patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      const { head, placed } = await this.#standing(request, heads);
      const place = placeOf(request, head, () => placed);
      if (head === undefined) this.#heads.delete(stream);
      else this.#keep(stream, head);
      if (place instanceof ConflictError) throw place;
      if (place !== 'added') return place;
      heads.delete(stream);
      pending.isSent = true;
      try {
        const reply = await this.#sent(pending);
        const damage = renumbering(request, reply);
        if (damage !== undefined) throw damage;
        this.#streams.saw(stream, first + events.length - 1);
        // Read back once more: the position of a repetition is not to be relied on.
      } catch (error) {
        if (error instanceof IntegrityError) throw error;
        const failure = engineFailureOf(error, this.#engine.redact);
        if (isRefusal(failure)) throw unavailable(nothingAppended(stream), failure);
        const wait = backoffMs(attempt, this.#engine.timings);
        if (performance.now() + wait > until) throw undecided(this.#engine.shown, stream, failure);
        await this.#engine.pause(wait);
      }
    }
  }

  /**
   * The last event of a request's stream, and the events at the request's places if there are as
   * many.
   */
  async #standing(
    { stream, first, events }: AppendRequest,
    heads: Map<string, StoredEvent | undefined>,
  ): Promise<{ readonly head: StoredEvent | undefined; readonly placed: readonly StoredEvent[] }> {
    try {
      // Another writer may have begun its term meanwhile.
      await this.#terms.learn();
      const head = heads.has(stream) ? heads.get(stream) : await this.#streams.last(stream);
      heads.set(stream, head);
      if (head === undefined || head.revision < first + events.length - 1)
        return { head, placed: [] };
      const placed =
        head.revision === first ? [head] : await this.#streams.from(stream, first, events.length);
      return { head, placed };
    } catch (error) {
      throw isOutage(error) ? undecided(this.#engine.shown, stream, error.cause) : error;
    }
  }

  #hasRoom(next: Pending): boolean {
    return this.#underWay.size === 0 || (this.#engine.keepsOrder && this.#underWay.admits(next));
  }

  #take({ request }: Pending): void {
    this.#queue.shift();
    const left = (this.#waiting.get(request.stream) ?? 1) - 1;
    if (left === 0) this.#waiting.delete(request.stream);
    else this.#waiting.set(request.stream, left);
  }

  #keep(stream: string, { revision, leafHash }: StreamHead): void {
    this.#heads.set(stream, { revision, leafHash });
  }

  /** The next answer, or the next call. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/**
 * Says whether an append plainly follows the last event sent. For an unknown stream the engine's
 * check decides.
 */
function follows(
  { expected, first, previous }: AppendRequest,
  head: StreamHead | undefined,
): boolean {
  if (head === undefined) return expected === 'no_stream';
  return head.revision === first - 1 && head.leafHash === previous;
}

/**
 * Names the problem when the engine gave other revisions than the events carry: it does so on a
 * deleted stream.
 */
function renumbering(
  { stream, first, events }: AppendRequest,
  { revision }: AppendReply,
): IntegrityError | undefined {
  const last = first + events.length - 1;
  if (revision === last) return undefined;
  const problem: InBoth = {
    en:
      `the engine appended it as revision ${revision}: ` +
      'the stream was deleted on the engine and its numbering went on; ' +
      'compare the ledger with a backup before anything else is written',
    zh:
      `存储引擎将其追加为流内序号 ${revision}：该流已在存储引擎上被删除，而编号继续；` +
      '请先将账本与备份比较，再写入其他内容',
  };
  return new IntegrityError(problem, { stream, revision: last });
}

/** Says whether the engine refuses an append for its content or its user. */
function isRefusal({ kind }: EngineFailure): boolean {
  return kind === 'denied' || kind === 'too_large' || kind === 'refused' || kind === 'fenced';
}

/**
 * The refusal of an append that was decided on one that failed: it must not be stored without it.
 */
function refusedBefore(stream: string, refused: string): InBoth {
  const { en, zh } = nothingAppended(stream);
  return {
    en: `${en}, because an append called before it, to stream "${refused}", could not be made`,
    zh: `${zh}，因为在它之前对事件流 "${refused}" 的追加未能完成`,
  };
}

function nothingAppended(stream: string): InBoth {
  return {
    en: `nothing was appended to stream "${stream}"`,
    zh: `事件流 "${stream}" 中未追加任何内容`,
  };
}

function openBeside(stream: string, refused: string): InBoth {
  return {
    en:
      `the appends in flight to stream "${stream}" may or may not be stored: ` +
      `send the same appends again ` +
      `(one in flight beside it, to stream "${refused}", could not be made)`,
    zh:
      `对事件流 "${stream}" 的在途追加可能已存储，也可能未存储：请再次发送相同的追加` +
      `（与之同时对事件流 "${refused}" 的追加未能完成）`,
  };
}

function undecided(engine: string, stream: string, failure: EngineFailure): StoreUnavailableError {
  return new StoreUnavailableError(
    {
      en:
        `${engine} did not answer, ` +
        `and the appends in flight to stream "${stream}" may or may not be stored: ` +
        `send the same appends again when it is back (${failure.inBoth.en})`,
      zh:
        `${engine} 没有应答，对事件流 "${stream}" 的在途追加可能已存储，也可能未存储：` +
        `请在它恢复后再次发送相同的追加（${failure.inBoth.zh}）`,
    },
    { cause: failure },
  );
}
