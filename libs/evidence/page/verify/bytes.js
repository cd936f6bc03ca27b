/** The hash that stands for nothing: no event before, an empty part of the map of heads. */
export const zeros = '0'.repeat(64);
export const utf8 = new TextEncoder();

export const hexOf = (bytes) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

export const bytesOfHex = (digits) =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export const concat = (parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** Returns the SHA-256 of the parts, joined, in hexadecimal. */
export const sha256 = async (...parts) =>
  hexOf(await crypto.subtle.digest('SHA-256', concat(parts)));

/** Returns the hash of a byte and two hashes: a node of the tree or of the map of heads. */
export const nodeHash = (prefix, left, right) =>
  sha256([prefix], bytesOfHex(left), bytesOfHex(right));

export const isEqual = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Returns the text of bytes in UTF-8, or undefined if they are something else. */
export const textOf = (bytes) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Returns the bytes of base64 in its one spelling (RFC 4648 §4), or undefined. */
export const bytesOfBase64 = (text) => {
  try {
    const bytes = Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0));
    return btoa(atob(text)) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
};
