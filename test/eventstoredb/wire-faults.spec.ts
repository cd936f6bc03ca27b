import type { EventStoreDBClient } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  changeEvent,
  cutOff,
  jsonProposal,
  removeEvent,
  scavenge,
  testAuthority,
  testTls,
  WireCluster,
  type WireServer,
} from '../support/eventstoredb/index.js';
import { collect, entries, entry, failureOf, Wire } from './wire-client.js';

const wire = new Wire();
afterEach(() => wire.close());

const lost = { type: expect.stringMatching(/^(unavailable|cancelled)$/u) as string };

describe.each([['batch-append'], ['append']])('an append by the protocol of %s', (protocol) => {
  let server: WireServer;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    server = await wire.serve({ batchAppend: protocol === 'batch-append' });
    client = wire.connect(server.url);
  });

  const append = (events = entries(2)) =>
    client.appendToStream('agency-1', events, { expectedRevision: 'no_stream' });

  it('fails with its connection when the request is lost, and succeeds on retry', async () => {
    server.faults.next('append', { kind: 'lose-request' });
    const events = entries(2);
    expect(await failureOf(append(events))).toMatchObject(lost);
    expect(server.log.events()).toHaveLength(0);
    expect(await append(events)).toMatchObject({ success: true, nextExpectedRevision: 1n });
  });

  it('is stored though its reply is lost, and recognised when it is repeated', async () => {
    server.faults.next('append', { kind: 'lose-reply' });
    const events = entries(2);
    expect(await failureOf(append(events))).toMatchObject(lost);
    expect(server.log.events()).toHaveLength(2);
    expect(await append(events)).toEqual({
      success: true,
      nextExpectedRevision: 1n,
      position: expect.anything() as unknown,
    });
    expect(server.log.events()).toHaveLength(2);
  });

  it('hears nothing when the reply is lost and the connection stays', async () => {
    const fault = server.faults.next('append', { kind: 'lose-reply', connection: 'hang' });
    const failed = failureOf(append());
    await fault.hit;
    await collect(client.readAll({ maxCount: 1 }));
    expect(server.log.events()).toHaveLength(2);
    expect(await Promise.race([failed, Promise.resolve('silence')])).toBe('silence');
    server.breakConnections();
    expect(await failed).toMatchObject(lost);
  });

  it('is answered late when the test says so', async () => {
    const fault = server.faults.next('append', { kind: 'late-reply' });
    const late = append();
    await fault.hit;
    expect(await collect(client.readStream('agency-1'))).toHaveLength(2);
    expect(await Promise.race([late, Promise.resolve('silence')])).toBe('silence');
    fault.release();
    expect(await late).toMatchObject({ success: true, nextExpectedRevision: 1n });
  });

  it.each([[true], [false]])('times out in the server, stored: %s', async (stored) => {
    server.faults.next('append', { kind: 'server-timeout', stored });
    expect(await failureOf(append())).toMatchObject({ type: 'deadline-exceeded' });
    expect(server.log.events()).toHaveLength(stored ? 2 : 0);
  });

  it('is refused by a node that leads no longer, and the next goes to the leader', async () => {
    const leader = await wire.serve({ log: server.log, batchAppend: protocol === 'batch-append' });
    server.faults.next('append', { kind: 'not-leader', leader: leader.endpoint, stored: true });
    const events = entries(2);
    expect(await failureOf(append(events))).toMatchObject({
      type: 'not-leader',
      leader: { address: leader.endpoint.host, port: leader.endpoint.port },
    });
    expect(await append(events)).toMatchObject({ success: true, nextExpectedRevision: 1n });
    expect(leader.calls.map(({ method }) => method)).toContain(protocol);
    expect(server.log.events()).toHaveLength(2);
  });

  it.each([
    [{ kind: 'unavailable', stored: true } as const, 'unavailable', 2],
    [{ kind: 'unavailable' } as const, 'unavailable', 0],
    [{ kind: 'access-denied' } as const, 'access-denied', 0],
  ])('meets %j', async (fault, type, stored) => {
    server.faults.next('append', fault);
    expect(await failureOf(append())).toMatchObject({ type });
    expect(server.log.events()).toHaveLength(stored);
  });

  it('meets its fault after others have passed', async () => {
    server.faults.next('append', { kind: 'access-denied' }, { skip: 1 });
    await append();
    expect(server.faults.waiting).toBe(1);
    expect(await failureOf(append())).toMatchObject({ type: 'access-denied' });
    expect(server.faults.waiting).toBe(0);
  });

  it('is given up before it is stored when its deadline has passed', async () => {
    const failure = await failureOf(
      client.appendToStream('agency-1', entry(1), { expectedRevision: 'no_stream', deadline: -1 }),
    );
    expect(failure).toMatchObject({ type: 'deadline-exceeded' });
    expect(server.log.events()).toHaveLength(0);
  });
});

