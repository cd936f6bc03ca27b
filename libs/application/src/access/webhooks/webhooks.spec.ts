import type { Instant } from '@penalty-ledger/ledger';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyStore } from '../../keys/key-store.js';
import { AccessFile } from '../access-file.js';
import { WebhookSecrets } from './webhook-secret.js';
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
let keys: KeyStore | undefined;
let webhooks: Webhooks;
const secrets = new WebhookSecrets(() => keys);
beforeEach(() => {
  file = AccessFile.open(':memory:');
  keys = KeyStore.open(':memory:');
  webhooks = new Webhooks(file, { secrets });
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

describe('a secret', () => {
  it('stands in no file, whether the keys are protected or not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
    const open = () => {
      keys = KeyStore.open(join(folder, 'ledger.keys.db'));
      file = AccessFile.open(join(folder, 'ledger.access.db'));
      webhooks = new Webhooks(file, { secrets });
    };
    try {
      open();
      const { webhook, secret } = webhooks.add({ url }, undefined, now);
      const rotated = webhooks.rotateSecret(webhook.id, now);
      for (let turn = 0; turn < 2; turn += 1) {
        const texts = [secret, rotated.secret].map((each) => each.slice('whsec_'.length));
        const looked = texts.flatMap((text) => [text, Buffer.from(text, 'base64')]);
        const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
        expect(files.length).toBeGreaterThan(2);
        for (const bytes of files)
          for (const each of looked) expect(bytes.includes(each)).toBe(false);
        expect(webhooks.secretsOf(webhook.id, now)).toEqual([rotated.secret, secret]);
        keys!.protect('correct horse');
      }
      file.close();
      keys!.close();
    } finally {
      rmSync(folder, { recursive: true });
      file = AccessFile.open(':memory:');
    }
  });

  it('of another webhook does not open in its place', () => {
    const [one, other] = [1, 2].map(() => webhooks.add({ url }, undefined, now).webhook.id);
    file
      .statement('UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE id = ?)')
      .run(one!);
    expect(webhooks.secretsOf(one!, now)).toHaveLength(1);
    expect(() => webhooks.secretsOf(other!, now)).toThrow('does not open');
  });

  it('without the ledger’s keys is neither made nor read, and a new one can be made after', () => {
    const { webhook } = webhooks.add({ url }, undefined, now);
    keys = undefined;
    expect(() => webhooks.add({ url }, undefined, now)).toThrow('has no keys of the ledger');
    expect(() => webhooks.secretsOf(webhook.id, now)).toThrow('the key file lacks its key');
    expect(webhooks.list()).toHaveLength(1);
    keys = KeyStore.open(':memory:');
    const { secret } = webhooks.rotateSecret(webhook.id, now);
    expect(webhooks.secretsOf(webhook.id, now)).toEqual([secret]);
  });

  it('goes with its webhook: the key is destroyed', () => {
    const { webhook } = webhooks.add({ url }, undefined, now);
    webhooks.remove(webhook.id);
    expect(keys!.stateOf(`webhook:${webhook.id}`)).toBe('destroyed');
  });
});
