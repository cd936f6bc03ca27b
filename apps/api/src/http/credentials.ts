/** No key or token is longer. */
const tokenForm = /^[\x21-\x7e]{1,8192}$/;

/** The token of `Authorization: Bearer TOKEN` (RFC 6750); `undefined` for anything else. */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [, token] = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(authorization ?? '') ?? [];
  return token;
}

/**
 * The password of `Authorization: Basic …` (RFC 7617), for any user name; `undefined` for anything
 * else.
 */
export function basicPassword(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]{1,12000}={0,2})$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [, password = ''] =
    /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return tokenForm.test(password) ? password : undefined;
}

const realm = 'realm="penalty-ledger"';

/** The challenge of a 401 (RFC 9110 §11.6.1). */
export const bearerChallenge = `Bearer ${realm}`;

/**
 * The challenges of a route that accepts a password too, each in a header field of its own. Basic
 * comes first: a calendar client may read no further.
 */
export const calendarChallenges: readonly string[] = [
  `Basic ${realm}, charset="UTF-8"`,
  bearerChallenge,
];
