import type { Instant } from '@penalty-ledger/ledger';
import { AccessFile } from '../access-file.js';
import { secretsInMemory } from '../../../../../test/support/webhook-secrets.js';
import { Webhooks } from './webhooks.js';

const now = '2026-01-01T00:00:00.000Z' as Instant;
const [soon, later] = ['2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z'] as Instant[];
const url = 'https://hooks.example.com/';

let file: AccessFile;
let webhooks: Webhooks;
beforeEach(() => {
  file = AccessFile.open(':memory:');
  webhooks = new Webhooks(file, { secrets: secretsInMemory() });
});
afterEach(() => {
  file.close();
});

function subscribed(): string {
  const { webhook } = webhooks.add(
    { url, deadlines: { withinHours: 48 }, outlook: { withinHours: 72 } },
    undefined,
    now,
  );
  const deadlines = [
    { uid: 'd1', at: soon! },
    { uid: 'd2', at: later! },
  ];
  webhooks.noteDelivered(webhook.id, { notified: deadlines }, now);
  return webhook.id;
}

it('knows of which deadlines a webhook was notified, and with which instant', () => {
  const id = subscribed();
  webhooks.noteDelivered(id, { notified: [{ uid: 'd1', at: later! }] }, now);
  expect([...webhooks.notified.notifiedTo(id)]).toEqual([
    ['d1', later],
    ['d2', later],
  ]);
});

it('forgets a deadline once it has passed', () => {
  const id = subscribed();
  webhooks.notified.forgetPassed(soon!);
  expect([...webhooks.notified.notifiedTo(id).keys()]).toEqual(['d2']);
});

it('forgets everything about a webhook that is removed', () => {
  webhooks.remove(subscribed());
  for (const table of ['webhooks', 'webhookDeadlines', 'webhookOutlook', 'notifiedDeadlines'])
    expect(file.statement(`SELECT * FROM ${table}`).all()).toEqual([]);
});

it('notes nothing for a webhook that was removed meanwhile', () => {
  const id = subscribed();
  webhooks.remove(id);
  webhooks.notified.note(id, [{ uid: 'd1', at: soon! }]);
  expect([...webhooks.notified.notifiedTo(id)]).toEqual([]);
});
