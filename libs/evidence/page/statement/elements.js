const svgSpace = 'http://www.w3.org/2000/svg';
const svgNames = new Set(['svg', 'path', 'line', 'text', 'circle', 'title', 'g']);

const isShown = (part) => part !== undefined && part !== null && part !== false;

/**
 * Characters that nobody sees, or that turn the direction of what stands beside them; line breaks
 * and tabs are none of them.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const numberOf = (character) =>
  `[U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** Shows each such character of a text as its code point, `[U+202E]`, as the PDF does. */
export const marked = (text) =>
  text.replace(unseen, (character) => (/[\n\t]/.test(character) ? character : numberOf(character)));

/**
 * Puts parts into an element: elements, text, and lists of them. No data become markup, and no text
 * reorders or hides another.
 */
export const fill = (element, parts) => {
  const shown = parts.flat(Infinity).filter(isShown);
  element.append(...shown.map((part) => (typeof part === 'string' ? marked(part) : part)));
  return element;
};

export const h = (name, attributes = {}, ...within) => {
  const element = svgNames.has(name)
    ? document.createElementNS(svgSpace, name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return fill(element, within);
};

export const p = (...within) => h('p', {}, ...within);
export const code = (text) => h('code', {}, text);
export const both = (zh, en) => [zh, h('span', { class: 'en' }, ` ${en}`)];

/** Returns what the statement calls a state, type or code, in both languages. */
export const word = (name) =>
  Object.hasOwn(statementWords, name) ? both(...statementWords[name]) : [name];
