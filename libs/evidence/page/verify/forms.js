import { bytesOfBase64 } from './bytes.js';

export const matching = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
export const isHash = matching(/^[0-9a-f]{64}$/);
export const isId = matching(/^[A-Za-z0-9._:-]{1,64}$/);
export const isStream = matching(/^[A-Za-z0-9._:-]{1,80}$/);
export const isName = matching(/^[A-Z][A-Za-z0-9]{0,63}$/);
export const integerFrom = (least) => (value) => Number.isSafeInteger(value) && value >= least;
export const isCount = integerFrom(0);
export const listOf = (item) => (value) => Array.isArray(value) && value.every(item);
export const isObject = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Accepts objects with these members and no others; the name of an optional one ends in `?`. */
export const objectOf = (members) => {
  // A map has no members that it inherits, as `valueOf` or `__proto__`.
  const known = new Map(
    Object.entries(members).map(([name, isOfForm]) => [name.replace('?', ''), isOfForm]),
  );
  const required = Object.keys(members).filter((name) => !name.endsWith('?'));
  return (value) =>
    isObject(value) &&
    Object.keys(value).every((name) => known.get(name)?.(value[name]) === true) &&
    required.every((name) => Object.hasOwn(value, name));
};

/** Accepts an instant in its one spelling (event.md, "Envelope"). */
export const isInstant = (value) => {
  if (typeof value !== 'string') return false;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return false;
  if (value < '1992-01-01T00:00:00.000Z' || value > '9000-12-31T00:00:00.000Z') return false;
  const at = Date.parse(value);
  return !Number.isNaN(at) && new Date(at).toISOString() === value;
};

/** Accepts base64 of a length in bytes. */
export const base64 = (fits) => (value) =>
  typeof value === 'string' && fits(bytesOfBase64(value)?.length ?? -1);

export const isAscending = (values) =>
  values.every((value, at) => at === 0 || value > values[at - 1]);

/** Orders texts by UTF-16 code unit. */
export const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
