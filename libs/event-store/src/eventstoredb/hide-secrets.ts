import type { EngineSettings } from './engine-url.js';

/** Takes secrets out of text that somebody may read. */
export type Redact = (text: string) => string;

const urlCredentials = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s@/]+@/gi;
const authorization = /\b(basic|bearer)\s+[A-Za-z0-9+/_.~=-]{4,}/gi;

/**
 * Hides this engine's password, in clear, percent-encoded and as it goes over the wire, and
 * everything else that looks like a credential: for messages of the client or its transport.
 */
export function redactionOf({ credentials }: Pick<EngineSettings, 'credentials'>): Redact {
  const secrets =
    credentials === undefined ? [] : formsOf(credentials.username, credentials.password);
  return (text) => {
    const general = text.replace(urlCredentials, '$1***@').replace(authorization, '$1 ***');
    return secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), general);
  };
}

function formsOf(username: string, password: string): readonly string[] {
  const wire = Buffer.from(`${username}:${password}`).toString('base64');
  return [...new Set([wire, encodeURIComponent(password), password])].filter((form) => form !== '');
}
