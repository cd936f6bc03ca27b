import { problemAt, type TextFile } from './tree.js';

/** Things that messages count, and whose number can be one. */
const nouns =
  'agencies|bytes|cells|characters|checkpoints|commands|creators|damages|deductions|' +
  'entries|events|' +
  'files|frames|hashes|keys|leaves|lines|pages|recipients|rulebooks|streams|subjects|' +
  'webhooks';

const interpolated = new RegExp(String.raw`\$\{([^{}]+)\} (?:${nouns})\b`, 'g');

/** A bound has the same number in every message. */
const isBound = (expression: string): boolean =>
  /^(?:String\(|figure\()?(?:max|min)[A-Z]|[lL]imit\b|Limits?[).\w]*$/.test(expression);

/** Texts of decisions are recorded, and decided again; a browser's page has its own texts. */
const checkedFile = /^(?:apps\/cli|libs\/(?:application|event-store|projections|sequencer))\/src\//;

/** Finds messages that put any number before a plural, and would say `1 events`. */
export function unchosenNouns({ path, text }: TextFile): readonly string[] {
  if (!checkedFile.test(path) || path.endsWith('.spec.ts')) return [];
  return [...text.matchAll(interpolated)].flatMap(({ 0: found, 1: expression = '', index }) => {
    if (isBound(expression)) return [];
    const line = text.slice(0, index).split('\n').length;
    return [problemAt(path, line, `"${found}": "counted" chooses the noun, for one too`)];
  });
}
