import { KeyStore } from '@penalty-ledger/application';
import { WebhookSecrets } from '@penalty-ledger/application/webhooks';

/** Seals the secrets of webhooks under keys that are thrown away. */
export function secretsInMemory(): WebhookSecrets {
  const keys = KeyStore.open(':memory:');
  return new WebhookSecrets(() => keys);
}
