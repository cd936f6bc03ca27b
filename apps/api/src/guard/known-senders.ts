import { hash } from 'node:crypto';
import { normalizeIP } from '@fastify/rate-limit';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { BoundedCache } from '@penalty-ledger/event-store';
import { basicPassword, bearerToken } from '../http/credentials.js';

/**
 * The number of senders remembered; the last 10,000 always are. A forgotten sender is counted by
 * its address until it signs in again.
 */
const maxKnown = 20_000;

/** The name that a request is counted under. */
export type Counted =
  | { readonly address: string; readonly key?: never; readonly agency?: never }
  | { readonly key: string; readonly agency?: string; readonly address?: never };

/**
 * Decides whose requests are counted together. A sender who signed in once is counted by the key's
 * id, and for its agency; of the credentials only a hash is kept. All others are counted by their
 * address: a sender who makes up a token for each request stays one sender. An address of IPv6 is
 * counted with all of its /64, which one customer has.
 */
export class KnownSenders {
  readonly #known = new BoundedCache<string, Counted>(maxKnown);

  /** The name that a request is counted under. */
  countedAs({ headers: { authorization }, ip }: Sender): Counted {
    const known = authorization === undefined ? undefined : this.#known.get(hashOf(authorization));
    return known ?? { address: normalizeIP(ip) };
  }

  /** Notes who a request's credentials are. */
  signedIn(
    { headers: { authorization = '' } }: Pick<Sender, 'headers'>,
    { id, agencyId }: Pick<Principal, 'id' | 'agencyId'>,
  ): void {
    this.#known.set(hashOf(authorization), {
      key: id,
      ...(agencyId !== undefined && { agency: agencyId }),
    });
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
  return hash('sha256', token, 'hex');
}
