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

/** Characters that nobody sees, and that a quoted text must not hide. */
const unseen = /[\u200b-\u200d\u202f\ufeff]/g;

/** Quotes a text from elsewhere as it may be shown: short, and with each such character by code. */
export function shown(text: string, length = 100): string {
  const short = text.length > length ? `${text.slice(0, length)}…` : text;
  return JSON.stringify(short).replace(unprintable, byCode).replace(unseen, byCode);
}

function byCode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
