import { Buffer } from 'node:buffer';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { URL } from 'node:url';

/**
 * Writes the vectors of a folder. They are frozen: an existing file that would change is kept and
 * named, and the exit code is 1.
 */
export function vectorFolder(path) {
  const folder = new URL(`../vectors/${path}/`, import.meta.url);
  return {
    /** A JSON object with a sentence on what it holds. */
    json(name, about, content) {
      const json = JSON.stringify({ about, ...content }, null, 1);
      // What an editor does not show is written as an escape.
      this.file(
        name,
        `${json.replace(/[\u007f-\u009f\p{Mn}\u2028\u2029\ue000\ufeff]/gu, escaped)}\n`,
      );
    },
    /** Text, or bytes as they are. */
    file(name, content) {
      const file = new URL(name, folder);
      const bytes = Buffer.from(content);
      if (!existsSync(file)) {
        mkdirSync(new URL('.', file), { recursive: true });
        writeFileSync(file, bytes);
        console.log(`wrote ${name}`);
      } else if (!readFileSync(file).equals(bytes)) {
        console.log(`${name} is frozen and would now come out otherwise; left as it is`);
        process.exitCode = 1;
      }
    },
  };
}

function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
