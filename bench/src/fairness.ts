import { measureCalls } from './calls.js';
import type { Latency, Study } from './harness.js';
import { requestOf, Service, type Kind } from './http.js';

const agencies = 1000;
const deductions = 2000;
const busyConnections = 200;

/** The sender beside which the requests of the quiet one are measured. */
type Beside = 'nobody' | 'another sender' | 'itself';

/**
 * Measures how long a sender with one request at a time waits beside one that sends without a pause
 * over 200 connections: with a key of its own, and with the same key, whose requests are taken in
 * the order they come.
 */
export function fairQueue(requests: number): Study {
  return {
    name: 'fair queue',
    explanation:
      'a sender with one request at a time, alone; beside another key that keeps 200 connections ' +
      'busy, without a quota; and beside the same over its own key, where requests are taken in ' +
      'the order they come, as all were before senders took turns',
    study: async (folder, say) => {
      const service = await Service.start('ledger', folder);
      try {
        const busyToken = await service.prepare(agencies, deductions);
        const quietToken = await service.issue('quiet');
        const rows: string[] = [];
        let next = deductions;
        for (const kind of ['commands', 'balance queries'] as const) {
          const call = (send: Sender['send']) => async () => {
            next += 1;
            await send(requestOf[kind](next, agencies));
          };
          const quietBeside = async (beside: Beside): Promise<Latency | undefined> => {
            const quiet = service.sender(beside === 'itself' ? busyToken : quietToken, 1);
            const load = beside === 'nobody' ? undefined : new Load(service, busyToken, call);
            await measureCalls(50, 1, call(quiet.send));
            const { latency } = await measureCalls(requests, 1, call(quiet.send));
            await load?.end();
            quiet.close();
            return latency;
          };
          // What is measured is compiled by then.
          await quietBeside('another sender');
          for (const beside of ['nobody', 'another sender', 'itself'] as const) {
            const latency = await quietBeside(beside);
            rows.push(rowOf(kind, beside, latency));
            say(`fair queue: ${kind} beside ${beside}: p99 ${latency?.p99.toFixed(1) ?? ''} ms`);
          }
        }
        return [
          '| requests | beside | p50, ms | p99, ms |',
          '| --- | --- | --- | --- |',
          ...rows,
        ].join('\n');
      } finally {
        await service.end();
      }
    },
  };
}

type Sender = ReturnType<Service['sender']>;

/** Sends over many connections, without a pause, until it is ended. */
class Load {
  readonly #sender: Sender;
  readonly #callers: Promise<unknown>;
  #isEnding = false;

  constructor(
    service: Service,
    token: string,
    call: (send: Sender['send']) => () => Promise<void>,
  ) {
    this.#sender = service.sender(token, busyConnections);
    const send = call(this.#sender.send);
    const caller = async (): Promise<void> => {
      while (!this.#isEnding) await send();
    };
    this.#callers = Promise.all(Array.from({ length: busyConnections }, caller));
    // It is thrown at the end.
    this.#callers.catch(() => undefined);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#callers;
    this.#sender.close();
  }
}

function rowOf(kind: Kind, beside: Beside, latency: Latency | undefined): string {
  const times = [latency?.p50, latency?.p99].map((value) => value?.toFixed(1) ?? '');
  return `| ${[kind, beside, ...times].join(' | ')} |`;
}
