/**
 * Receives webhooks, checks their signatures, and prints what they say.
 *
 *     node receiver.mjs PORT FILE
 *
 * FILE is the answer of POST /webhooks, which has the secret.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const [port, file] = process.argv.slice(2);

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  // The body as it came: a parser in between would change its bytes.
  const body = Buffer.concat(chunks).toString();
  try {
    const { secret } = JSON.parse(readFileSync(file, 'utf8'));
    const { data } = new Webhook(secret).verify(body, request.headers);
    for (const { type, agencyId } of data.events) console.log(`${type} ${agencyId}`);
    response.writeHead(204).end();
  } catch {
    // The ledger sends the message again later.
    response.writeHead(401).end();
  }
}).listen(Number(port), '127.0.0.1');
