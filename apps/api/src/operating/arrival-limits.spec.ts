import { FastifyAdapter } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { limitPipelining, maxUnansweredOfOne } from './arrival-limits.js';

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
