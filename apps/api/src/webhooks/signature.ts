import { createHmac } from 'node:crypto';

/** The headers a message is signed with (Standard Webhooks). */
export interface SignedHeaders {
  /** The id of the message, the same at each attempt. */
  readonly 'webhook-id': string;
  /** The time of this attempt: seconds since 1970. */
  readonly 'webhook-timestamp': string;
  /** `v1,` and base64 of the HMAC, once for each secret that holds, with a space between. */
  readonly 'webhook-signature': string;
}

/**
 * Signs one attempt: HMAC-SHA-256 over `id.timestamp.body` with the bytes of each secret.
 *
 * @param secrets the newest first; during a rotation the earlier one too, so that a receiver can
 *   change over when it likes
 */
export function signedHeaders(
  message: { readonly id: string; readonly body: string },
  epochSeconds: number,
  secrets: readonly string[],
): SignedHeaders {
  const signed = `${message.id}.${epochSeconds}.${message.body}`;
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(epochSeconds),
    'webhook-signature': secrets
      .map((secret) => createHmac('sha256', keyOf(secret)).update(signed).digest('base64'))
      .map((signature) => `v1,${signature}`)
      .join(' '),
  };
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice('whsec_'.length), 'base64');
}
