import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Pool } from 'undici';
import { measureCalls } from './calls.js';
import { filler, freshName, sizeFor, withClient, withEngine } from './eventstoredb.js';
import type { Case, Measured, Study } from './harness.js';
import type { Failure, Listening, Usage } from './http-service.js';
import { admit, admissionCommand, deductionCommand, lineOf, now, openLedger } from './sample.js';

const agencies = 1000;

/**
 * Agencies of the ledger for the memory measurement, more than are kept warm; at the end each has
 * 100 deductions.
 */
const manyAgencies = 5000;

/** The requests that a service gets before time is taken. */
interface Preparation {
  readonly agencies: number;
  /** Deductions that lie in the ledger before anything is asked, sent by 64 callers. */
  readonly deductions: number;
  /** Requests like those measured, so that the code that is measured is compiled. */
  readonly warmUp: number;
}

/** Ten deductions an agency. */
const usually: Preparation = { agencies, deductions: 10 * agencies, warmUp: 2000 };

/**
 * On an engine each command waits for the disk, so fewer go before, by the engine's speed. Most are
 * sent by 64 callers, so that the service's code is compiled before its time is taken.
 */
async function onEngine(): Promise<Preparation> {
  return {
    agencies: await sizeFor(64, agencies, 1 / 4),
    deductions: await sizeFor(64, 5 * agencies),
    warmUp: await sizeFor(1, 200, 1 / 4),
  };
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** The flags of Node that `npm start` gives the service. */
function shippedFlags(): readonly string[] {
  const { scripts } = createRequire(import.meta.url)('../../package.json') as {
    readonly scripts: { readonly start: string };
  };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** A service in a process of its own. */
export class Service {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** The first administrator's. */
    readonly token: string,
  ) {}

  /** @param rateLimit requests a minute, of each key, agency and address */
  static async start(
    what: 'ledger' | 'bare',
    folder: string,
    { engine, rateLimit = 1_000_000_000 }: { engine?: string | undefined; rateLimit?: number } = {},
  ): Promise<Service> {
    const program = join(import.meta.dirname, 'http-service.js');
    // The request log is written but discarded.
    const place = [join(folder, 'service'), ...(engine === undefined ? [] : [engine])];
    const child = fork(program, [what, String(rateLimit), ...place], {
      // What watches this process, such as --cpu-prof, watches the service as well.
      execArgv: [...process.execArgv, ...shippedFlags(), '--expose-gc'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const ended = once(child, 'exit').then(() => [{ failure: 'it ended before it listened' }]);
    const [said] = (await Promise.race([once(child, 'message'), ended])) as [Listening | Failure];
    if ('failure' in said) throw new Error(`the service did not start: ${said.failure}`);
    return new Service(child, said.url, said.token);
  }

  /**
   * Sends over as many connections as are kept open, and fails on any status but 200 and 201. The
   * sender takes 0.1 ms of the processor a request, as it has to share the machine with what is
   * measured.
   */
  sender(
    token: string,
    connections: number,
  ): { send: (sent: Sent) => Promise<string>; close: () => void } {
    const pool = new Pool(this.url, { connections, pipelining: 1 });
    const headers = { authorization: `Bearer ${token}` };
    const json = { ...headers, 'content-type': 'application/json' };
    const send = async ({ method, path, body }: Sent): Promise<string> => {
      const answer = await pool.request({
        method,
        path,
        ...(body === undefined ? { headers } : { headers: json, body }),
      });
      const text = await answer.body.text();
      const { statusCode } = answer;
      if (statusCode !== 200 && statusCode !== 201)
        throw new Error(`${method} ${path} was answered with ${String(statusCode)}: ${text}`);
      return text;
    };
    return { send, close: () => void pool.destroy() };
  }

  /** Issues a key; one that may record and read unless roles are given. */
  async issue(
    label: string,
    roles: readonly string[] = ['officer', 'ingest', 'auditor'],
  ): Promise<string> {
    const { send, close } = this.sender(this.token, 1);
    const key = await send(post('/keys', { label, holder: label, roles }));
    close();
    return (JSON.parse(key) as { readonly token: string }).token;
  }

  /** A key that may record and read, for a ledger with the agencies and the first deductions. */
  async prepare(admitted: number, deductions: number): Promise<string> {
    const token = await this.issue('load');
    const loader = this.sender(token, 64);
    await measureCalls(admitted, 64, async (index) => {
      await loader.send(command(admissionCommand(index)));
    });
    await measureCalls(deductions, 64, async (index) => {
      await loader.send(command(deductionCommand(index, admitted)));
    });
    loader.close();
    return token;
  }

  /** The resources used so far; garbage is collected before. */
  async usage(): Promise<Usage> {
    return this.#ask<Usage>('usage');
  }

  /** The processor time of all threads so far; asking takes some 30 µs of it. */
  async processorUs(): Promise<number> {
    const { user, system } = await this.#ask<NodeJS.CpuUsage>('processor');
    return user + system;
  }

  async #ask<Answer>(what: 'usage' | 'processor'): Promise<Answer> {
    this.child.send(what);
    const [answer] = (await once(this.child, 'message')) as [Answer];
    return answer;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.send('end');
    await once(this.child, 'exit');
  }
}

export type Kind = 'commands' | 'balance queries';

/** A request of each kind, by its number. */
export const requestOf: Readonly<Record<Kind, (index: number, admitted: number) => Sent>> = {
  commands: (index, admitted) => command(deductionCommand(index, admitted)),
  'balance queries': (index, admitted) => balanceOf(index % admitted),
};

/**
 * The service under load, compared with an empty Nest application and, for commands, the ledger
 * without HTTP.
 */
export function httpRequests(kind: Kind, connections: number, requests: number): Case {
  const over = (what: 'ledger' | 'bare') => (folder: string) =>
    measureService(what, folder, kind, connections, requests);
  return {
    name: `http ${kind}, ${String(connections)} connection${connections === 1 ? '' : 's'}`,
    explanation:
      (kind === 'commands'
        ? 'ours: RecordDeduction with a notice, durable when it is answered, '
        : 'ours: the balance of one of 1,000 agencies, in the access log when it is answered, ') +
      'a process of its own, one request at a time on each connection; raw: the same requests ' +
      'to Nest and Fastify with our options, no guard and routes that do nothing' +
      (kind === 'commands'
        ? '; in process: the same commands given to LedgerWriter.handle by as many callers'
        : ''),
    ours: over('ledger'),
    raw: over('bare'),
    ...(kind === 'commands' && {
      beside: { 'in process': (folder) => measureInProcess(folder, connections, requests) },
    }),
  };
}

/** The time in which the wire server makes an append durable: that of a usual disk, in ms. */
const syncMs = 2;

/**
 * Commands over HTTP to a ledger on an engine, compared with the bare client that appends events of
 * the same size from as many callers, each to streams of its own.
 */
export function engineCommands(connections: number, requests: number): Case {
  return {
    name: `engine http commands, ${String(connections)} connection${connections === 1 ? '' : 's'}`,
    explanation:
      'ours: RecordDeduction, durable on the engine when it is answered; raw: appendToStream of ' +
      'the bare client, an event of 900 bytes a time; a wire server whose disk takes 2 ms, or ' +
      'the engine of LEDGER_TEST_ESDB',
    target: connections === 1 ? 0.7 : 0.5,
    ours: (folder) =>
      withEngine(async (url) => {
        const engine = `${url}${url.includes('?') ? '&' : '?'}ledger=${freshName()}`;
        const count = await sizeFor(connections, requests);
        return measureService('ledger', folder, 'commands', connections, count, engine);
      }, syncMs),
    raw: () =>
      withEngine(
        (url) =>
          withClient(url, async (client) => {
            const prefix = freshName();
            return measureCalls(
              await sizeFor(connections, requests),
              connections,
              async (index) => {
                await client.appendToStream(`${prefix}/a${String(index % agencies)}`, filler());
              },
            );
          }),
        syncMs,
      ),
  };
}

async function measureService(
  what: 'ledger' | 'bare',
  folder: string,
  kind: Kind,
  connections: number,
  requests: number,
  engine?: string,
): Promise<Measured> {
  const prepared = engine === undefined ? usually : await onEngine();
  const service = await Service.start(what, folder, { engine });
  try {
    const token =
      what === 'ledger' ? await service.prepare(prepared.agencies, prepared.deductions) : 'none';
    const { send, close } = service.sender(token, connections);
    const call = async (index: number): Promise<void> => {
      await send(requestOf[kind](prepared.deductions + index, prepared.agencies));
    };
    await measureCalls(prepared.warmUp, connections, call);
    const before = (await service.usage()).processor;
    const measured = await measureCalls(requests, connections, (index) =>
      call(prepared.warmUp + index),
    );
    const after = (await service.usage()).processor;
    close();
    return {
      ...measured,
      processorUs: (after.user + after.system - before.user - before.system) / requests,
    };
  } finally {
    await service.end();
  }
}

async function measureInProcess(
  folder: string,
  callers: number,
  commands: number,
): Promise<Measured> {
  const ledger = await openLedger(folder);
  await admit(ledger, agencies);
  const call = async (index: number): Promise<void> => {
    const { status, message } = await ledger.handle(lineOf(deductionCommand(index, agencies)), now);
    if (status !== 'accepted') throw new Error(message?.en ?? status);
  };
  const before = usually.deductions + usually.warmUp;
  await measureCalls(before, 64, call);
  const from = process.cpuUsage();
  const measured = await measureCalls(commands, callers, (index) => call(before + index));
  const { user, system } = process.cpuUsage(from);
  await ledger.close();
  return { ...measured, processorUs: (user + system) / commands };
}

/**
 * The memory of a running service: a command, then a query of the same agency, over 64 connections.
 */
export function httpMemory(requests: number): Study {
  const marks = [10_000, 100_000, 1_000_000].filter((mark) => mark < requests);
  return {
    name: 'http memory of the service',
    explanation:
      'one RecordDeduction for each balance query, 5,000 agencies, 64 connections; garbage is ' +
      'collected before each look, and the page cache is not in the resident set',
    study: async (folder, say) => {
      const service = await Service.start('ledger', folder);
      try {
        const { send, close } = service.sender(await service.prepare(manyAgencies, 0), 64);
        const rows = [rowOf(0, (await service.usage()).memory)];
        let done = 0;
        for (const mark of [...marks, requests]) {
          const from = done;
          const { rate } = await measureCalls(mark - from, 64, async (index) => {
            const pair = (from + index) >> 1;
            await send(
              index % 2 === 0
                ? command(deductionCommand(pair, manyAgencies))
                : balanceOf(pair % manyAgencies),
            );
          });
          done = mark;
          rows.push(rowOf(mark, (await service.usage()).memory, rate));
          say(`http memory: ${String(mark)} of ${String(requests)} requests`);
        }
        close();
        return [
          '| requests | resident set, MiB | heap, MiB | outside the heap, MiB | requests a ' +
            'second |',
          '| --- | --- | --- | --- | --- |',
          ...rows,
        ].join('\n');
      } finally {
        await service.end();
      }
    },
  };
}

function rowOf(
  requests: number,
  { rss, heapUsed, external }: NodeJS.MemoryUsage,
  rate?: number,
): string {
  const parts = [rss, heapUsed, external].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  const cells = [requests.toLocaleString('en'), ...parts, rate?.toFixed(0) ?? ''];
  return `| ${cells.join(' | ')} |`;
}

function balanceOf(agency: number): Sent {
  return { method: 'GET', path: `/agencies/a${String(agency)}/balance` };
}

/** A command of the sample as its route takes it. */
export function command(sample: unknown): Sent {
  const { command: name, data } = sample as { readonly command: string; readonly data: unknown };
  return post(`/commands/${name}`, data);
}

function post(path: string, body: unknown): Sent {
  return { method: 'POST', path, body: JSON.stringify(body) };
}
