import { sameInBoth } from '@penalty-ledger/ledger';
import type {
  EngineConnection,
  ReadCall,
} from '../../libs/event-store/src/eventstoredb/client/engine-connection.js';
import {
  numberOf,
  positionOf,
  type Append,
  type AppendReply,
} from '../../libs/event-store/src/eventstoredb/client/messages.js';
import type { streams } from '../../libs/event-store/src/eventstoredb/client/protocol.js';
import type { ReadReply } from '../../libs/event-store/src/eventstoredb/client/read-reply.js';
import { EngineFailure } from '../../libs/event-store/src/eventstoredb/failures.js';
import type { WireRecord } from '../../libs/event-store/src/eventstoredb/wire-event.js';
import {
  readEvents,
  startOf,
  type AppendResult,
  type WireEvent,
} from '../support/eventstoredb/index.js';
import { currentEngine } from './simulated-engine.js';
import { currentTime, type Process, type Task } from './virtual-time.js';

type Surface = Pick<
  EngineConnection,
  'append' | 'dispose' | 'keepsOrder' | 'now' | 'read' | 'resetAppends'
>;
type Settle = (settle: () => void) => void;

/**
 * A node's connection to the simulated engine, in the place of the driver's. Each message takes
 * time on its way, appends keep their order, and any message may be lost.
 */
export class SimulatedConnection implements Surface {
  readonly #engine = currentEngine();
  readonly #time = currentTime();
  readonly #process: Process = currentTime().current;
  /** The calls that wait for an answer, or for events. */
  readonly #breaking = new Set<(failure: EngineFailure) => void>();
  readonly #appending = new Set<(failure: EngineFailure) => void>();
  readonly #forget: () => void;
  #lastArrivalMs = 0;
  #isOpen = false;

  constructor() {
    this.#forget = this.#engine.onBreak(() => {
      this.#toNode(this.#engine.travelMs(), 'connection broken', () => {
        this.#break('the connection broke');
      });
    });
  }

  /** The clock of the node, on which it sets deadlines. */
  get now(): number {
    return this.#time.nowMs + this.#process.clockAheadMs;
  }

  get keepsOrder(): boolean {
    return this.#isOpen;
  }

  resetAppends(): void {
    this.#isOpen = false;
    for (const fail of [...this.#appending]) fail(unknown('the call was given up'));
  }

  append(append: Append): Promise<AppendReply> {
    return new Promise((resolve, reject) => {
      let isSettled = false;
      const fail = (failure: EngineFailure): void => {
        settle(() => {
          reject(failure);
        });
      };
      const settle: Settle = (answer) => {
        if (isSettled) return;
        isSettled = true;
        this.#appending.delete(fail);
        answer();
      };
      this.#appending.add(fail);
      const fault = this.#engine.appendFault(this.#process.name);
      if (fault?.kind === 'paused') this.#process.stoppedUntilMs = this.#time.nowMs + fault.ms;
      // The node may stand still here, as anywhere, however long ago it looked at its lease.
      this.#toNode(0, `sends to ${append.name}`, () => {
        if (isSettled) return;
        this.#isOpen = true;
        if (fault?.kind === 'lost request') return;
        const travelMs = fault?.kind === 'late request' ? fault.ms : this.#engine.travelMs();
        this.#lastArrivalMs = Math.max(this.#lastArrivalMs, this.#time.nowMs + travelMs);
        const waitMs = this.#lastArrivalMs - this.#time.nowMs;
        this.#time.after(
          waitMs,
          `append ${this.#process.name}`,
          () => {
            if (!this.#engine.isUp) return;
            const engineMs = this.#time.nowMs + this.#engine.clockAheadMs;
            const isLate = engineMs >= append.deadline.getTime();
            const isStored = !isLate && !(fault?.kind === 'gave up' && !fault.stored);
            const result = isStored ? this.#store(append) : undefined;
            if (fault?.kind === 'lost answer') return;
            const backMs = fault?.kind === 'late answer' ? fault.ms : this.#engine.travelMs();
            this.#toNode(backMs, 'appended', () => {
              if (result === undefined || fault?.kind === 'gave up') fail(unknown('it gave up'));
              else
                settle(() => {
                  answer(result, resolve, reject);
                });
            });
          },
          this.#engine.process,
        );
      });
    });
  }

  read(request: streams.ReadReq): Promise<ReadCall> {
    const options = request.getOptions()!;
    const call = new SimulatedRead();
    const fault = this.#engine.readFault(this.#process.name);
    const fail = (failure: EngineFailure): void => {
      this.#breaking.delete(fail);
      call.fail(failure);
    };
    this.#breaking.add(fail);
    call.whenOver(() => this.#breaking.delete(fail));
    const travelMs = fault?.kind === 'late' ? fault.ms : this.#engine.travelMs();
    this.#time.after(
      travelMs,
      `read ${this.#process.name}`,
      () => {
        if (!this.#engine.isUp || fault?.kind === 'broken')
          this.#toNode(this.#engine.travelMs(), 'no answer', () => {
            fail(unknown('there is no answer'));
          });
        else if (options.hasSubscription()) this.#subscribe(options, call);
        else this.#page(options, call, fault?.kind === 'cut short');
      },
      this.#engine.process,
    );
    return Promise.resolve(call as unknown as ReadCall);
  }

  dispose(): Promise<void> {
    this.#forget();
    this.#break('the connection was closed');
    return Promise.resolve();
  }

  #store({ name, expected, events }: Append): AppendResult {
    return this.#engine.append(
      name,
      expected === 'no_stream' ? expected : BigInt(expected),
      events.map(({ id, type, data, metadata }) => ({
        id,
        type,
        contentType: 'application/json',
        data: Buffer.from(data),
        metadata: Buffer.from(metadata),
      })),
    );
  }

  #page(options: streams.ReadReq.Options, call: SimulatedRead, cutShort: boolean): void {
    const found = readEvents(this.#engine.log, options);
    const records = typeof found === 'string' ? [] : [...found].map(recordOf);
    const sent = cutShort ? records.slice(0, Math.floor(records.length / 2)) : records;
    this.#toNode(this.#engine.travelMs(), `page of ${String(sent.length)}`, () => {
      if (found === 'not-found') call.reply('not found');
      for (const record of sent) call.reply(record);
      call.end();
    });
  }

  #subscribe(options: streams.ReadReq.Options, call: SimulatedRead): void {
    const { log } = this.#engine;
    const prefixes = options.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [];
    const from = startOf(options.getAll());
    let index = typeof from === 'string' ? 0 : log.indexFrom(from, true);
    let lastMs = 0;
    const deliver = (label: string, reply: ReadReply): void => {
      lastMs = Math.max(lastMs, this.#time.nowMs + this.#engine.travelMs());
      this.#toNode(lastMs - this.#time.nowMs, label, () => {
        call.reply(reply);
      });
    };
    const sendNew = (): void => {
      for (; index < log.slots.length; index += 1) {
        const event = log.slots[index]?.event;
        if (event !== undefined && prefixes.some((prefix) => event.stream.startsWith(prefix)))
          deliver('event', recordOf(event));
      }
    };
    deliver('subscribed', 'confirmed');
    sendNew();
    call.whenOver(log.onChange(sendNew));
  }

  /** Comes to the node, when it runs. */
  #toNode(ms: number, label: string, take: () => void): Task {
    return this.#time.after(ms, label, take, this.#process);
  }

  #break(reason: string): void {
    this.#isOpen = false;
    for (const fail of [...this.#appending, ...this.#breaking]) fail(unknown(reason));
  }
}

