import { type InBoth, SpokenError } from '@penalty-ledger/ledger';
import { readFileSync } from 'node:fs';

/** An engine's URL that cannot be used; the message says why and never quotes a credential. */
export class EngineUrlError extends SpokenError {
  readonly code = 'store_url';

  constructor(text: InBoth, options?: ErrorOptions) {
    super(text, options);
    this.name = 'EngineUrlError';
  }
}

/** The address of an engine, and the name of the ledger on it. */
export interface EngineSettings {
  /** The ledger's name on the engine: what its streams begin with. */
  readonly ledger: string;
  /** One node, the nodes of a cluster, or a name that a cluster is found by. */
  readonly hosts: readonly Host[];
  readonly discover: boolean;
  /** The client that connects: `@eventstore/db-client` or `@kurrent/kurrentdb-client`. */
  readonly driver: 'eventstore' | 'kurrent';
  readonly secure: boolean;
  /** The certificate authority, PEM; the system's when absent. */
  readonly authority?: Buffer;
  readonly certificate?: { readonly certificate: Buffer; readonly key: Buffer };
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Options that both clients take unchanged: keep-alive, discovery, the connection's name. */
  readonly passedOn: Readonly<Record<string, string | number>>;
  /** The URL without credentials, for messages. */
  readonly shown: string;
}

export interface Host {
  readonly address: string;
  readonly port: number;
}

