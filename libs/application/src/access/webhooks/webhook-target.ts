import { isIP } from 'node:net';
import type { InBoth } from '@penalty-ledger/ledger';
import ipaddr from 'ipaddr.js';

/** The targets that webhooks may have beside public ones, each as host and port. */
export type AllowedTargets = ReadonlySet<string>;

/** No target that is not public. */
export const publicTargetsOnly: AllowedTargets = new Set();

const maxUrlLength = 2_000;

/**
 * Reads targets such as `hooks.internal:8443,[fd00::7]:443`; `undefined` when one of them is not a
 * host and a port.
 */
export function allowedTargets(list: string): AllowedTargets | undefined {
  const targets = list.split(',').map(allowedTarget);
  return targets.includes(undefined) ? undefined : new Set(targets as string[]);
}

function allowedTarget(text: string): string | undefined {
  const [, host = '', port = ''] =
    /^\s*(\[[0-9a-f:.]+\]|[^\s[\]:/?#@\\]+):([1-9]\d{0,4})\s*$/i.exec(text) ?? [];
  const url = `https://${host}/`;
  if (Number(port) > 65_535 || !URL.canParse(url)) return undefined;
  return `${new URL(url).hostname}:${port}`;
}

/**
 * The problem of a webhook's URL by itself; `undefined` when it may be tried. It is `https`, or
 * `http` to this machine named as such (`localhost`, 127.0.0.0/8, `::1`). The address of a name is
 * checked at every connection.
 */
export function problemOfUrl(text: string, allowed: AllowedTargets): InBoth | undefined {
  if (text.length > maxUrlLength || !URL.canParse(text))
    return {
      en: `url: give an https URL of up to ${maxUrlLength} characters`,
      zh: `url：须为 https 网址，最多 ${maxUrlLength} 个字符`,
    };
  const target = new URL(text);
  const { protocol, hostname, username, password, hash } = target;
  if (username !== '' || password !== '')
    return {
      en: 'url: leave out the user and password; the signature says who we are',
      zh: 'url：请删除用户名和密码；签名即表明我方身份',
    };
  if (hash !== '')
    return { en: 'url: leave out the fragment', zh: 'url：请删除片段（“#”及其后内容）' };
  const isHere = isThisMachine(hostname);
  if (protocol !== 'https:' && !(isHere && protocol === 'http:'))
    return isHere
      ? { en: 'url: give http or https', zh: 'url：须为 http 或 https' }
      : {
          en: 'url: give https; http only to localhost',
          zh: 'url：须为 https；http 仅可用于 localhost',
        };
  const address = bareAddress(hostname);
  if (isIP(address) !== 0) return problemOfAddress(address, target, allowed);
  return isHere && !isAllowed(target, allowed)
    ? mustBeAllowed(hostname, { en: 'this machine', zh: '本机' }, target)
    : undefined;
}

/**
 * Names the problem when a target must not be connected to at one of its addresses; `undefined`
 * when it may. A name that only resolves to this machine does not lead there.
 */
export function problemOfAddress(
  address: string,
  target: URL,
  allowed: AllowedTargets,
): InBoth | undefined {
  const kind = kindOf(address);
  const mayBe = isThisMachine(target.hostname) ? 'loopback' : 'private';
  if (kind === 'public' && mayBe === 'private') return undefined;
  if (kind !== mayBe)
    return {
      en: `url: ${address} is not a public address; webhooks go to public ones`,
      zh: `url：${address} 不是公网地址；Webhook 只发往公网地址`,
    };
  if (isAllowed(target, allowed)) return undefined;
  const what =
    kind === 'private'
      ? { en: 'an address of a private network', zh: '内网地址' }
      : { en: 'this machine', zh: '本机' };
  return mustBeAllowed(address, what, target);
}

function isThisMachine(hostname: string): boolean {
  const address = bareAddress(hostname);
  return hostname === 'localhost' || (isIP(address) !== 0 && kindOf(address) === 'loopback');
}

function isAllowed(target: URL, allowed: AllowedTargets): boolean {
  return allowed.has(hostAndPort(target));
}

function mustBeAllowed(address: string, what: InBoth, target: URL): InBoth {
  const place = hostAndPort(target);
  return {
    en:
      `url: ${address} is ${what.en}; ` +
      `the service must be set to allow ${place} in LEDGER_WEBHOOK_TARGETS`,
    zh: `url：${address} 是${what.zh}；须在服务的 LEDGER_WEBHOOK_TARGETS 中允许 ${place}`,
  };
}

/** Gives the host and port of a target: a URL leaves out the port of its scheme. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
}

function bareAddress(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Addresses of private networks (RFC 1918, RFC 6598, RFC 4193). */
const privateRanges: ReadonlySet<string> = new Set(['private', 'carrierGradeNat', 'uniqueLocal']);

/** Addresses where clouds keep credentials for their machines, as they do at link-local ones. */
const metadataAddresses: ReadonlySet<string> = new Set([
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

/**
 * All IPv6 addresses that are given out (IANA, Internet Protocol Version 6 Address Space). What
 * lies outside carries an IPv4 address, or has no place on the Internet.
 */
const givenOut = ipaddr.parseCIDR('2000::/3');

/**
 * Interface identifiers of ISATAP, which end with an IPv4 address in whatever network they are
 * (RFC 5214 §6.1).
 */
const isatap: ReadonlySet<string> = new Set(['0:5efe', '200:5efe']);

/**
 * The kind of an address; `closed` is every special purpose beside the two that are named. So is
 * an address with a zone, which belongs to a link of this machine (RFC 4007 §6), and an address
 * that is not written in its standard form.
 */
function kindOf(text: string): 'public' | 'private' | 'loopback' | 'closed' {
  if (isIP(text) === 0 || text.includes('%')) return 'closed';
  const address = ipaddr.parse(text);
  const range = address.range();
  if (range === 'loopback') return 'loopback';
  if (metadataAddresses.has(address.toString())) return 'closed';
  if (privateRanges.has(range)) return 'private';
  if (address instanceof ipaddr.IPv6) {
    const [high = 0, low = 0] = address.parts.slice(4);
    if (!address.match(givenOut) || isatap.has(`${high.toString(16)}:${low.toString(16)}`))
      return 'closed';
  }
  return range === 'unicast' ? 'public' : 'closed';
}