describe('the client', () => {
  it('gives up appends at their deadline in the older protocol only', async () => {
    const [server, older] = [await wire.serve(), await wire.serve({ batchAppend: false })];
    const options = { expectedRevision: 'no_stream', deadline: 200 } as const;
    const fault = server.faults.next('append', { kind: 'lose-request', connection: 'hang' });
    const silent = failureOf(wire.connect(server.url).appendToStream('a', entry(1), options));
    await fault.hit;
    older.faults.next('append', { kind: 'lose-request', connection: 'hang' });
    expect(
      await failureOf(wire.connect(older.url).appendToStream('a', entry(1), options)),
    ).toMatchObject({
      type: 'deadline-exceeded',
    });
    expect(await Promise.race([silent, Promise.resolve('silence')])).toBe('silence');
    server.breakConnections();
    await silent;
  });

  it('fails the pending appends of every client when one client’s connection breaks', async () => {
    const [broken, healthy] = [await wire.serve(), await wire.serve()];
    const held = healthy.faults.next('append', { kind: 'late-reply' });
    const pending = failureOf(
      wire.connect(healthy.url).appendToStream('a', entry(1), { expectedRevision: 'no_stream' }),
    );
    await held.hit;
    broken.faults.next('append', { kind: 'lose-request' });
    const options = { expectedRevision: 'no_stream' } as const;
    await failureOf(wire.connect(broken.url).appendToStream('a', entry(1), options));
    expect(await pending).toMatchObject(lost);
    expect(healthy.log.events()).toHaveLength(1);
  });

  it('sends credentials over TLS, which refuses wrong ones, and none in the clear', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wire-tls-'));
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, testAuthority);
    const credentials = { username: 'ledger', password: 'a:b@c' };
    const server = await wire.serve({ tls: testTls, credentials });
    const url = (given: string) => {
      const login = `ledger:${encodeURIComponent(given)}`;
      return `${server.url.replace('esdb://', `esdb://${login}@`)}&tlsCAFile=${caFile}`;
    };
    const options = { expectedRevision: 'no_stream' } as const;
    await wire.connect(url('a:b@c')).appendToStream('a', entry(1), options);
    expect(server.calls.at(-1)).toMatchObject({ user: 'ledger' });
    expect(
      await failureOf(wire.connect(url('wrong')).appendToStream('b', entry(1), options)),
    ).toMatchObject({
      type: 'access-denied',
    });
    const plain = await wire.serve();
    const inClear = plain.url.replace('esdb://', 'esdb://ledger:secret@');
    await wire.connect(inClear).appendToStream('a', entry(1), options);
    expect(plain.calls.map(({ user }) => user)).toEqual([undefined, undefined]);
    rmSync(folder, { recursive: true });
  });

  it('fails while the node is down or mute, and works again afterwards', async () => {
    const server = await wire.serve({ batchAppend: false });
    const client = wire.connect(server.url);
    const append = (n: number, deadline = 5_000) =>
      client.appendToStream('a', entry(n), {
        expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1),
        deadline,
      });
    await append(0);
    await server.down();
    expect(await failureOf(append(1))).toMatchObject(lost);
    await server.up();
    await eventually(() => append(1));
    server.goDeaf();
    expect((await failureOf(append(2, 300)))['type']).toMatch(
      /^(unavailable|cancelled|deadline-exceeded)$/u,
    );
    server.hear();
    await eventually(() => append(2));
    expect(server.log.events()).toHaveLength(3);
  });
});

