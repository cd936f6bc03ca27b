import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answers, Flood } from './attacker.js';
import { measureCalls } from './calls.js';
import { median, type Latency, type Study } from './harness.js';
import { command, Service } from './http.js';
import { deductionCommand } from './sample.js';

const rounds = 3;
const agencies = 100;
const connections = 64;
/** The target of the ratio of a latency beside an attacker to the quiet one. */
const target = 2;

/** The quota a minute of the service whose attackers are beyond it. */
const tightQuota = 2_000;

/** The requests of each kind that others can send twice within that quota, in one minute. */
const maxWithinQuota = 400;

interface Attack {
  readonly name: string;
  /** With it the attacker is beyond its quota after the first moments. */
  readonly isBeyondQuota: boolean;
  readonly requests: (token: string) => readonly string[];
}

const attacks: readonly Attack[] = [
  {
    name: 'queries of one key',
    isBeyondQuota: false,
    requests: (token) => each((n) => http('GET', `/agencies/a${String(n)}/explain`, token)),
  },
  {
    name: 'commands of one key, refused',
    isBeyondQuota: false,
    requests: (token) => {
      const { path, body } = command(deductionCommand(0, agencies));
      return [http('POST', path, token, body?.replace('"d0"', '"no id"'))];
    },
  },
  {
    name: 'no key, to a route that needs one',
    isBeyondQuota: false,
    requests: () => each((n) => http('GET', `/agencies/a${String(n)}/explain`)),
  },
  {
    name: 'one key, beyond its quota',
    isBeyondQuota: true,
    requests: (token) => each((n) => http('GET', `/agencies/a${String(n)}/balance`, token)),
  },
  {
    name: 'no key, beyond the quota',
    isBeyondQuota: true,
    requests: () => each((n) => http('GET', `/agencies/a${String(n)}/explain`)),
  },
];

function each(requestOf: (n: number) => string): readonly string[] {
  return Array.from({ length: agencies }, (_, n) => requestOf(n));
}

function http(method: string, path: string, token?: string, body?: string): string {
  return [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${String(Buffer.byteLength(body))}`]),
    '',
    body ?? '',
  ].join('\r\n');
}

/** The latencies of a sender who asks and records in turn, one request at a time. */
interface Measured {
  readonly queries: Latency;
  readonly commands: Latency;
}

/** Measures the latency of one sender while another sends as much as it can. */
export function besideAttacker(requests: number): Study {
  return {
    name: 'attack: latency beside an attacker',
    explanation:
      `balance queries, and then commands, of one key over one connection: ${String(requests)} ` +
      `of each, or ${String(maxWithinQuota)} where there is a quota, first with nothing beside ` +
      'it, then while a process of its own sends over 64 connections, each as fast as it is ' +
      'answered; medians of 3 interleaved rounds, ratios ' +
      'within a round. Bench, service and attacker share the machine',
    study: async (folder, say) => {
      const roomy = await Service.start('ledger', join(folder, 'roomy'));
      const tight = await Service.start('ledger', join(folder, 'tight'), { rateLimit: tightQuota });
      try {
        for (const service of [roomy, tight]) await service.prepare(agencies, 1_000);
        const numbers = { next: 1_000 };
        // Known before an attacker has used up what their address may send; others in each round,
        // since two rounds may fall within the minute of a quota.
        const senders: { readonly ask: Caller; readonly token: string }[] = [];
        for (let round = 0; round <= rounds; round += 1)
          for (const { isBeyondQuota } of attacks) {
            const service = isBeyondQuota ? tight : roomy;
            const other = await caller(service, numbers);
            senders.push({ ask: await caller(service, numbers), token: other.token });
            other.close();
          }
        const found = new Map<string, { quiet: Measured; beside: Measured }[]>();
        for (let round = 0; round <= rounds; round += 1)
          for (const [number, { name, isBeyondQuota, requests: sent }] of attacks.entries()) {
            const service = isBeyondQuota ? tight : roomy;
            const { ask, token } = senders[round * attacks.length + number] ?? {};
            if (ask === undefined || token === undefined)
              throw new Error(`"${name}" has no senders`);
            const count = isBeyondQuota ? Math.min(requests, maxWithinQuota) : requests;
            const quiet = await latencies(count, ask);
            const attacker = await flood(service, sent(token));
            // Until it is beyond its quota, where it has one.
            await pause(isBeyondQuota ? 2_000 : 300);
            const beside = await latencies(count, ask);
            const answers = await attacker.end();
            // The first round compiles what is measured.
            if (round > 0) found.set(name, [...(found.get(name) ?? []), { quiet, beside }]);
            const counts = JSON.stringify(answers);
            say(`attack: ${name}, round ${String(round)} of ${String(rounds)}: ${counts}`);
          }
        for (const { ask } of senders) ask.close();
        return [
          '| attacker | request | quiet p50, ms | beside p50, ms | ratio | quiet p99, ms | ' +
            `beside p99, ms | ratio (target ≤ ${String(target)}) |`,
          '| --- | --- | --- | --- | --- | --- | --- | --- |',
          ...attacks.flatMap(({ name }) => rowsOf(name, found.get(name) ?? [])),
        ].join('\n');
      } finally {
        await roomy.end();
        await tight.end();
      }
    },
  };
}

function rowsOf(
  name: string,
  measured: readonly { readonly quiet: Measured; readonly beside: Measured }[],
): readonly string[] {
  return (['queries', 'commands'] as const).map((kind) => {
    const cells = (['p50', 'p99'] as const).flatMap((part) => {
      const quiet = measured.map((one) => one.quiet[kind][part]);
      const beside = measured.map((one) => one.beside[kind][part]);
      const ratio = median(beside.map((ms, round) => ms / (quiet[round] ?? NaN)));
      return [median(quiet), median(beside), ratio].map((value) => value.toFixed(2));
    });
    return `| ${[name, kind, ...cells].join(' | ')} |`;
  });
}

interface Caller {
  readonly token: string;
  readonly query: (index: number) => Promise<void>;
  readonly command: (index: number) => Promise<void>;
  readonly close: () => void;
}

/** A sender with a new key, which the service knows already. */
async function caller(service: Service, numbers: { next: number }): Promise<Caller> {
  const token = await service.issue('bench', ['officer', 'auditor']);
  const { send, close } = service.sender(token, 1);
  const query = async (index: number): Promise<void> => {
    await send({ method: 'GET', path: `/agencies/a${String(index % agencies)}/balance` });
  };
  await query(0);
  return {
    token,
    query,
    command: async () => {
      await send(command(deductionCommand(numbers.next++, agencies)));
    },
    close,
  };
}

async function latencies(requests: number, ask: Caller): Promise<Measured> {
  const of = async (call: (index: number) => Promise<void>): Promise<Latency> => {
    const { latency } = await measureCalls(requests, 1, call);
    return latency ?? { p50: NaN, p99: NaN, p999: NaN };
  };
  return { queries: await of(ask.query), commands: await of(ask.command) };
}

async function flood(
  service: Service,
  requests: readonly string[],
): Promise<{ readonly end: () => Promise<Answers> }> {
  const child = fork(join(import.meta.dirname, 'attacker.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const order: Flood = { port: Number(new URL(service.url).port), connections, requests };
  child.send(order);
  await once(child, 'message');
  return {
    end: async () => {
      const exited = once(child, 'exit');
      child.send('end');
      const [answers] = (await once(child, 'message')) as [Answers];
      await exited;
      return answers;
    },
  };
}