export interface UrlContext {
  /** Lets `tls=false` pass. */
  readonly insecure?: boolean;
  /**
   * The source of `LEDGER_ESDB_USER`, `LEDGER_ESDB_PASSWORD` and `LEDGER_ESDB_CA_FILE`; the URL
   * comes first.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const urlForm = /^(esdb|kurrentdb|kdb)(\+discover)?:\/\/(?:([^@/?]*)@)?([^@/?]*)\/?(?:\?([^?]*))?$/;
const ledgerName = /^[a-z0-9][a-z0-9_-]{0,39}$/;
const numbers = [
  'keepAliveInterval',
  'keepAliveTimeout',
  'maxDiscoverAttempts',
  'discoveryInterval',
  'gossipTimeout',
];
const texts = ['connectionName', 'nodePreference'];
const ledgerOptions = [
  'ledger',
  'tls',
  'tlsCAFile',
  'tlsVerifyCert',
  'throwOnAppendFailure',
  'userCertFile',
  'userKeyFile',
];
const preferences = ['leader', 'follower', 'read_only_replica', 'random'];

/**
 * Reads `esdb://user:password@host:2113?ledger=main&tlsCAFile=ca.crt`, `kurrentdb://…`, and both
 * with `+discover`; docs/spec/eventstoredb.md specifies them. The clients' own readers are not
 * used: they keep the URL in errors and debug output, drop what follows a colon in a password, and
 * take options that have no effect.
 *
 * @throws EngineUrlError when the URL has another form, is insecure without permission, or names a
 * file that cannot be read
 */
export function engineSettingsOf(url: string, context: UrlContext = {}): EngineSettings {
  const match = urlForm.exec(url.trim());
  if (match === null) {
    throw new EngineUrlError({
      en:
        'the store URL is not of the form ' +
        'esdb://[user:password@]host[:port][,host…][?ledger=NAME&…], or kurrentdb://…: ' +
        'percent-encode "@", ":", "/" and "?" in user and password',
      zh:
        '存储 URL 的格式应为 ' +
        'esdb://[user:password@]host[:port][,host…][?ledger=NAME&…]，或 kurrentdb://…：' +
        '用户名和密码中的 "@"、":"、"/"、"?" 须使用百分号编码',
    });
  }
  const [, scheme = '', discovered, authority, hostList = '', query] = match;
  const discover = discovered !== undefined;
  const hosts = hostsOf(hostList, discover);
  const options = optionsOf(query);
  const shown = `${scheme}${discovered ?? ''}://${hostList}`;
  const secure = securityOf(options, context);
  const credentials = credentialsOf(authority, context, secure);
  const caFile =
    options.get('tlsCAFile') ?? (secure ? context.environment?.['LEDGER_ESDB_CA_FILE'] : undefined);
  if (!secure && caFile !== undefined)
    throw new EngineUrlError({
      en: 'tlsCAFile has no meaning together with tls=false',
      zh: 'tlsCAFile 不能与 tls=false 同用',
    });
  return {
    ledger: ledgerOf(options.get('ledger')),
    hosts,
    discover,
    driver: scheme === 'esdb' ? 'eventstore' : 'kurrent',
    secure,
    ...(caFile === undefined ? {} : { authority: fileOf('tlsCAFile', caFile) }),
    ...certificateOf(options),
    ...(credentials === undefined ? {} : { credentials }),
    passedOn: passedOnOf(options),
    shown,
  };
}

function hostsOf(list: string, discover: boolean): readonly Host[] {
  const hosts = list.split(',').map((text) => {
    const match = /^([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text);
    const port = Number(match?.[2] ?? 2113);
    if (match?.[1] === undefined || port < 1 || port > 65_535) {
      throw new EngineUrlError({
        en:
          `"${text}" in the store URL is not host or host:port; ` +
          'give an IPv6 host by name, because the client cannot read its address',
        zh:
          `存储 URL 中的 "${text}" 不是 host 或 host:port；IPv6 主机请给出名称，` +
          '因为客户端无法读取其地址',
      });
    }
    return { address: match[1], port };
  });
  if (discover && hosts.length > 1) {
    throw new EngineUrlError({
      en:
        '+discover takes one name, because the client uses the first only; ' +
        'list nodes without +discover',
      zh: '+discover 只接受一个名称，因为客户端只使用第一个；列出多个节点时请去掉 +discover',
    });
  }
  return hosts;
}

function optionsOf(query: string | undefined): ReadonlyMap<string, string> {
  const known = new Map(
    [...numbers, ...texts, ...ledgerOptions].map((name) => [name.toLowerCase(), name]),
  );
  const options = new Map<string, string>();
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const [key = '', value, ...rest] = pair.split('=');
    const name = known.get(key.toLowerCase());
    if (name === undefined) {
      throw new EngineUrlError({
        en: `"${key}" is not an option of the store URL: use ${[...known.values()].join(', ')}`,
        zh: `"${key}" 不是存储 URL 的选项：请使用 ${[...known.values()].join('、')}`,
      });
    }
    if (value === undefined || value === '' || rest.length > 0)
      throw new EngineUrlError({ en: `${name} needs one value`, zh: `${name} 需要一个值` });
    if (options.has(name))
      throw new EngineUrlError({
        en: `${name} stands twice in the store URL`,
        zh: `${name} 在存储 URL 中出现两次`,
      });
    options.set(name, decoded(value, { en: name, zh: ` ${name} ` }));
  }
  return options;
}

function securityOf(options: ReadonlyMap<string, string>, { insecure }: UrlContext): boolean {
  const tls = flagOf(options, 'tls') ?? true;
  if (flagOf(options, 'tlsVerifyCert') === false) {
    throw new EngineUrlError({
      en:
        'tlsVerifyCert=false has no effect, or trusts every server: ' +
        'name your authority with tlsCAFile or LEDGER_ESDB_CA_FILE',
      zh:
        'tlsVerifyCert=false 无效，或会信任任何服务器：请用 tlsCAFile 或 LEDGER_ESDB_CA_FILE ' +
        '指定您的证书机构',
    });
  }
  if (flagOf(options, 'throwOnAppendFailure') === false) {
    throw new EngineUrlError({
      en: 'throwOnAppendFailure=false is refused: the client would state a wrong revision',
      zh: '不接受 throwOnAppendFailure=false：客户端会给出错误的流内序号',
    });
  }
  if (!tls && insecure !== true) {
    throw new EngineUrlError({
      en:
        'tls=false exposes the ledger and its credentials to everyone who reaches the port: ' +
        'use TLS, or set LEDGER_ALLOW_INSECURE=1 if that is intended',
      zh:
        'tls=false 会使能够访问该端口的人都看到账本及其凭据：请使用 TLS，' +
        '或在确有此意时设置 LEDGER_ALLOW_INSECURE=1',
    });
  }
  return tls;
}

function credentialsOf(
  authority: string | undefined,
  { environment }: UrlContext,
  secure: boolean,
): { readonly username: string; readonly password: string } | undefined {
  if (authority !== undefined) {
    if (!secure)
      throw new EngineUrlError({
        en: 'with tls=false the client leaves out credentials: take them out of the URL',
        zh: '使用 tls=false 时客户端不发送凭据：请从 URL 中去掉',
      });
    const parts = authority.split(':');
    const [username = '', password = ''] = parts;
    if (parts.length !== 2 || username === '' || password === '') {
      throw new EngineUrlError({
        en:
          'credentials in the store URL are user:password; ' +
          'percent-encode ":" as %3A and "@" as %40',
        zh: '存储 URL 中的凭据为 user:password；":" 请编码为 %3A，"@" 请编码为 %40',
      });
    }
    return {
      username: decoded(username, { en: 'the user', zh: '用户名' }),
      password: decoded(password, { en: 'the password', zh: '密码' }),
    };
  }
  const username = environment?.['LEDGER_ESDB_USER'];
  const password = environment?.['LEDGER_ESDB_PASSWORD'];
  if (!secure || (username === undefined && password === undefined)) return undefined;
  if (username === undefined || password === undefined) {
    throw new EngineUrlError({
      en: 'LEDGER_ESDB_USER and LEDGER_ESDB_PASSWORD are set together or not at all',
      zh: 'LEDGER_ESDB_USER 和 LEDGER_ESDB_PASSWORD 须同时设置或都不设置',
    });
  }
  return { username, password };
}

function ledgerOf(name = 'ledger'): string {
  if (!ledgerName.test(name)) {
    throw new EngineUrlError({
      en:
        `ledger=${name}: a ledger's name is 1 to 40 of a–z 0–9 _ -, ` +
        'and begins with a letter or digit',
      zh: `ledger=${name}：账本名称由 1 至 40 个 a–z 0–9 _ - 组成，且以字母或数字开头`,
    });
  }
  return name;
}

function certificateOf(options: ReadonlyMap<string, string>): Pick<EngineSettings, 'certificate'> {
  const certificate = options.get('userCertFile');
  const key = options.get('userKeyFile');
  if (certificate === undefined && key === undefined) return {};
  if (certificate === undefined || key === undefined)
    throw new EngineUrlError({
      en: 'userCertFile and userKeyFile go together',
      zh: 'userCertFile 和 userKeyFile 须同时给出',
    });
  return {
    certificate: {
      certificate: fileOf('userCertFile', certificate),
      key: fileOf('userKeyFile', key),
    },
  };
}

function passedOnOf(
  options: ReadonlyMap<string, string>,
): Readonly<Record<string, string | number>> {
  const passedOn: Record<string, string | number> = {};
  for (const name of numbers) {
    const value = options.get(name);
    if (value === undefined) continue;
    if (!/^-?\d{1,9}$/.test(value))
      throw new EngineUrlError({
        en: `${name}=${value} is not an integer`,
        zh: `${name}=${value} 不是整数`,
      });
    passedOn[name] = Number(value);
  }
  const preference = options.get('nodePreference');
  if (preference !== undefined && !preferences.includes(preference)) {
    throw new EngineUrlError({
      en: `nodePreference=${preference}: use ${preferences.join(', ')}`,
      zh: `nodePreference=${preference}：请使用 ${preferences.join('、')}`,
    });
  }
  for (const name of texts) {
    const value = options.get(name);
    if (value !== undefined) passedOn[name] = value;
  }
  return passedOn;
}

function flagOf(options: ReadonlyMap<string, string>, name: string): boolean | undefined {
  const value = options.get(name);
  if (value !== undefined && value !== 'true' && value !== 'false') {
    throw new EngineUrlError({
      en: `${name}=${value}: use true or false`,
      zh: `${name}=${value}：请使用 true 或 false`,
    });
  }
  return value === undefined ? undefined : value === 'true';
}

function fileOf(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new EngineUrlError(
      { en: `${option}: "${path}" cannot be read`, zh: `${option}：无法读取 "${path}"` },
      { cause: error },
    );
  }
}

function decoded(text: string, what: InBoth): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new EngineUrlError({
      en: `${what.en} in the store URL is not percent-encoded as it should be: "%" itself is %25`,
      zh: `存储 URL 中的${what.zh}未正确使用百分号编码："%" 本身写作 %25`,
    });
  }
}
