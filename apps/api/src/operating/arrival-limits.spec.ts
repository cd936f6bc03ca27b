import { FastifyAdapter } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  limitConnections,
  limitPipelining,
  maxConnections,
  maxUnansweredOfOne,
} from './arrival-limits.js';

const adapter = new FastifyAdapter();
const fastify = adapter.getInstance();
let port = 0;
/** Requests that reached their route. */
let looked = 0;
beforeAll(async () => {
  limitPipelining(adapter);
  fastify.get('/', async () => {
    looked += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return {};
  });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = fastify.server.address() as AddressInfo);
});
afterAll(() => fastify.close());
beforeEach(() => (looked = 0));

/** Sends so many requests over one connection, without waiting for an answer. */
function sendAtOnce(requests: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(requests));
  return socket.setEncoding('latin1');
}

it('a connection that sends many requests without waiting for answers is ended', async () => {
  await once(sendAtOnce(500).resume(), 'close');
  expect(looked).toBeLessThanOrEqual(maxUnansweredOfOne);
});

it('a connection may send a few requests without waiting, and then as many again', async () => {
  const socket = sendAtOnce(maxUnansweredOfOne);
  let text = '';
  for await (const piece of socket) {
    text += String(piece);
    const answers = text.match(/HTTP\/1\.1 200/g)?.length ?? 0;
    if (answers === 2 * maxUnansweredOfOne) break;
    if (answers === maxUnansweredOfOne && looked === maxUnansweredOfOne)
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(maxUnansweredOfOne));
  }
  expect(looked).toBe(2 * maxUnansweredOfOne);
});

describe('connections', () => {
  const limited = new FastifyAdapter();
  let at = 0;
  const opened: Socket[] = [];

  beforeAll(async () => {
    limitConnections(limited, { all: 3, ofOneAddress: 2 });
    limited.getInstance().get('/', () => ({}));
    await limited.getInstance().listen({ port: 0, host: '127.0.0.1' });
    ({ port: at } = limited.getInstance().server.address() as AddressInfo);
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await untilOpen(0);
  });
  afterAll(() => limited.getInstance().close());

  /** Waits until the service has noticed that connections ended. */
  async function untilOpen(count: number): Promise<void> {
    const { server } = limited.getInstance();
    while ((await promisify(server.getConnections.bind(server))()) !== count) await pause(1);
  }

  /** Says whether another connection is answered, and leaves it open. */
  async function isTaken(localAddress: string): Promise<boolean> {
    const socket = connect({ port: at, host: '127.0.0.1', localAddress });
    opened.push(socket.on('error', () => undefined));
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
    ]);
  }

  it('of one address are limited, and leave room for others up to the limit of all', async () => {
    expect(await isTaken('127.0.0.1')).toBe(true);
    expect(await isTaken('127.0.0.1')).toBe(true);
    expect(await isTaken('127.0.0.1')).toBe(false);
    expect(await isTaken('127.0.0.2')).toBe(true);
    expect(await isTaken('127.0.0.3')).toBe(false);
  });

  it('that ended make room', async () => {
    expect([await isTaken('127.0.0.1'), await isTaken('127.0.0.1')]).toEqual([true, true]);
    opened[0]?.destroy();
    await untilOpen(1);
    expect(await isTaken('127.0.0.1')).toBe(true);
  });

  it('of a proxy are not limited by its address, since all of them come from there', () => {
    expect(maxConnections({ trustProxy: '127.0.0.1' }).ofOneAddress).toBeUndefined();
    expect(maxConnections({}).ofOneAddress).toBeGreaterThan(0);
  });
});
