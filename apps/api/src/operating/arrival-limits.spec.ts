import { FastifyAdapter } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { endUnreadBodies, limitPipelining, maxUnansweredOfOne } from './arrival-limits.js';

const adapter = new FastifyAdapter();
const fastify = adapter.getInstance();
/** The bytes that were read from each connection that has ended. */
const bytesRead: number[] = [];
let port = 0;
/** Requests that reached their route. */
let looked = 0;
beforeAll(async () => {
  limitPipelining(adapter);
  endUnreadBodies(adapter);
  fastify.addHook('onRequest', (asked, reply, done) => {
    const { socket } = asked.raw;
    socket.once('close', () => bytesRead.push(socket.bytesRead));
    if (asked.headers.authorization === undefined) void reply.code(401).send({ code: 'no' });
    else done();
  });
  fastify.post('/', () => ({}));
  fastify.get('/', async () => {
    looked += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return {};
  });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = fastify.server.address() as AddressInfo);
});
afterAll(() => fastify.close());

async function send(body: string, headers: Readonly<Record<string, string>>) {
  const closed = bytesRead.length;
  const sending = request({ host: '127.0.0.1', port, method: 'POST', path: '/', headers });
  sending.on('error', () => undefined).end(body);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  await once(answer.resume(), 'close');
  const isClosed = async () => {
    for (let tries = 0; bytesRead.length === closed && tries < 300; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return bytesRead.at(-1);
  };
  return { status: answer.statusCode, connection: answer.headers.connection, isClosed };
}

const json = { 'content-type': 'application/json' };
const long = `"${'x'.repeat(250_000)}"`;

it.each([
  ['of a stated length', { 'content-length': String(long.length) }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
])('a long body that was refused is not read on: %s', async (_name, headers) => {
  const { status, connection, isClosed } = await send(long, { ...json, ...headers });
  expect({ status, connection }).toEqual({ status: 401, connection: 'close' });
  expect(await isClosed()).toBeLessThan(140_000);
});

it('a short body that was refused is passed over, and its connection goes on', async () => {
  const { status, connection } = await send('"x"', { ...json, 'content-length': '3' });
  expect({ status, connection }).toEqual({ status: 401, connection: 'keep-alive' });
});

it('a long body that is taken is read to its end', async () => {
  const { status } = await send(long, { ...json, authorization: 'Bearer x' });
  expect(status).toBe(200);
});

it('a connection that sends many requests without waiting for answers is ended', async () => {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined).resume();
  looked = 0;
  const ask = 'GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n\r\n';
  socket.write(ask.repeat(500));
  await once(socket, 'close');
  expect(looked).toBeLessThanOrEqual(maxUnansweredOfOne);
});

it('a connection may send a few requests without waiting for answers', async () => {
  const socket = connect({ port, host: '127.0.0.1' });
  const ask = 'GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n\r\n';
  socket.write(ask.repeat(maxUnansweredOfOne));
  let text = '';
  for await (const piece of socket.setEncoding('latin1')) {
    text += String(piece);
    if (text.split('HTTP/1.1 200').length > maxUnansweredOfOne) break;
  }
  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(maxUnansweredOfOne);
});
