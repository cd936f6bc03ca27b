import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signedHeaders } from './signature.js';

it('the example of the specification is signed as it says', () => {
  const text = readFileSync(join(__dirname, '../../../../docs/spec/webhooks.md'), 'utf8');
  const secret = /`(whsec_[^`]+)`/.exec(text)![1]!;
  const [head, body] = text.split('```')[1]!.trim().split('\n\n');
  const stated = Object.fromEntries(
    head!.split('\n').map((line) => line.split(': ') as [string, string]),
  );
  const id = stated['webhook-id']!;
  expect(stated).toMatchObject(
    signedHeaders({ id, body: body! }, Number(stated['webhook-timestamp']), [secret]),
  );
});

it('agrees with the example that Standard Webhooks publishes', () => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
  expect(
    signedHeaders(message, 1614265330, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])[
      'webhook-signature'
    ],
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
