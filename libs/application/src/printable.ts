/**
 * Characters that steer a terminal or the direction of writing, break a line, or are half of one.
 */
const unprintable =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/gu;

/**
 * Makes text from outside harmless before it is shown or logged: it cannot move the cursor, colour
 * the terminal or turn the direction of writing. Line breaks stay.
 */
export function plain(text: string): string {
  return text.split(/\r?\n/).map(plainLine).join('\n');
}

/** Makes text from outside harmless, and one line of it: no second message can be made up. */
export function plainLine(text: string): string {
  return text.replaceAll('\t', ' ').replace(unprintable, '\ufffd');
}
