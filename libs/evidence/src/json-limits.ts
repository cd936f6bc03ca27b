/**
 * Limits of what is read out of a pack (`docs/spec/evidence-pack.md`, "Limits"): a small ZIP can
 * hold a text that would take gigabytes once it is parsed.
 */
export const jsonLimits = { depth: 64, marks: 1_000_000, events: 20_000 } as const;

/**
 * Counts the commas and opening brackets of a JSON text outside its strings: about as many as it
 * has values. Nothing is parsed, and the count is exact for JSON only.
 *
 * @param max stops when there are more
 * @returns `undefined` when there are more, or brackets are nested too deep
 */
export function marksOf(json: string, max: number): number | undefined {
  let marks = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case quote:
        at = endOfString(json, at);
        break;
      case openingBracket:
      case openingBrace:
        marks += 1;
        depth += 1;
        if (depth > jsonLimits.depth) return undefined;
        break;
      case closingBracket:
      case closingBrace:
        depth -= 1;
        break;
      case comma:
        marks += 1;
        break;
      default:
    }
    if (marks > max) return undefined;
  }
  return marks;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openingBracket, closingBracket, openingBrace, closingBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The place of the quotation mark that ends the string which begins at `from`. */
function endOfString(json: string, from: number): number {
  let at = from + 1;
  while (at < json.length && json.charCodeAt(at) !== quote)
    at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