describe('a read', () => {
  it.each([
    [{ kind: 'unavailable', afterEvents: 2 } as const, { type: 'unavailable' }],
    [{ kind: 'access-denied' } as const, { type: 'access-denied' }],
    [{ kind: 'break', afterEvents: 2 } as const, lost],
    [
      { kind: 'not-leader', leader: { host: '127.0.0.1', port: 9 } } as const,
      { type: 'not-leader' },
    ],
  ])('meets %j', async (fault, error) => {
    const server = await wire.serve();
    server.log.append('a', 'any', countedProposals(5));
    server.faults.next('read', fault);
    expect(await failureOf(collect(wire.connect(server.url).readStream('a')))).toMatchObject(error);
  });

  it('is cut short without an error', async () => {
    const server = await wire.serve();
    server.log.append('a', 'any', countedProposals(5));
    server.faults.next('read', { kind: 'end', afterEvents: 2 });
    expect(await collect(wire.connect(server.url).readStream('a'))).toHaveLength(2);
  });
});

describe('other calls', () => {
  it.each([
    [{ kind: 'unavailable' } as const, { type: 'unavailable' }],
    [{ kind: 'access-denied' } as const, { type: 'access-denied' }],
    [{ kind: 'lose-request' } as const, lost],
  ])('meet %j', async (fault, error) => {
    const server = await wire.serve();
    server.log.append('a', 'any', countedProposals(1));
    server.faults.next('delete', fault);
    expect(await failureOf(wire.connect(server.url).deleteStream('a'))).toMatchObject(error);
    expect(server.log.isSoftDeleted('a')).toBe(false);
    server.faults.next('features', fault);
    const append = wire.connect(server.url).appendToStream('a', entry(1), { expectedRevision: 0n });
    expect(await failureOf(append)).toBeInstanceOf(Error);
    expect(server.log.events()).toHaveLength(1);
    expect(server.faults.waiting).toBe(0);
  });

  it('leave a node out whose gossip fails', async () => {
    const cluster = wire.closing(await WireCluster.start(2));
    for (const node of cluster.nodes) node.faults.next('gossip', { kind: 'unavailable' });
    await wire
      .connect(cluster.url)
      .appendToStream('a', entry(1), { expectedRevision: 'no_stream' });
    expect(cluster.log.events()).toHaveLength(1);
  });
});

describe('a cluster', () => {
  it.each([['url'], ['discoverUrl']] as const)(
    'is found through its %s, and its leader preferred',
    async (url) => {
      const cluster = wire.closing(await WireCluster.start(3));
      cluster.elect(1);
      const client = wire.connect(cluster[url]);
      await client.appendToStream('a', entry(1), { expectedRevision: 'no_stream' });
      expect(
        cluster.nodes.map(({ calls }) => calls.some(({ method }) => method === 'batch-append')),
      ).toEqual([false, true, false]);
    },
  );

  it('changes its leader between two appends of one connection', async () => {
    const cluster = wire.closing(await WireCluster.start(2));
    const client = wire.connect(cluster.url);
    const append = (n: number) =>
      client.appendToStream('a', entry(n), {
        expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1),
        requiresLeader: true,
      });
    await append(0);
    cluster.elect(1);
    expect(await failureOf(append(1))).toMatchObject({
      type: 'not-leader',
      leader: { port: cluster.leader.endpoint.port },
    });
    await append(1);
    expect(cluster.nodes[1]!.calls.at(-1)).toMatchObject({
      method: 'batch-append',
      requiresLeader: true,
    });
    expect(cluster.log.events('a')).toHaveLength(2);
  });

  it('lets a follower take what does not ask for the leader', async () => {
    const cluster = wire.closing(await WireCluster.start(2));
    const follower = wire.connect(cluster.nodes[1]!.url);
    await follower.appendToStream('a', entry(1), { expectedRevision: 'no_stream' });
    expect(await collect(wire.connect(cluster.nodes[0]!.url).readStream('a'))).toHaveLength(1);
    expect(
      await failureOf(collect(follower.readStream('a', { requiresLeader: true }))),
    ).toMatchObject({
      type: 'not-leader',
    });
  });

  it('is found without a node that died', async () => {
    const cluster = wire.closing(await WireCluster.start(3));
    await cluster.nodes[0]!.down();
    cluster.elect(2);
    await wire
      .connect(cluster.url)
      .appendToStream('a', entry(1), { expectedRevision: 'no_stream' });
    expect(cluster.nodes[2]!.calls.at(-1)?.method).toBe('batch-append');
  });
});

