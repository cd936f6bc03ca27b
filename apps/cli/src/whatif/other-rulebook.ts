import { existsSync } from 'node:fs';
import type { Rulebook } from '@penalty-ledger/ledger';
import { UsageError } from '../terminal/exit-codes.js';
import { said } from '../terminal/language.js';

/** Another rulebook, as a what-if names it or brings it along. */
export type OtherRulebook =
  | string
  | { readonly id: string; readonly rulebookVersion: string }
  | { readonly document: Rulebook };

/**
 * Reads a rulebook's name, `VERSION` or `ID@VERSION`, or the rulebook in a file; `-` is standard
 * input.
 *
 * @throws UsageError when a file cannot be read, or holds no rulebook
 */
export async function rulebookAsked(given: string): Promise<OtherRulebook> {
  if (given === '-' || /[/\\]|\.json$/i.test(given) || existsSync(given)) return fromFile(given);
  const at = given.indexOf('@');
  return at === -1 ? given : { id: given.slice(0, at), rulebookVersion: given.slice(at + 1) };
}

async function fromFile(file: string): Promise<{ readonly document: Rulebook }> {
  const { readRulebook } = await import('../rulebook/rulebook-file.js');
  const read = await readRulebook(file);
  if (read.problems === undefined) return { document: read.document };
  const [first, ...others] = read.problems;
  const more =
    others.length === 0
      ? ''
      : said(`; ${String(others.length)} more`, `；另有 ${String(others.length)} 处`);
  throw new UsageError(
    said(
      `--rulebook: "${file}" is not a rulebook: ${first?.en ?? ''}${more}`,
      `--rulebook："${file}" 不是规则：${first?.zh ?? ''}${more}`,
    ),
    said(
      '"ledger rulebook check FILE" lists all problems',
      '"ledger rulebook check FILE" 列出全部问题',
    ),
  );
}
