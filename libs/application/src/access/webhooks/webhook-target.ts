import { BlockList, isIP } from 'node:net';

/** The targets that a webhook may have besides public ones. */
export interface TargetRules {
  /**
   * Addresses of a private network (10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7). Never
   * link-local ones, where clouds keep credentials.
   */
  readonly allowPrivate: boolean;
}

const maxUrlLength = 2_000;

/**
 * The problem of a webhook's URL by itself; `undefined` when it may be tried. It is `https`, or
 * `http` to this machine named as such (`localhost`, 127.0.0.0/8, `::1`). The address of a name is
 * checked at every connection.
 */
export function problemOfUrl(text: string, rules: TargetRules): string | undefined {
  if (text.length > maxUrlLength || !URL.canParse(text))
    return `url: give an https URL of up to ${maxUrlLength} characters`;
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (username !== '' || password !== '')
    return 'url: leave out the user and password; the signature says who we are';
  if (hash !== '') return 'url: leave out the fragment';
  if (isThisMachine(hostname)) {
    return protocol === 'https:' || protocol === 'http:' ? undefined : 'url: give http or https';
  }
  if (protocol !== 'https:') return 'url: give https; http only to localhost';
  const address = bareAddress(hostname);
  return isIP(address) === 0 ? undefined : problemOfAddress(address, rules);
}

/** Says whether a URL's host is this machine itself. A name that only resolves to it is not. */
export function isThisMachine(hostname: string): boolean {
  const address = bareAddress(hostname);
  return hostname === 'localhost' || (isIP(address) !== 0 && isLoopback(address));
}

/** Says whether an address is of this machine: 127.0.0.0/8, `::1`. */
export function isLoopback(address: string): boolean {
  return loopback.has(address);
}

/** Names the problem when an address must not be connected to; `undefined` when it may. */
export function problemOfAddress(
  address: string,
  { allowPrivate }: TargetRules,
): string | undefined {
  if (closed.has(address)) {
    return `url: ${address} is not a public address; webhooks go to public ones`;
  }
  if (!allowPrivate && inside.has(address)) {
    return (
      `url: ${address} is an address of a private network; ` +
      'the service must be set to allow those'
    );
  }
  return undefined;
}

function bareAddress(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/**
 * Networks of both families, apart. Node's block list takes an IPv4 address for its IPv6 form, and
 * would find all of them in `::ffff:0:0/96`.
 */
class Networks {
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(...subnets: readonly string[]) {
    for (const subnet of subnets) {
      const [network = '', prefix = ''] = subnet.split('/');
      this.#lists[familyOf(network)].addSubnet(network, Number(prefix), familyOf(network));
    }
  }

  has(address: string): boolean {
    return this.#lists[familyOf(address)].check(address, familyOf(address));
  }
}

const loopback = new Networks('127.0.0.0/8', '::1/128');

/** Private networks (RFC 1918, RFC 6598, RFC 4193). */
const inside = new Networks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
);

/**
 * The IANA special-purpose registries (RFC 6890) without the private networks, and multicast: this
 * host, loopback, link-local, documentation, benchmarks, reserved. For IPv6 also addresses that
 * carry an IPv4 address inside (mapped, translated, 6to4, Teredo), which could be any of the
 * former.
 */
const closed = new Networks(
  ...[
    '0.0.0.0/8',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
  ],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...[
    '::/128',
    '::1/128',
    '::ffff:0:0/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
  ],
  ...['2002::/16', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
);
