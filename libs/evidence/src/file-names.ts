import { shape } from '@penalty-ledger/ledger';

/** The greatest number of bytes of a file's name, in UTF-8. */
const maxBytes = 200;

// Control characters, what Windows or a path gives a meaning, and what nobody sees.
const refusedCharacter =
  /[\p{Cc}"*/:<>?\\|\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;

/** Names that Windows keeps for devices, with any extension. */
const device = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** Accepts a name that a file can have in every system (`docs/spec/evidence-pack.md`). */
export const isFileName: shape.ShapeCheck = (value) =>
  typeof value === 'string' &&
  value !== '' &&
  Buffer.byteLength(value) <= maxBytes &&
  !refusedCharacter.test(value) &&
  !/^[. ]|[. ]$/.test(value) &&
  !device.test(value);

/** Accepts names of files, by the files' SHA-256. */
export const areFileNames: shape.ShapeCheck = (value) =>
  shape.isObject(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([sha256, name]) => shape.isHash(sha256) && isFileName(name));

/**
 * Returns the name that a file has in a pack: that of its path, with `_` for each character that it
 * cannot have. Returns nothing when nothing is left of it.
 */
export function fileNameOf(path: string): string | undefined {
  const last =
    path
      .replace(/\p{Cs}/gu, '_')
      .split(/[/\\]/)
      .at(-1) ?? '';
  const shown = trimmed(last.replace(new RegExp(refusedCharacter, 'gu'), '_'));
  const own = device.test(shown) ? `_${shown}` : shown;
  const dot = own.lastIndexOf('.');
  const end = dot > 0 && own.length - dot <= 16 ? own.slice(dot) : '';
  let start = Array.from(own.slice(0, own.length - end.length));
  while (Buffer.byteLength(start.join('') + end) > maxBytes) start = start.slice(0, -1);
  const name = trimmed(start.join('')) + end;
  return isFileName(name) ? name : undefined;
}

/** Takes dots and spaces off both ends. */
function trimmed(name: string): string {
  let [from, to] = [0, name.length];
  while (from < to && '. '.includes(name.charAt(from))) from += 1;
  while (from < to && '. '.includes(name.charAt(to - 1))) to -= 1;
  return name.slice(from, to);
}
