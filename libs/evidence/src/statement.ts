import { hash } from 'node:crypto';
import { canonicalJson } from '@penalty-ledger/ledger';
import type { Computation } from './computation.js';
import type { Disclosed } from './disclosure.js';
import { PackError } from './pack-error.js';
import { textOf } from './pack-json.js';
import { statementPage } from './statement-page.js';

/** The data that a pack's page draws. */
export interface StatementData {
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
  readonly computation: Computation;
  readonly disclosed?: readonly Disclosed[];
}

const start = '<script type="application/json" id="pack">';
const end = '</script>';

/**
 * The SHA-256 of the page a pack must have, without its data (`docs/spec/evidence-pack.md`,
 * "`statement.html`").
 */
export const statementPageHash: string = pageHash(...partsOf(statementPage));

/** The statement in Chinese and English: always the same page, and in it the data. */
export function writeStatement(data: StatementData): Uint8Array {
  const [before, after] = partsOf(statementPage);
  return Buffer.from(`${before}${written(canonicalJson(data))}${after}`);
}

/**
 * Checks that a statement is a page that is known, with these data and no others.
 *
 * @param data the pack's own files, as they are
 * @throws PackError `statement_page`, `statement_data`
 */
export function checkStatement(
  bytes: Uint8Array,
  data: { readonly checkpoint: string; readonly computation: string; readonly disclosed?: string },
): void {
  const page = textOf(bytes);
  const at = page?.indexOf(start) ?? -1;
  const from = at + start.length;
  const to = page?.indexOf(end, from) ?? -1;
  if (page === undefined || at < 0 || to < 0)
    throw new PackError('statement_page', { en: 'not a page with data', zh: '不是含有数据的网页' });
  if (pageHash(page.slice(0, from), page.slice(to)) !== statementPageHash)
    throw new PackError('statement_page', {
      en: 'a page that is not known: what it shows is not what was checked',
      zh: '该网页不是已知版本：所示内容未必是已检查的内容',
    });
  const { checkpoint, computation, disclosed } = data;
  const expected =
    `{"checkpoint":${canonicalJson(checkpoint)},"computation":${computation}` +
    `${disclosed === undefined ? '' : `,"disclosed":${disclosed}`}}`;
  if (page.slice(from, to) !== written(expected))
    throw new PackError('statement_data', {
      en: 'the statement shows other data than the pack has',
      zh: '声明所示数据与证据包不一致',
    });
}

/** JSON inside a script element: nothing in it ends the element. */
function written(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

function partsOf(page: string): [before: string, after: string] {
  const at = page.indexOf(start) + start.length;
  return [page.slice(0, at), page.slice(page.indexOf(end, at))];
}

function pageHash(before: string, after: string): string {
  return hash('sha256', before + after, 'hex');
}
