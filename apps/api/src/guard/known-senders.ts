import { createHash } from 'node:crypto';
import { BoundedCache } from '@penalty-ledger/event-store';
import { basicPassword, bearerToken } from '../http/credentials.js';

/**
 * The number of senders remembered; the last 10,000 always are. A forgotten sender is counted by
 * its address until it signs in again.
 */
const maxKnown = 20_000;

/**
 * Decides whose requests are counted together for the rate limit. A sender who signed in once is
 * counted by their credentials, of which only a hash is kept. All others are counted by their
 * address: a sender who makes up a token for each request stays one sender.
 */
export class KnownSenders {
  readonly #known = new BoundedCache<string, true>(maxKnown);

  /** The name that a request is counted under. */
  countedAs({ headers: { authorization }, ip }: Sender): string {
    if (authorization === undefined) return ip;
    const credentials = hashOf(authorization);
    return this.#known.get(credentials) === true ? credentials : ip;
  }

  /** Notes that a request's credentials opened something. */
  signedIn({ headers: { authorization = '' } }: Pick<Sender, 'headers'>): void {
    this.#known.set(hashOf(authorization), true);
  }
}

/**
 * The credentials and the address of a request; behind a stated proxy the address that the proxy
 * names.
 */
export interface Sender {
  readonly headers: { readonly authorization?: string | undefined };
  readonly ip: string;
}

/**
 * Hashes the token, however it is sent: a key must not become another sender with each user name.
 */
function hashOf(authorization: string): string {
  const token = bearerToken(authorization) ?? basicPassword(authorization) ?? authorization;
  return createHash('sha256').update(token).digest('hex');
}
