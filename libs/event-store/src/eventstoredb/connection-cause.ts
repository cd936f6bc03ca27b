import { connect as connectHttp } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
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
export async function connectionCause(settings: EngineSettings): Promise<string | undefined> {
  // A name to discover by stands for hosts that only the name service knows.
  if (settings.discover) return undefined;
  const causes = await Promise.all(settings.hosts.map((host) => causeAt(host, settings)));
  const found = causes.filter((cause) => cause !== undefined);
  return found.length < causes.length ? undefined : found[0];
}

function causeAt(host: Host, settings: EngineSettings): Promise<string | undefined> {
  return settings.secure ? secureCause(host, settings) : plainCause(host);
}

function secureCause(
  { address, port }: Host,
  { authority, certificate }: EngineSettings,
): Promise<string | undefined> {
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

function plainCause({ address, port }: Host): Promise<string | undefined> {
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
          : `${where} ends connections without TLS: leave tls=false out, and give ` +
              'LEDGER_ESDB_CA_FILE if its authority is its own',
      );
    };
    session.on('error', ended);
    session.on('close', () => ended());
    return session;
  });
}

/** The cause behind an error of TLS, and the action to take. */
function secureProblem(where: string, error: NodeJS.ErrnoException): string | undefined {
  const { code = '', message } = error;
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE':
      return (
        `the certificate of ${where} is not from an authority that is trusted here (${code}): ` +
        'name the engine’s authority in tlsCAFile or LEDGER_ESDB_CA_FILE'
      );
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${where} has expired: renew it on the engine`;
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${where} is not valid yet: compare the clocks of both machines`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return (
        `the certificate of ${where} is for other names: connect by a name that it has, or give ` +
        'the engine a certificate with this one'
      );
    default:
      return isPlainAnswer(code, message)
        ? `${where} does not speak TLS: connect to the port that does, or take tls=false for a ` +
            'trial (LEDGER_ALLOW_INSECURE=1)'
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
function unreachable(where: string, { code }: NodeJS.ErrnoException): string | undefined {
  if (code === 'ENOTFOUND')
    return `the name of ${where} is unknown: check the URL and the name service`;
  return undefined;
}

/** Gives up without a cause when nothing is settled in time. */
function answered(
  attempt: (settle: (cause: string | undefined) => void) => Pick<Socket, 'destroy'> | object,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let isSettled = false;
    const settle = (cause: string | undefined): void => {
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
