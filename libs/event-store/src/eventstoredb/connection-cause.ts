import { connect as connectHttp } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { InBoth } from '@penalty-ledger/ledger';
import type { EngineSettings, Host } from './engine-url.js';

/** The wait for one host, in milliseconds. */
const waitMs = 2_000;

/**
 * Finds out why no connection can be made, past the client, which tries on without a word: a
 * certificate that is unknown, expired or of another name, TLS on one side only, or no server at
 * all.
 *
 * @returns a sentence without credentials; `undefined` when a host can be reached, or does not
 * answer in time, so that trying again may help
 */
export async function connectionCause(settings: EngineSettings): Promise<InBoth | undefined> {
  // A name to discover by stands for hosts that only the name service knows.
  if (settings.discover) return undefined;
  const causes = await Promise.all(settings.hosts.map((host) => causeAt(host, settings)));
  const found = causes.filter((cause) => cause !== undefined);
  return found.length < causes.length ? undefined : found[0];
}

function causeAt(host: Host, settings: EngineSettings): Promise<InBoth | undefined> {
  return settings.secure ? secureCause(host, settings) : plainCause(host);
}

function secureCause(
  { address, port }: Host,
  { authority, certificate }: EngineSettings,
): Promise<InBoth | undefined> {
  const where = `${address}:${String(port)}`;
  const options: ConnectionOptions = {
    host: address,
    port,
    ALPNProtocols: ['h2'],
    // An address is not a name that a server is asked for.
    ...(/^[\d.]+$/.test(address) ? {} : { servername: address }),
    ...(authority !== undefined && { ca: authority }),
    ...(certificate !== undefined && { cert: certificate.certificate, key: certificate.key }),
  };
  return answered((settle) => {
    const socket = connectTls(options, () => settle(undefined));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      settle(secureProblem(where, error));
    });
    return socket;
  });
}

function plainCause({ address, port }: Host): Promise<InBoth | undefined> {
  const where = `${address}:${String(port)}`;
  return answered((settle) => {
    const session = connectHttp(`http://${address}:${String(port)}`, {
      createConnection: () => connect(port, address),
    });
    let isConnected = false;
    session.on('connect', () => {
      isConnected = true;
    });
    session.on('remoteSettings', () => settle(undefined));
    const ended = (error?: NodeJS.ErrnoException): void => {
      const isRefused = error !== undefined && !isConnected;
      settle(
        isRefused
          ? unreachable(where, error)
          : {
              en:
                `${where} ends connections without TLS: leave tls=false out, and give ` +
                'LEDGER_ESDB_CA_FILE if its authority is its own',
              zh:
                `${where} 不接受无 TLS 的连接：请去掉 tls=false；` +
                '若其证书由自有机构签发，请设置 LEDGER_ESDB_CA_FILE',
            },
      );
    };
    session.on('error', ended);
    session.on('close', () => ended());
    return session;
  });
}

/** The cause behind an error of TLS, and the action to take. */
function secureProblem(where: string, error: NodeJS.ErrnoException): InBoth | undefined {
  const { code = '', message } = error;
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE':
      return {
        en:
          `the certificate of ${where} is not from an authority that is trusted here (${code}): ` +
          'name the engine’s authority in tlsCAFile or LEDGER_ESDB_CA_FILE',
        zh:
          `${where} 的证书不是由此处信任的机构签发（${code}）：` +
          '请在 tlsCAFile 或 LEDGER_ESDB_CA_FILE 中给出存储引擎的证书颁发机构',
      };
    case 'CERT_HAS_EXPIRED':
      return {
        en: `the certificate of ${where} has expired: renew it on the engine`,
        zh: `${where} 的证书已过期：请在存储引擎上更新证书`,
      };
    case 'CERT_NOT_YET_VALID':
      return {
        en: `the certificate of ${where} is not valid yet: compare the clocks of both machines`,
        zh: `${where} 的证书尚未生效：请核对两台机器的时钟`,
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        en:
          `the certificate of ${where} is for other names: connect by a name that it has, or ` +
          'give the engine a certificate with this one',
        zh:
          `${where} 的证书是为其他名称签发的：请用证书中的名称连接，` +
          '或为存储引擎换上包含此名称的证书',
      };
    default:
      return isPlainAnswer(code, message)
        ? {
            en:
              `${where} does not speak TLS: connect to the port that does, or take tls=false for ` +
              'a trial (LEDGER_ALLOW_INSECURE=1)',
            zh:
              `${where} 不使用 TLS：请连接使用 TLS 的端口；` +
              '试用时可设 tls=false（LEDGER_ALLOW_INSECURE=1）',
          }
        : unreachable(where, error);
  }
}

/** The reply of a server without TLS to the first message of TLS. */
function isPlainAnswer(code: string, message: string): boolean {
  return (
    code === 'EPROTO' ||
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    /wrong version number|before secure TLS connection was established/.test(message)
  );
}

/** A name that does not exist is for good; a server that is down may come back. */
function unreachable(where: string, { code }: NodeJS.ErrnoException): InBoth | undefined {
  if (code === 'ENOTFOUND')
    return {
      en: `the name of ${where} is unknown: check the URL and the name service`,
      zh: `${where} 的名称无法解析：请检查 URL 和域名服务`,
    };
  return undefined;
}

/** Gives up without a cause when nothing is settled in time. */
function answered(
  attempt: (settle: (cause: InBoth | undefined) => void) => Pick<Socket, 'destroy'> | object,
): Promise<InBoth | undefined> {
  return new Promise((resolve) => {
    let isSettled = false;
    const settle = (cause: InBoth | undefined): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      resolve(cause);
      setImmediate(() => {
        if ('destroy' in made && typeof made.destroy === 'function') made.destroy();
      });
    };
    const timer = setTimeout(() => settle(undefined), waitMs);
    const made = attempt(settle);
  });
}
