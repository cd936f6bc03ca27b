import type { ChannelCredentialOptions, SingleNodeOptions } from '@eventstore/db-client';
import type { EngineSettings } from '../engine-url.js';

/**
 * One of the three forms of a connection, which both clients have. Their constructors take any of
 * them; their overloads take one at a time.
 */
export function connectionOf({ hosts, discover, passedOn }: EngineSettings): SingleNodeOptions {
  const [first] = hosts;
  const where = discover
    ? { discover: first }
    : hosts.length > 1
      ? { endpoints: [...hosts] }
      : { endpoint: first };
  return { ...passedOn, ...where, throwOnAppendFailure: true } as unknown as SingleNodeOptions;
}

export function channelOf({
  secure,
  authority,
  certificate,
}: EngineSettings): ChannelCredentialOptions {
  return {
    insecure: !secure,
    ...(authority === undefined ? {} : { rootCertificate: authority }),
    ...(certificate === undefined
      ? {}
      : { userCertFile: certificate.certificate, userKeyFile: certificate.key }),
  };
}
