import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import {
  allowedTargets,
  problemOfAddress,
  problemOfUrl,
  publicTargetsOnly,
} from './webhook-target.js';

const allowed = allowedTargets(
  'localhost:3000, 127.0.0.1:80,[::1]:80,localhost:443,10.0.0.1:8443,[FD00::1]:443,hooks.LAN:8443',
)!;
const name = new URL('https://hooks.lan:8443/');

it.each([
  'https://hooks.example.com/a?b=1',
  'https://hooks.example.com:8443/',
  'https://8.8.8.8/',
  'https://[2606:4700::1]/',
])('takes %s', (url) => {
  expect(problemOfUrl(url, publicTargetsOnly)).toBeUndefined();
});

it.each([
  'http://localhost:3000/hook',
  'http://127.0.0.1/',
  'http://[::1]:80/',
  'https://localhost/',
  'https://10.0.0.1:8443/',
  'https://[fd00::1]/',
])('takes %s where the service allows it', (url) => {
  expect(problemOfUrl(url, allowed)).toBeUndefined();
  expect(problemOfUrl(url, publicTargetsOnly)?.en).toContain('LEDGER_WEBHOOK_TARGETS');
});

it.each([
  ['http://hooks.example.com/', 'give https'],
  ['http://hooks.lan:8443/', 'give https'],
  ['ftp://localhost/', 'give http or https'],
  ['file:///etc/passwd', 'give https'],
  ['https://user:secret@hooks.example.com/', 'user and password'],
  ['https://hooks.example.com/#x', 'fragment'],
  ['not a url', 'https URL'],
  [`https://hooks.example.com/${'x'.repeat(2_000)}`, 'https URL'],
  ['http://localhost:3001/hook', 'allow localhost:3001 in LEDGER_WEBHOOK_TARGETS'],
  ['http://localhost/hook', 'allow localhost:80 in LEDGER_WEBHOOK_TARGETS'],
  ['https://127.0.0.2:3000/', 'this machine'],
  ['https://10.0.0.1/', 'private network'],
  ['https://[fd00::1]:8443/', 'private network'],
  ['https://169.254.169.254/latest/meta-data', 'not a public address'],
  ['https://0xa9fea9fe/', 'not a public address'],
  ['https://2852039166/', 'not a public address'],
  ['https://[::ffff:169.254.169.254]/', 'not a public address'],
  ['https://[fe80::1]/', 'not a public address'],
  ['http://0.0.0.0/', 'give https'],
])('refuses %s', (url, problem) => {
  expect(problemOfUrl(url, allowed)?.en).toContain(problem);
  expect(problemOfUrl(url, allowed)?.zh).toMatch(/^url：/);
});

it('leads an allowed name into private networks, and no other name', () => {
  for (const address of ['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1']) {
    expect(problemOfAddress(address, name, allowed)).toBeUndefined();
    expect(problemOfAddress(address, name, publicTargetsOnly)?.en).toContain('private');
    const otherPort = new URL('https://hooks.lan/');
    expect(problemOfAddress(address, otherPort, allowed)?.en).toContain('private');
  }
});

/** https://www.iana.org/assignments/iana-ipv4-special-registry, read in 2025; and multicast. */
const special4 = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.0.0.8/32'],
  ...['192.0.0.9/32', '192.0.0.10/32', '192.0.0.170/32', '192.0.0.171/32', '192.0.2.0/24'],
  ...['192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.175.48.0/24', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '255.255.255.255/32'],
];

/**
 * https://www.iana.org/assignments/iana-ipv6-special-registry, read in 2025; multicast, addresses
 * of an interface's site, and the forms that carry an IPv4 address.
 */
const special6 = [
  ...['::/128', '::1/128', '::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96'],
  ...['64:ff9b:1::/48', '100::/64', '100:0:0:1::/64', '2001::/23', '2001::/32', '2001:1::1/128'],
  ...['2001:1::2/128', '2001:1::3/128', '2001:2::/48', '2001:3::/32', '2001:4:112::/48'],
  ...['2001:10::/28', '2001:20::/28', '2001:30::/28', '2001:db8::/32', '2002::/16'],
  ...['2620:4f:8000::/48', '3fff::/20', '5f00::/16', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

const ends = (network: string): readonly string[] => {
  const family = network.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
  return [
    family.networkAddressFromCIDR(network).toString(),
    family.broadcastAddressFromCIDR(network).toString(),
  ];
};

it.each([...special4, ...special6])('never leads into %s, not even an allowed name', (network) => {
  for (const address of ends(network))
    expect(problemOfAddress(address, name, allowed)?.en).toContain('not a public address');
});

it.each([
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd20:ce::254',
  '168.63.129.16',
  '2606:4700::5efe:7f00:1',
  '2606:4700::200:5efe:a00:1',
  'fe80::1%eth0',
  '2606:4700::1%eth0',
  'fd00:ec2::254%eth0',
  '0177.0.0.1',
  '0x7f000001',
  '2130706433',
  '127.1',
  'no address',
])('never leads to %s', (address) => {
  expect(problemOfAddress(address, name, allowed)?.en).toContain('not a public address');
});

it.each([
  ...['9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...['128.0.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '223.255.255.255'],
  ...['2000::', '2001:200::', '2001:db7:ffff::', '2001:db9::', '2003::', '3fff:1000::'],
  ...['2620:4f:7fff::', '2620:4f:8001::'],
])('leads to %s beside them', (address) => {
  expect(problemOfAddress(address, name, publicTargetsOnly)).toBeUndefined();
});

/** A network as numbers: its first address, and the one behind its last. */
interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

/** The number of an address, read group by group: another reading than the library's. */
function numberOf(address: string): bigint {
  if (!address.includes(':'))
    return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [left = '', right] = address.split('::');
  const groupsOf = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const [before, after] = [groupsOf(left), groupsOf(right ?? '')];
  const between = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...between, ...after].reduce(
    (sum, group) => (sum << 16n) + BigInt(`0x${group}`),
    0n,
  );
}

function rangeOf(network: string): Range {
  const [address = '', length] = network.split('/');
  const size = 1n << BigInt((address.includes(':') ? 128 : 32) - Number(length));
  const from = numberOf(address);
  return { from, to: from + size };
}

const within = (number: bigint, ranges: readonly Range[]): boolean =>
  ranges.some(({ from, to }) => from <= number && number < to);

const private4 = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];
const closed4 = [...special4, ...private4].map(rangeOf);
const closed6 = [...special6, 'fc00::/7'].map(rangeOf);
const givenOut6 = [rangeOf('2000::/3')];
const identifiersOfIsatap = [0x0000_5efen, 0x0200_5efen];

