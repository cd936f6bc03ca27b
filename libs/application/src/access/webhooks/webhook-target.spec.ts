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
  expect(problemOfUrl(url, publicTargetsOnly)).toContain('LEDGER_WEBHOOK_TARGETS');
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
  expect(problemOfUrl(url, allowed)).toContain(problem);
  expect(problemOfUrl(url, allowed)).toMatch(/^url: /);
});

it('leads an allowed name into private networks, and no other name', () => {
  for (const address of ['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1']) {
    expect(problemOfAddress(address, name, allowed)).toBeUndefined();
    expect(problemOfAddress(address, name, publicTargetsOnly)).toContain('private');
    const otherPort = new URL('https://hooks.lan/');
    expect(problemOfAddress(address, otherPort, allowed)).toContain('private');
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
    expect(problemOfAddress(address, name, allowed)).toContain('not a public address');
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
  'fe80::1%eth0',
  'no address',
])('never leads to %s', (address) => {
  expect(problemOfAddress(address, name, allowed)).toContain('not a public address');
});

it.each([
  ...['9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...['128.0.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '223.255.255.255'],
  ...['2000::', '2001:200::', '2001:db7:ffff::', '2001:db9::', '2003::', '3fff:1000::'],
  ...['2620:4f:7fff::', '2620:4f:8001::'],
])('leads to %s beside them', (address) => {
  expect(problemOfAddress(address, name, publicTargetsOnly)).toBeUndefined();
});

it('leads a host that is this machine nowhere else', () => {
  const here = new URL('https://localhost/');
  expect(problemOfAddress('127.0.0.1', here, allowed)).toBeUndefined();
  for (const address of ['8.8.8.8', '10.0.0.1', '::'])
    expect(problemOfAddress(address, here, allowed)).toContain(address);
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
