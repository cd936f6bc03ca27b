import { Problem } from './problem.js';

/** Returns a value as canonical JSON (event.md, "Bytes"). */
export const canonical = (value) => {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a lone surrogate');
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('not a safe integer');
    return String(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => {
      if (/^(?:0|[1-9]\d*)$/.test(key)) throw new TypeError('a key like an index');
      return `${canonical(key)}:${canonical(value[key])}`;
    });
  return `{${members.join(',')}}`;
};

/** Returns the value of a text that is canonical JSON; throws the problem for any other text. */
export const parseCanonical = (text, problem) => {
  try {
    const value = JSON.parse(text);
    if (canonical(value) === text) return value;
  } catch {
    // The error below names it.
  }
  throw new Problem(problem, 'not canonical JSON');
};
