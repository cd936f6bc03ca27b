const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Deeper than anything the ledger stores. */
const depthLimit = 16;

/** All whole numbers of so many digits are safe integers. */
const digitLimit = 15;

/**
 * Finds the end of a value of canonical JSON that begins at `at`, by reading its characters once.
 * Gives -1 when that is not enough, which says nothing of the value.
 *
 * An end that is found is exact: the characters between are what `canonicalJson` writes for the
 * value they parse to. It gives up on texts with escapes or surrogates, numbers of more than
 * fifteen digits, keys that begin with a digit or an underscore, and values nested deeply. It makes
 * no value and no text: parsing and writing anew took a third of the whole pass over a ledger's
 * bytes.
 */
export function canonicalEnd(text: string, at: number, depth = 0): number {
  const code = text.charCodeAt(at);
  if (code === quote) return textEnd(text, at);
  if (code === openBrace) return depth < depthLimit ? objectEnd(text, at, depth) : -1;
  if (code === openBracket) return depth < depthLimit ? arrayEnd(text, at, depth) : -1;
  if (code === minus || (code >= zero && code <= nine)) return numberEnd(text, at);
  for (const word of ['true', 'false', 'null'])
    if (text.startsWith(word, at)) return at + word.length;
  return -1;
}

/** The place after the closing quote. */
function textEnd(text: string, at: number): number {
  for (let place = at + 1; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code === quote) return place + 1;
    if (code < 0x20 || code === backslash || (code >= 0xd800 && code <= 0xdfff)) return -1;
  }
  return -1;
}

/** Keys ascend by UTF-16 code unit, so none is there twice. */
function objectEnd(text: string, at: number, depth: number): number {
  let place = at + 1;
  if (text.charCodeAt(place) === closeBrace) return place + 1;
  for (let last = ''; ; place += 1) {
    const afterKey = text.charCodeAt(place) === quote ? textEnd(text, place) : -1;
    if (afterKey < 0 || text.charCodeAt(afterKey) !== colon) return -1;
    const key = text.slice(place + 1, afterKey - 1);
    if (key <= last || key.charCodeAt(0) <= nine || key.startsWith('_')) return -1;
    last = key;
    place = canonicalEnd(text, afterKey + 1, depth + 1);
    if (place < 0) return -1;
    const code = text.charCodeAt(place);
    if (code === closeBrace) return place + 1;
    if (code !== comma) return -1;
  }
}

function arrayEnd(text: string, at: number, depth: number): number {
  let place = at + 1;
  if (text.charCodeAt(place) === closeBracket) return place + 1;
  for (; ; place += 1) {
    place = canonicalEnd(text, place, depth + 1);
    if (place < 0) return -1;
    const code = text.charCodeAt(place);
    if (code === closeBracket) return place + 1;
    if (code !== comma) return -1;
  }
}

/**
 * Reads an integer without a leading zero, and zero without a sign; the caller looks at what
 * follows.
 */
function numberEnd(text: string, at: number): number {
  const first = text.charCodeAt(at) === minus ? at + 1 : at;
  let place = first;
  for (
    let code = text.charCodeAt(place);
    code >= zero && code <= nine;
    code = text.charCodeAt(place)
  )
    place += 1;
  const digits = place - first;
  if (digits === 0 || digits > digitLimit) return -1;
  if (text.charCodeAt(first) === zero && (digits > 1 || first > at)) return -1;
  return place;
}
