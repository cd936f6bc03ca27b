import { tokenOf } from '@penalty-ledger/application/api-keys';
import { hash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { median, type Study } from './harness.js';
import { Service } from './http.js';

const rounds = 3;

/** Bodies that cost a reader more than others of their size; the long ones have nearly 256 KiB. */
const bodies: Readonly<Record<string, string | undefined>> = {
  'no body': undefined,
  'of other names': '{"zz":{"constructor":"x"},"items":[{}],"points":1e400}',
  'a number of 260,000 digits': `{"points":1.${'0'.repeat(260_000)}1}`,
  '39,000 empty objects': `{"items":[${'{},'.repeat(39_000)}{}]}`,
  '130,000 lists in one another': `${'['.repeat(130_000)}${']'.repeat(130_000)}`,
  '20,000 members': `{${Array.from({ length: 20_000 }, (_, n) => `"x${String(n)}":0`).join(',')}}`,
  '43,000 escaped characters': `{"name":"${'\\u0000'.repeat(43_000)}"}`,
};

interface Route {
  readonly method: string;
  readonly path: string;
}

/** A route with a body. */
interface Sent extends Route {
  readonly what: string;
  readonly body: string | undefined;
}

/** A sender of one kind, and the answers that count: other routes take what it sends. */
interface Kind {
  readonly name: string;
  readonly token: string | undefined;
  /** Requests of a route with a body, whose cost is taken together. */
  readonly together: number;
  /** The connections that they are sent over. */
  readonly connections: number;
  readonly isCounted: (status: number) => boolean;
}

/** The processor time that a service takes for one request to a route with a body, in µs. */
interface Cost {
  readonly what: string;
  readonly us: number;
}

/** Measures what the service spends on requests that it refuses, for every route. */
export function refusals(): Study {
  return {
    name: 'attack: refused requests',
    explanation:
      'every route of /openapi.json with every hostile body, 4 to 16 requests one after another ' +
      'over one connection, with an invented key 16 at once; the processor time of all threads ' +
      'of the service, by its own ' +
      '`process.cpuUsage`, with the receiving of the body and the log. The mean is of all ' +
      'requests, with the collection of garbage. p50, p99 and the worst are of the medians of 3 ' +
      'rounds of a route with a body: a collection falls on one request of hundreds, another one ' +
      'in each round, whose order is its own. A route counts where the sender is refused, and ' +
      'without a key also where it is public. Memory: by how much the resident set grew, its ' +
      'peak and after garbage collection. A slow body comes by a byte every 200 ms, to all ' +
      'routes at once',
    study: async (folder, say) => {
      const service = await Service.start('ledger', folder);
      try {
        const routes = await routesOf(service.url);
        const kinds = await kindsOf(service);
        const costs = new Map(kinds.map(({ name }) => [name, new Map<string, number[]>()]));
        const grown = new Map(kinds.map(({ name }) => [name, [0, 0] as [number, number]]));
        const all = sentTo(routes);
        const few = sentTo(routes.slice(0, 5));
        // What is measured is compiled by then.
        for (const kind of kinds) await costsOf(service, few, kind);
        for (let round = 0; round < rounds; round += 1)
          for (const kind of kinds) {
            const before = await service.usage();
            // The collection of garbage throws compiled code away.
            await costsOf(service, few, kind);
            for (const { what, us } of await costsOf(service, shuffled(all, round), kind)) {
              const known = costs.get(kind.name);
              known?.set(what, [...(known.get(what) ?? []), us]);
            }
            const after = await service.usage();
            const sizes = grown.get(kind.name);
            if (sizes !== undefined) {
              sizes[0] += after.peakBytes - before.peakBytes;
              sizes[1] += after.memory.rss - before.memory.rss;
            }
            say(`attack: ${kind.name}, round ${String(round + 1)} of ${String(rounds)}`);
          }
        const rows = kinds.map(({ name }) =>
          rowOf(
            name,
            costs.get(name) ?? new Map<string, number[]>(),
            grown.get(name) ?? [NaN, NaN],
          ),
        );
        const slow = await slowBodies(service, routes);
        return [
          '| sender | routes × bodies | mean, µs | p50, µs | p99, µs | worst, µs | the worst | ' +
            'peak grew by, MiB | set grew by, MiB |',
          '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
          ...rows,
          '',
          'The target without a key is ≤ 1,000 µs. Slow bodies without a key: ' +
            `${slow.us.toFixed(0)} µs each, with ${String(slow.connections)} connections, all ` +
            `ended after ${slow.ms.toFixed(0)} ms.`,
        ].join('\n');
      } finally {
        await service.end();
      }
    },
  };
}

async function kindsOf(service: Service): Promise<readonly Kind[]> {
  const isRefused = (status: number): boolean => status >= 400;
  const known = await service.issue('bench', ['administrator', 'officer', 'reviewer', 'auditor']);
  return [
    { name: 'no key', token: undefined, together: 16, connections: 1, isCounted: () => true },
    {
      name: 'an invented key',
      token: tokenOf({ id: '0'.repeat(12), secret: '1'.repeat(64) }),
      together: 16,
      // A refused token waits 10 ms for its answer, and who invents one does not.
      connections: 16,
      isCounted: isRefused,
    },
    {
      name: 'a key of another role',
      token: await service.issue('bench', ['ingest']),
      together: 4,
      connections: 1,
      isCounted: (s) => s === 403,
    },
    {
      name: 'a key that may',
      token: known,
      together: 4,
      connections: 1,
      isCounted: isRefused,
    },
  ];
}

function rowOf(
  name: string,
  costs: ReadonlyMap<string, readonly number[]>,
  [peak, set]: readonly [number, number],
): string {
  const sorted = [...costs]
    .map(([what, each]): Cost => ({ what, us: median(each) }))
    .toSorted((a, b) => a.us - b.us);
  const all = [...costs.values()].flat();
  const mean = all.reduce((sum, us) => sum + us, 0) / all.length;
  const rank = (part: number): Cost | undefined => sorted[Math.ceil(part * sorted.length) - 1];
  const worst = rank(1);
  return `| ${[
    name,
    String(sorted.length),
    ...[mean, ...[rank(0.5), rank(0.99), worst].map((cost) => cost?.us ?? NaN)].map((us) =>
      us.toFixed(0),
    ),
    worst?.what ?? '',
    ...[peak, set].map((bytes) => (bytes / 2 ** 20).toFixed(1)),
  ].join(' | ')} |`;
}

async function costsOf(
  service: Service,
  sent: readonly Sent[],
  { token, together, connections, isCounted }: Kind,
): Promise<readonly Cost[]> {
  const sender = senderTo(service.url, connections);
  const costs: Cost[] = [];
  for (const { what, method, path, body } of sent) {
    const before = await service.processorUs();
    const statuses = await Promise.all(
      Array.from({ length: together }, () => sender.send(method, path, token, body)),
    );
    const us = ((await service.processorUs()) - before) / together;
    if (statuses.every(isCounted)) costs.push({ what, us });
  }
  sender.close();
  return costs;
}

function sentTo(routes: readonly Route[]): readonly Sent[] {
  return routes.flatMap(({ method, path }) =>
    Object.entries(bodies).map(([name, body]) => ({
      method,
      path,
      body,
      what: `${method} ${path}, ${name}`,
    })),
  );
}

/** The same requests in an order of the round's own. */
function shuffled(sent: readonly Sent[], round: number): readonly Sent[] {
  const keyed = sent.map((each) => ({
    each,
    key: hash('sha256', `${String(round)} ${each.what}`, 'hex'),
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ each }) => each);
}

/** Sends a body to every route at once, a byte now and then, until the service ends it. */
async function slowBodies(
  service: Service,
  routes: readonly Route[],
): Promise<{ readonly us: number; readonly connections: number; readonly ms: number }> {
  const { hostname, port } = new URL(service.url);
  const before = await service.processorUs();
  const tookMs = await Promise.all(
    routes.map(async ({ method, path }) => {
      const from = performance.now();
      const socket = connect({ port: Number(port), host: hostname });
      socket.on('error', () => undefined).resume();
      // A byte sent after the service has ended it is an error, and not the end.
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
          'content-length: 1000\r\n\r\n',
      );
      const drip = setInterval(() => socket.write(' '), 200);
      await closed;
      clearInterval(drip);
      return performance.now() - from;
    }),
  );
  const us = ((await service.processorUs()) - before) / routes.length;
  return { us, connections: routes.length, ms: Math.max(...tookMs) };
}

/** Every route, but those of events that wait for some to come. */
async function routesOf(url: string): Promise<readonly Route[]> {
  const answer = await fetch(`${url}/openapi.json`);
  const { paths } = (await answer.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return Object.entries(paths)
    .filter(([path]) => path !== '/events/stream' && path !== '/events/records')
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, 'x'),
      })),
    );
}

interface Sender {
  /** Resolves with the status of an answer; with 0 when the connection ended without one. */
  readonly send: (method: string, path: string, token?: string, body?: string) => Promise<number>;
  readonly close: () => void;
}

/** A sender that takes any status, and a service that ends the connection. */
function senderTo(url: string, connections: number): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  return {
    send: (method, path, token, body) =>
      new Promise((resolve) => {
        const headers = {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        };
        const call = request({ agent, hostname, port, method, path, headers }, (answer) => {
          answer.resume().once('close', () => resolve(answer.statusCode ?? 0));
        });
        call.once('error', () => resolve(0));
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}
