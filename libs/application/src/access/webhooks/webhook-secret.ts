import { randomBytes } from 'node:crypto';
import { open, seal } from '../../keys/key-protection.js';
import { KeysLockedError, type KeyStore } from '../../keys/key-store.js';

/** A new secret in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** The name under which a webhook's key lies among the keys of subjects: another one for each. */
const keyNameOf = (webhookId: string): string => `webhook:${webhookId}`;

/**
 * Seals the secrets of webhooks under keys that lie among the ledger's own, and are protected with
 * them. Neither the access file nor the key file tells a secret by itself.
 */
export class WebhookSecrets {
  /** @param keys the ledger's keys; `undefined` while this process has none */
  constructor(private readonly keys: () => KeyStore | undefined) {}

  /**
   * Seals a secret, under a key that is made with the webhook's first.
   *
   * @throws KeysLockedError without the ledger's keys
   */
  seal(webhookId: string, secret: string): Uint8Array {
    const keys = this.keys();
    if (keys === undefined)
      throw new KeysLockedError(
        {
          en: 'this node has no keys of the ledger, and a webhook needs one for its secret',
          zh: '本节点没有账本的密钥，而 webhook 的机密需要密钥',
        },
        {
          en: 'send the request to the node that takes commands',
          zh: '请将请求发送到接受指令的节点',
        },
      );
    const key = keys.findOrMake(keyNameOf(webhookId));
    // Before what only it opens is stored.
    keys.save();
    return seal(key, keyNameOf(webhookId), Buffer.from(secret));
  }

  /** Opens a secret; `undefined` without its key. */
  open(webhookId: string, sealed: Uint8Array): string | undefined {
    const key = this.keys()?.find(keyNameOf(webhookId));
    const bytes = key === undefined ? undefined : open(key, keyNameOf(webhookId), sealed);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  /** Destroys the key of a webhook that is removed: an old copy does not open either. */
  destroy(webhookId: string): void {
    const keys = this.keys();
    if (keys?.stateOf(keyNameOf(webhookId)) === 'held') keys.destroy(keyNameOf(webhookId));
  }
}
