import type { Instant } from '@penalty-ledger/ledger';
import { AccessFile } from '../access-file.js';
import {
  maxWebhooks,
  maxWebhooksOfOne,
  WebhookError,
  Webhooks,
  type NewWebhook,
} from './webhooks.js';

const now = '2026-01-01T00:00:00.000Z' as Instant;
const url = 'https://hooks.example.com/';

let file: AccessFile;
let webhooks: Webhooks;
beforeEach(() => {
  file = AccessFile.open(':memory:');
  webhooks = new Webhooks(file);
});
afterEach(() => {
  file.close();
});

it.each<[string, NewWebhook]>([
  ['url', { url: 'http://hooks.example.com/' }],
  ['types', { url, types: [] }],
  ['types[1]', { url, types: ['DeductionImposed', 'x y'] }],
  ['agencyId', { url, agencyId: '云帆' }],
])('names %s when it is wrong, and stores nothing', (field, wanted) => {
  expect(() => webhooks.add(wanted, undefined, now)).toThrow(WebhookError);
  expect(() => webhooks.add(wanted, undefined, now)).toThrow(`${field}: `);
  expect(webhooks.list()).toEqual([]);
});

it('gives the secret once, and begins after the position that is given', () => {
  const { webhook, secret } = webhooks.add({ url, types: ['DeductionImposed'] }, '41', now);
  expect(webhook).toEqual({
    id: webhook.id,
    url,
    types: ['DeductionImposed'],
    createdAt: now,
    cursor: '41',
    state: 'active',
    failures: 0,
  });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(JSON.stringify(webhooks.list())).not.toContain(secret);
});

it('takes no webhook beyond the limit', () => {
  for (let each = 0; each < maxWebhooks; each += 1) webhooks.add({ url }, undefined, now);
  expect(() => webhooks.add({ url }, undefined, now)).toThrow('remove one first');
});

it('takes no webhook of a sender beyond its part, until one is removed', () => {
  const add = (owner: string) => webhooks.add({ url }, undefined, now, owner).webhook;
  const [first] = Array.from({ length: maxWebhooksOfOne }, () => add('key:a'));
  expect(() => add('key:a')).toThrow('"key:a" has 10 webhooks');
  add('key:b');
  webhooks.remove(first!.id);
  add('key:a');
  expect(() => add('key:a')).toThrow(
    expect.objectContaining({ code: 'too_many_webhooks' }) as Error,
  );
  expect(webhooks.list()).toHaveLength(maxWebhooksOfOne + 1);
});

it('says so when there is no such webhook', () => {
  for (const act of [
    () => webhooks.get('x'),
    () => webhooks.pause('x'),
    () => webhooks.resume('x'),
    () => webhooks.remove('x'),
    () => webhooks.rotateSecret('x', now),
  ]) {
    expect(act).toThrow('there is no webhook "x"');
  }
});
