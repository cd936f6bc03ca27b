import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { isSafeFromOthers, type OidcSettings } from './oidc-settings.js';

/** The documents an issuer publishes cannot be used; the message says which, and why. */
export class IssuerDocumentError extends Error {}

const timeoutMs = 3_000;

/** Large issuers publish some 20 keys, which take about 20 kB. */
const maxDocumentBytes = 262_144;

/**
 * Fetches the keys of an issuer, from the address that its discovery document names unless the
 * settings name one (OpenID Connect Discovery 1.0, sections 4.2 and 4.3).
 *
 * @throws IssuerDocumentError
 */
export async function fetchIssuerKeys({
  issuer,
  jwksUrl,
}: Pick<OidcSettings, 'issuer' | 'jwksUrl'>): Promise<JWTVerifyGetKey> {
  const url = jwksUrl ?? (await discoverKeysUrl(issuer));
  const published = await fetchJson(url);
  try {
    const keys = createLocalJWKSet(published as unknown as JSONWebKeySet);
    if (keys.jwks().keys.length > 0) return keys;
  } catch (cause) {
    throw new IssuerDocumentError(`${url} is not a JSON Web Key Set`, { cause });
  }
  throw new IssuerDocumentError(`${url} lists no key`);
}

async function discoverKeysUrl(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { issuer: named, jwks_uri: keysUrl } = await fetchJson(url);
  // Otherwise one issuer could pass off its keys as those of another.
  if (named !== issuer) throw new IssuerDocumentError(`${url} is of another issuer`);
  if (typeof keysUrl !== 'string' || !URL.canParse(keysUrl))
    throw new IssuerDocumentError(`${url} names no jwks_uri`);
  const isSafe = issuer.startsWith('https:')
    ? keysUrl.startsWith('https://')
    : isSafeFromOthers(keysUrl);
  if (!isSafe) throw new IssuerDocumentError(`${url} names a jwks_uri that is not https`);
  return keysUrl;
}

/** Redirects are not followed: they would lead past the rule for addresses. */
async function fetchJson(url: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    const answer = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { accept: 'application/json, application/jwk-set+json' },
    });
    text = answer.ok ? await boundedText(answer) : '';
    if (!answer.ok) throw new IssuerDocumentError(`${url} answers ${answer.status}`);
  } catch (error) {
    if (error instanceof IssuerDocumentError) throw error;
    throw new IssuerDocumentError(`${url}: ${reasonOf(error)}`, { cause: error });
  }
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && !Array.isArray(document))
      return document as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new IssuerDocumentError(`${url} is not JSON`, { cause });
  }
  throw new IssuerDocumentError(`${url} is not a JSON object`);
}

async function boundedText({ body, url }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxDocumentBytes)
      throw new IssuerDocumentError(`${url} is longer than ${maxDocumentBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The code of the connection's error (`ECONNREFUSED`), which `fetch` hides in the cause. */
function reasonOf(error: unknown): string {
  const { cause, name } = error as { readonly cause?: { readonly code?: unknown }; name: string };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : 'not reached';
}