describe('behind the server’s back', () => {
  async function damaged(): Promise<{
    server: WireServer;
    client: EventStoreDBClient;
    read: () => Promise<number[]>;
  }> {
    const server = await wire.serve();
    server.log.append('a', 'no_stream', countedProposals(4));
    const client = wire.connect(server.url);
    const read = async () =>
      (await collect(client.readStream('a'))).map(({ event }) => (event?.data as { n: number }).n);
    return { server, client, read };
  }

  it('bytes change in their place', async () => {
    const { server, client, read } = await damaged();
    changeEvent(server.log, 'a', 2n, { data: Buffer.from('{"n":99}') });
    expect(await read()).toEqual([0, 1, 99, 3]);
    const [, , changed] = await collect(client.readAll({ maxCount: 3 }));
    expect(changed?.event).toMatchObject({ data: { n: 99 }, revision: 2n });
  });

  it('an event vanishes from its stream and from $all', async () => {
    const { server, client, read } = await damaged();
    removeEvent(server.log, 'a', 1n);
    expect(await read()).toEqual([0, 2, 3]);
    expect(await collect(client.readAll())).toHaveLength(3);
    expect(() => removeEvent(server.log, 'a', 1n)).toThrow('No event a@1 in the log');
  });

  it('an older copy forgets the newest events and gives their revisions again', async () => {
    const { server, client, read } = await damaged();
    cutOff(server.log, server.log.slots[1]!.position);
    expect(await read()).toEqual([0, 1]);
    await client.appendToStream('a', entry(7), { expectedRevision: 1n });
    expect(await read()).toEqual([0, 1, 7]);
  });

  it('a scavenge makes hidden events irrecoverable', async () => {
    const { server, client, read } = await damaged();
    await client.setStreamMetadata('a', { truncateBefore: 2 });
    const inAll = async () =>
      (await collect(client.readAll({ maxCount: 100 }))).filter(
        ({ event }) => event?.streamId === 'a',
      ).length;
    expect(await inAll()).toBe(4);
    scavenge(server.log);
    expect(await inAll()).toBe(2);
    await client.setStreamMetadata('a', { truncateBefore: 0 });
    expect(await read()).toEqual([2, 3]);
    await client.deleteStream('a');
    scavenge(server.log);
    expect(await inAll()).toBe(1);
    const again = await client.appendToStream('a', entry(5), { expectedRevision: 'no_stream' });
    expect(again.nextExpectedRevision).toBe(4n);
    expect(server.log.events().map(({ type }) => type)).toContain('$scavengeCompleted');
  });
});

function countedProposals(count: number) {
  return Array.from({ length: count }, (_, n) => jsonProposal(randomUUID(), 'Counted', { n }));
}

/** Tries again until it works: a client notices a returned node at the pace of its own back-off. */
async function eventually(work: () => Promise<unknown>): Promise<void> {
  for (;;)
    try {
      await work();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
