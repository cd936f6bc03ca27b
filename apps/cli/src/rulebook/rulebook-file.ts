import type { InBoth } from '@penalty-ledger/application/language';
import { brokenBound, maxDepth, misreadPlaces, misreadReasons } from '@penalty-ledger/application';
import {
  readCommandLine,
  rulebookByteLimit,
  rulebookProblems,
  type Rulebook,
  Sentence,
  sentence,
  placed,
  joined,
  placeAndProblem,
} from '@penalty-ledger/ledger';
import { openInput } from '../terminal/input.js';

/** A rulebook as a file has it, or everything that keeps it from being published. */
export type ReadRulebook =
  | { readonly document: Rulebook; readonly problems?: undefined }
  | { readonly problems: readonly Sentence[] };

/** Longer than any rulebook, with room for white space. */
const maxFileBytes = 5 * rulebookByteLimit;

/**
 * Reads a rulebook from a file, or from standard input for `-`.
 *
 * @throws UsageError when it cannot be read
 */
export async function readRulebook(file: string): Promise<ReadRulebook> {
  const bytes = await bytesOf(file);
  if (bytes === undefined)
    return {
      problems: [
        new Sentence({
          en:
            `the file has more than ${maxFileBytes.toLocaleString('en-US')} bytes; ` +
            'no rulebook may',
          zh: `文件超过 ${maxFileBytes.toLocaleString('en-US')} 字节；规则不得超过`,
        }),
      ],
    };
  const parsed = parse(bytes);
  if ('problem' in parsed) return { problems: [sentence(parsed.problem)] };
  const read = readCommandLine({ command: 'PublishRulebook', data: { rulebook: parsed.value } });
  if (read.problems !== undefined) return { problems: read.problems.map(inTheFile) };
  const document = parsed.value as Rulebook;
  const problems = rulebookProblems(document);
  return problems.length === 0 ? { document } : { problems: problems.map(sentence) };
}

async function bytesOf(file: string): Promise<Buffer | undefined> {
  const { chunks } = await openInput(file);
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxFileBytes) return undefined;
    read.push(chunk);
  }
  return Buffer.concat(read);
}

function parse(bytes: Uint8Array): { readonly value: unknown } | { readonly problem: InBoth } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return {
      problem: {
        en: 'the file is not UTF-8; save it as UTF-8',
        zh: '文件不是 UTF-8；请另存为 UTF-8',
      },
    };
  }
  if (brokenBound(text) === 'depth')
    return {
      problem: {
        en: `the file is nested deeper than ${String(maxDepth)}`,
        zh: `文件的嵌套超过 ${String(maxDepth)} 层`,
      },
    };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      problem: {
        en: `the file is not JSON: ${error instanceof Error ? error.message : ''}`,
        zh: `文件不是 JSON：${error instanceof Error ? error.message : ''}`,
      },
    };
  }
  const misread = misreadPlaces(text, value);
  return misread.length === 0
    ? { value }
    : { problem: joined(misread.map(({ kind, path }) => placed(path, misreadReasons[kind]))) };
}

/** The path of a place in the file: without that of the command it is sent in. */
function inTheFile(problem: InBoth): Sentence {
  const { place, what } = placeAndProblem(problem);
  const inside = place.replace(/^data\.rulebook\.?/, '');
  return inside === ''
    ? new Sentence({ en: `the file: ${what.en}`, zh: `文件：${what.zh}` })
    : placed(inside, what);
}
