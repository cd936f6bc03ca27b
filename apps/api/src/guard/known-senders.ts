import { createHash } from 'node:crypto';
import { BoundedCache } from '@penalty-ledger/event-store';
import { basicPassword, bearerToken } from '../http/credentials.js';

/**
 * The number of senders remembered; the last 10,000 always are. One that was forgotten is counted by
 * its address until it signs in again.
 */
const maxKnown = 20_000;

/**
 * Whose requests are counted together when there are too many. Whoever signed in once is counted by their credentials, of which only a hash is kept;
 * everybody else by their address: a sender who makes up another token for each request stays one sender.
 */
export class KnownSenders {
  readonly #known = new BoundedCache<string, true>(maxKnown);

  /** What a request is counted under. */
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

/** Of a request: its credentials and its address, behind a stated proxy the one the proxy names. */
export interface Sender {
  readonly headers: { readonly authorization?: string | undefined };
  readonly ip: string;
}

/** Of the token, however it is sent: a key that is one sender must not become another with each user name. */
function hashOf(authorization: string): string {
  const token = bearerToken(authorization) ?? basicPassword(authorization) ?? authorization;
  return createHash('sha256').update(token).digest('hex');
}
