/**
 * Canonical JSON (RFC 8785, JCS) of the values the ledger stores: plain objects with string keys,
 * arrays, strings, booleans, null and safe integers. Without other numbers this is short: the long
 * part of RFC 8785 is how to write a fraction. Keys are sorted by UTF-16 code unit; minus zero is
 * written `0`, as RFC 8785 requires. Tests compare it with the `canonicalize` package.
 *
 * One pass, because it runs on every event and every fingerprint.
 *
 * @throws TypeError for a number that is not a safe integer, a key that looks like an array index
 * (JavaScript would move it to the front), a lone surrogate, an array with holes, an object that is
 * not plain (a Date, a Map), nesting deeper than {@link maxCanonicalDepth}, and any value JSON
 * cannot hold
 */
export function canonicalJson(value: unknown): string {
  return jsonOf(value, 0);
}

/**
 * The deepest nesting that is written: twice that of a command, which its event surrounds. A reader
 * of stored bytes meets what others wrote, and 10,000 levels would end the stack.
 */
export const maxCanonicalDepth = 64;

function jsonOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return textOf(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isSafeInteger(value)) {
        throw new TypeError(`${String(value)} is not an integer between -(2^53-1) and 2^53-1`);
      }
      return String(value);
    case 'object':
      if (value === null) return 'null';
      if (depth === maxCanonicalDepth)
        throw new TypeError(`it is nested deeper than ${String(maxCanonicalDepth)}`);
      return Array.isArray(value)
        ? arrayOf(value, depth + 1)
        : objectOf(value as Record<string, unknown>, depth + 1);
    default:
      throw new TypeError(
        `${value === undefined ? 'undefined' : `a ${typeof value}`} has no JSON form`,
      );
  }
}

/** Every character that `JSON.stringify` escapes, and every surrogate. Hardly any text has one. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const special = /[\u0000-\u001f"\\\ud800-\udfff]/;

function textOf(text: string): string {
  if (!special.test(text)) return `"${text}"`;
  if (!text.isWellFormed())
    throw new TypeError('a text holds a lone surrogate, which UTF-8 cannot carry');
  return JSON.stringify(text);
}

function arrayOf(array: readonly unknown[], depth: number): string {
  let written = '';
  // By index, so that a hole is read as undefined and refused.
  for (let index = 0; index < array.length; index += 1) {
    written += `${index === 0 ? '' : ','}${jsonOf(array[index], depth)}`;
  }
  return `[${written}]`;
}

function objectOf(object: Readonly<Record<string, unknown>>, depth: number): string {
  if (!isPlain(object)) throw new TypeError('only a plain object has a JSON form of its own');
  let written = '';
  for (const key of keysInOrder(object)) {
    const member = object[key];
    if (member !== undefined)
      written += `${written === '' ? '' : ','}${keyOf(key)}:${jsonOf(member, depth)}`;
  }
  return `{${written}}`;
}

/**
 * Says whether a value was made by `{}` or JSON, or has no prototype. The `Object.prototype` of
 * another realm differs from ours, and its own prototype is null too.
 */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype) === null
  );
}

function keysInOrder(object: object): readonly string[] {
  const keys = Object.keys(object);
  let last = '';
  for (const key of keys) {
    if (key < last) return keys.sort(byCodeUnit);
    last = key;
  }
  return keys;
}

/**
 * Keys written before. They are checked once, since a ledger has few of them; bounded in case it
 * has many.
 */
const writtenKeys = new Map<string, string>();
const indexLike = /^(?:0|[1-9]\d*)$/;

function keyOf(key: string): string {
  const known = writtenKeys.get(key);
  if (known !== undefined) return known;
  if (indexLike.test(key)) throw new TypeError(`the key "${key}" looks like an array index`);
  const written = textOf(key);
  if (writtenKeys.size < 1000) writtenKeys.set(key, written);
  return written;
}

/** Order by UTF-16 code unit, as RFC 8785 §3.2.3 sorts keys. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Reads a text that is canonical JSON to the byte: no key twice, no other order, no white space.
 *
 * @returns the value in an object, since it can be `null`; `undefined` for any other text
 */
export function parseCanonical(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(value) === text ? { value } : undefined;
  } catch {
    return undefined;
  }
}
