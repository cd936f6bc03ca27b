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

/** The most commas and opening brackets that a JSON text may have (evidence-pack.md, "Limits"). */
export const mostMarks = 1_000_000;
const deepest = 64;

/** Returns the place of the quotation mark that ends a string. */
const endOfString = (json, from) => {
  let at = from + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
};

/**
 * Counts the commas and opening brackets of a JSON text outside its strings, without parsing it:
 * about as many as it has values. Returns undefined for too many, or too deep a nesting.
 */
export const marksOf = (json, most) => {
  let [marks, depth] = [0, 0];
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') at = endOfString(json, at);
    else if (character === '[' || character === '{') [marks, depth] = [marks + 1, depth + 1];
    else if (character === ']' || character === '}') depth -= 1;
    else if (character === ',') marks += 1;
    if (depth > deepest || marks > most) return undefined;
  }
  return marks;
};

/** Returns the value of a text that is canonical JSON; throws the problem for any other text. */
export const parseCanonical = (text, problem) => {
  try {
    if (marksOf(text, mostMarks) === undefined) throw new RangeError('too many values or levels');
    const value = JSON.parse(text);
    if (canonical(value) === text) return value;
  } catch {
    // The error below names it.
  }
  throw new Problem(problem, 'not canonical JSON');
};
