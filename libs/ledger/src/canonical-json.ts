/**
 * Canonical JSON (RFC 8785, JCS) of what the ledger stores: objects with string keys, arrays, strings, booleans, null and
 * safe integers. Two facts make it short: with the keys in order, `JSON.stringify` writes strings and integers exactly as
 * RFC 8785 asks; and the ledger stores no other number than an integer. Keys are sorted by UTF-16 code unit. Tests compare it with
 * the `canonicalize` package.
 *
 * @throws TypeError for a number that is no safe integer, a lone surrogate, a key that looks like an array index (JavaScript
 * would move it to the front), and anything JSON has not
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

const indexLike = /^(?:0|[1-9]\d*)$/;

/** The same value with every object's keys in order; the very same object where they already are. */
function inOrder(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('a string holds a lone surrogate, which UTF-8 cannot carry');
      return value;
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
        throw new TypeError(`${String(value)} is not an integer between -(2^53-1) and 2^53-1`);
      }
      return value;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? value.map(inOrder) : objectInOrder(value as Record<string, unknown>);
    default:
      throw new TypeError(`a ${typeof value} has no JSON form`);
  }
}

function objectInOrder(object: Record<string, unknown>): Record<string, unknown> {
  let sorted = true;
  let changed = false;
  let last = '';
  for (const key in object) {
    if (indexLike.test(key)) throw new TypeError(`the key "${key}" looks like an array index`);
    if (!key.isWellFormed()) throw new TypeError('a key holds a lone surrogate, which UTF-8 cannot carry');
    if (key < last) sorted = false;
    last = key;
    const member = object[key];
    if (member !== undefined && typeof member === 'object' && member !== null) changed ||= inOrder(member) !== member;
    else if (member !== undefined) inOrder(member);
  }
  if (sorted && !changed) return object;
  // Without a prototype, so that a key "__proto__" is a key.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(object).sort(byCodeUnit)) {
    if (object[key] !== undefined) copy[key] = inOrder(object[key]);
  }
  return copy;
}

/** Order by UTF-16 code unit, as RFC 8785 §3.2.3 sorts keys. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
