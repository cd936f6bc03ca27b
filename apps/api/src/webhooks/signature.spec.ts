import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { newWebhookSecret } from '@penalty-ledger/application/webhooks';
import { signedHeaders, type SignedHeaders } from './signature.js';

const published = {
  message: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' },
  at: 1_614_265_330,
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

/** Reads a message as a receiver with the library of Standard Webhooks does, by its own clock. */
function readAt(at: number, secret: string, body: string, headers: SignedHeaders): unknown {
  jest.spyOn(Date, 'now').mockReturnValue(at * 1_000);
  return new Webhook(secret).verify(body, headers);
}

afterEach(() => {
  jest.restoreAllMocks();
});

it('the example of the specification is signed as it says, and receivers can read it', () => {
  const text = readFileSync(join(__dirname, '../../../../docs/spec/webhooks.md'), 'utf8');
  const secret = /`(whsec_[^`]+)`/.exec(text)![1]!;
  const [head, body] = text.split('```')[1]!.trim().split('\n\n');
  const stated = Object.fromEntries(
    head!.split('\n').map((line) => line.split(': ') as [string, string]),
  );
  const at = Number(stated['webhook-timestamp']);
  const headers = signedHeaders({ id: stated['webhook-id']!, body: body! }, at, [secret]);
  expect(stated).toMatchObject(headers);
  expect(readAt(at, secret, body!, headers)).toEqual(JSON.parse(body!));
});

it('agrees with the example that Standard Webhooks publishes', () => {
  const { message, at, secret } = published;
  expect(signedHeaders(message, at, [secret])['webhook-signature']).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

describe('the library that receivers use', () => {
  const { message, at } = published;
  const secret = newWebhookSecret();
  const headers = signedHeaders(message, at, [secret]);

  it('accepts what we sign, up to five minutes away from its clock', () => {
    for (const seconds of [-300, 0, 300])
      expect(readAt(at + seconds, secret, message.body, headers)).toEqual({ test: 2432232314 });
    for (const seconds of [-301, 301])
      expect(() => readAt(at + seconds, secret, message.body, headers)).toThrow(/timestamp/);
  });

  it('accepts each of the two secrets while one replaces the other, and no third', () => {
    const earlier = newWebhookSecret();
    const both = signedHeaders(message, at, [secret, earlier]);
    for (const each of [secret, earlier]) readAt(at, each, message.body, both);
    expect(() => readAt(at, newWebhookSecret(), message.body, both)).toThrow(/signature/);
  });

  it.each<[string, Partial<SignedHeaders & { readonly body: string }>]>([
    ['body', { body: '{"test": 2432232315}' }],
    ['id', { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJej' }],
    ['timestamp', { 'webhook-timestamp': String(at + 1) }],
    ['signature', signedHeaders({ ...message, body: '{}' }, at, [secret])],
  ])('refuses a message whose %s was altered', (_, altered) => {
    const { body, ...sent } = { body: message.body, ...headers, ...altered };
    expect(() => readAt(at, secret, body, sent)).toThrow(/signature/);
  });
});