class SimulatedRead {
  readonly #listeners = new Map<string, (value?: unknown) => void>();
  readonly #over: (() => void)[] = [];
  #isOver = false;

  on(event: string, listener: (value?: unknown) => void): this {
    this.#listeners.set(event, listener);
    return this;
  }

  whenOver(act: () => void): void {
    if (this.#isOver) act();
    else this.#over.push(act);
  }

  reply(reply: ReadReply): void {
    if (!this.#isOver) this.#listeners.get('data')?.(reply);
  }

  fail(error: EngineFailure): void {
    if (this.#finish()) this.#listeners.get('error')?.(error);
  }

  end(): void {
    if (this.#finish()) this.#listeners.get('end')?.();
  }

  cancel(): void {
    this.#finish();
  }

  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    for (const act of this.#over) act();
    return true;
  }
}

function answer(
  result: AppendResult,
  resolve: (reply: AppendReply) => void,
  reject: (failure: EngineFailure) => void,
): void {
  switch (result.kind) {
    case 'appended':
    case 'repeated': {
      const place = result.kind === 'appended' ? result.position : undefined;
      resolve({
        revision: numberOf(result.currentRevision),
        position: place && positionOf(place.commit, place.prepare),
      });
      return;
    }
    case 'wrong-expected-version':
      reject(new EngineFailure('conflict', sameInBoth('the stream has another revision')));
      return;
    case 'stream-deleted':
      reject(new EngineFailure('deleted', sameInBoth('the stream was deleted')));
  }
}

function recordOf({ stream, revision, id, type, data, metadata, position }: WireEvent): WireRecord {
  return {
    stream,
    revision: Number(revision),
    id,
    type,
    data: Buffer.from(data).toString(),
    metadata: Buffer.from(metadata).toString(),
    position: positionOf(position.commit, position.prepare),
  };
}

function unknown(message: string): EngineFailure {
  return new EngineFailure('unknown', sameInBoth(message));
}