const isPublic4 = (number: bigint): boolean => !within(number, closed4);
const isPublic6 = (number: bigint): boolean =>
  within(number, givenOut6) &&
  !within(number, closed6) &&
  !identifiersOfIsatap.includes((number >> 32n) & 0xffff_ffffn);

const written4 = (number: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
const written6 = (number: bigint): string =>
  Array.from({ length: 8 }, (_, at) => (number >> BigInt(112 - 16 * at)) & 0xffffn)
    .map((group) => group.toString(16))
    .join(':');

/** Numbers of a family: any, and those at an end of a network and beside it. */
function numbers(ranges: readonly Range[], bits: bigint): fc.Arbitrary<bigint> {
  const last = (1n << bits) - 1n;
  const ends = ranges.flatMap(({ from, to }) => [from - 1n, from, to - 1n, to]);
  return fc.oneof(
    fc.bigInt({ min: 0n, max: last }),
    fc.constantFrom(...ends.filter((number) => number >= 0n && number <= last)),
  );
}

const anyAddress4 = numbers(closed4, 32n);
const anyAddress6 = fc.oneof(
  numbers([...closed6, ...givenOut6], 128n),
  fc.bigInt({ min: 0x2000n << 112n, max: (0x4000n << 112n) - 1n }),
  // An IPv4 address at the end, behind each network and each identifier of ISATAP.
  fc
    .tuple(
      fc.constantFrom(...[...closed6, ...givenOut6].map(({ from }) => from), 0x2606n << 112n),
      fc.constantFrom(0n, ...identifiersOfIsatap),
      anyAddress4,
    )
    .map(([network, identifier, address]) => network | (identifier << 32n) | address),
);

/** Says if an address is taken: the same in a URL and as what a name resolves to. */
function isTaken(address: string): boolean {
  const host = address.includes(':') ? `[${address}]` : address;
  const asLiteral = problemOfUrl(`https://${host}/`, publicTargetsOnly) === undefined;
  const asResolved = problemOfAddress(address, name, publicTargetsOnly) === undefined;
  expect({ address, asLiteral }).toEqual({ address, asLiteral: asResolved });
  return asResolved;
}

it('takes exactly the addresses that the registries leave public, as literals and by name', () => {
  fc.assert(
    fc.property(anyAddress4, (number) => isTaken(written4(number)) === isPublic4(number)),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(anyAddress6, (number) => isTaken(written6(number)) === isPublic6(number)),
    { numRuns: 3_000 },
  );
});

/** The forms in which a URL may write an IPv4 address (WHATWG URL, "IPv4 parser"). */
const forms4: readonly ((number: bigint) => string)[] = [
  (number) => String(number),
  (number) => `0x${number.toString(16)}`,
  (number) => `0X${number.toString(16).toUpperCase()}`,
  (number) => `0${number.toString(8)}`,
  (number) => `${number >> 24n}.${number & 0xff_ffffn}`,
  (number) => `${number >> 24n}.${(number >> 16n) & 255n}.${number & 0xffffn}`,
  (number) => `0x${(number >> 24n).toString(16)}.0${(number & 0xff_ffffn).toString(8)}`,
  (number) => `${written4(number)}.`,
  (number) => written4(number).replaceAll('.', '。'),
  (number) => written4(number).replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + +digit)),
  (number) => written4(number).replace(/\d/, (digit) => `%3${digit}`),
];

it('sees through every form of an IPv4 address', () => {
  fc.assert(
    fc.property(anyAddress4, fc.constantFrom(...forms4), (number, form) => {
      const url = `https://${form(number)}/`;
      expect({ url, taken: problemOfUrl(url, publicTargetsOnly) === undefined }).toEqual({
        url,
        taken: isPublic4(number),
      });
    }),
    { numRuns: 2_000 },
  );
});

it('leads a host that is this machine nowhere else', () => {
  const here = new URL('https://localhost/');
  expect(problemOfAddress('127.0.0.1', here, allowed)).toBeUndefined();
  for (const address of ['8.8.8.8', '10.0.0.1', '::'])
    expect(problemOfAddress(address, here, allowed)?.en).toContain(address);
});

it.each(['', 'public', 'private', 'hooks.lan', 'hooks.lan:0', 'hooks.lan:65536', 'a:1,', 'a:1,b'])(
  'knows that "%s" are no hosts with ports',
  (list) => {
    expect(allowedTargets(list)).toBeUndefined();
  },
);

it.each(['https://a:1', 'a b:1', 'a@b:1', '[::1:1', 'fd00::1:443', 'a/b:1', '*:1:1'])(
  'knows that "%s" is no host with a port',
  (target) => {
    expect(allowedTargets(target)).toBeUndefined();
  },
);
