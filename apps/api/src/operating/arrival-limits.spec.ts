import { FastifyAdapter } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endUnreadBodies } from './arrival-limits.js';

const adapter = new FastifyAdapter();
const fastify = adapter.getInstance();
/** The bytes that were read from each connection that has ended. */
const bytesRead: number[] = [];
let port = 0;
beforeAll(async () => {
  endUnreadBodies(adapter);
  fastify.addHook('onRequest', (asked, reply, done) => {
    const { socket } = asked.raw;
    socket.once('close', () => bytesRead.push(socket.bytesRead));
    if (asked.headers.authorization === undefined) void reply.code(401).send({ code: 'no' });
    else done();
  });
  fastify.post('/', () => ({}));
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
