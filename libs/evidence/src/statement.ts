import { hash } from 'node:crypto';
import { canonicalJson } from '@penalty-ledger/ledger';
import type { Manifest } from './manifest.js';
import { PackError } from './pack-error.js';
import { sha256OfAttachment } from './pack-files.js';
import { textOf } from './pack-json.js';
import { statementPage } from './statement-page.js';

/** The pack's own files, which the page's data quote as they are. */
export interface StatementParts {
  readonly manifest: Pick<Manifest, 'fileNames' | 'knownAt' | 'ledgerId' | 'redacted'>;
  /** The names of the pack's files, in order. */
  readonly names: readonly string[];
  readonly checkpoint: string;
  readonly computation: string;
  readonly disclosed?: string;
  /** `events.ndjson`. */
  readonly events: string;
}

const start = '<script type="application/json" id="pack">';
const end = '</script>';

/**
 * The SHA-256 of the page a pack must have, without its data (`docs/spec/evidence-pack.md`,
 * "`statement.html`").
 */
export const statementPageHash: string = pageHash(...partsOf(statementPage));

/** The statement in Chinese and English: always the same page, and in it the data. */
export function writeStatement(parts: StatementParts): Uint8Array {
  const [before, after] = partsOf(statementPage);
  return Buffer.from(`${before}${written(dataOf(parts))}${after}`);
}

/**
 * Checks that a statement is a page that is known, with these data and no others.
 *
 * @throws PackError `statement_page`, `statement_data`
 */
export function checkStatement(bytes: Uint8Array, parts: StatementParts): void {
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
  if (page.slice(from, to) !== written(dataOf(parts)))
    throw new PackError('statement_data', {
      en: 'the statement shows other data than the pack has',
      zh: '声明所示数据与证据包不一致',
    });
}

/** The canonical JSON of the page's data, whose members are quoted from the pack's files. */
function dataOf({ manifest, names, ...files }: StatementParts): string {
  const { fileNames, knownAt, ledgerId, redacted } = manifest;
  const attachments = names.flatMap((name) => sha256OfAttachment(name) ?? []);
  const members = [
    ['attachments', canonicalJson(attachments)],
    ['checkpoint', canonicalJson(files.checkpoint)],
    ['computation', files.computation],
    ...(files.disclosed === undefined ? [] : [['disclosed', files.disclosed]]),
    ['events', `[${files.events.slice(0, -1).replaceAll('\n', ',')}]`],
    ...(fileNames === undefined ? [] : [['fileNames', canonicalJson(fileNames)]]),
    ['knownAt', canonicalJson(knownAt)],
    ['ledgerId', canonicalJson(ledgerId)],
    ['redacted', canonicalJson(redacted)],
  ];
  return `{${members.map(([name, json]) => `"${name}":${json}`).join(',')}}`;
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
