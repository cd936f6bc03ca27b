import {
  CursorError,
  lists,
  openReader,
  readList,
  type LedgerReader,
  type ListAnswer,
  type QueryError,
  type ReadList,
} from '@penalty-ledger/application';
import type { ListName } from '@penalty-ledger/application/list-texts';
import { hintFor, hintForFilter } from '../ledger/nearest-ids.js';
import { isQueryError, printRefusal } from '../ledger/query-runner.js';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note, noteHint, print, printJson, printPage } from '../terminal/io.js';
import { said, saidIn } from '../terminal/language.js';
import { listed } from '../terminal/words.js';
import { markedAnswer, noteSimulation, simulationMark } from '../terminal/simulation-mark.js';
import { table } from '../terminal/table.js';
import { csvPage } from './csv-page.js';
import { columnsOf, type Entries, type ListColumn } from './list-columns.js';
import { asOptions, textsIn, type ListOptions } from './list-options.js';

/** Makes what a table has beside the columns of its list, from the items of a page. */
type MoreOf<Name extends ListName> = (
  items: readonly Entries[Name][],
  reader: LedgerReader,
) => Promise<{
  /** They come after the first. */
  readonly columns: readonly ListColumn<Entries[Name]>[];
  /** Lines below the table. */
  readonly foot?: readonly string[];
}>;

/**
 * Prints a page of a list: a table for people, JSON or CSV.
 *
 * @param more of the table
 * @throws UsageError when an option is malformed
 */
export async function printList<Name extends ListName>(
  name: Name,
  options: ListOptions,
  more: MoreOf<Name> = () => Promise.resolve({ columns: [] }),
): Promise<void> {
  const texts = textsIn(name, options);
  const ask = questionOf(name, texts);
  const opened = await openReader(options.store);
  try {
    const { reader } = opened;
    const page = await answerOf(ask, texts['agencyId'], reader);
    if (isQueryError(page)) await refuse(page, texts['agencyId'], reader, options);
    else await show({ name, texts, reader, more }, page, options);
  } finally {
    await opened.close();
  }
}

/** A list that was asked for, and how its table is made. */
interface Asked<Name extends ListName> {
  readonly name: Name;
  readonly texts: Readonly<Record<string, unknown>>;
  readonly reader: LedgerReader;
  readonly more: MoreOf<Name>;
}

async function show<Name extends ListName>(
  asked: Asked<Name>,
  page: ListAnswer,
  { json, csv }: ListOptions,
): Promise<void> {
  if (page.damaged !== undefined) {
    note(damagedText(page.damaged));
    process.exitCode = exitCodes.store;
  }
  const { settings } = asked.reader;
  const hint = page.items.length === 0 ? await hintForFilter(asked.texts, asked.reader) : undefined;
  if (hint !== undefined) noteHint(hint);
  if (json === true) return printJson(markedAnswer(page, settings));
  if (csv !== true)
    return printPage([...simulationMark(settings), ...(await tableOf(asked, page))]);
  noteSimulation(settings);
  if (page.next !== undefined) note(moreText(page.next));
  return print(csvPage(lists[asked.name].page.properties.items.items, page.items, settings));
}

async function tableOf<Name extends ListName>(
  { name, texts, reader, more }: Asked<Name>,
  page: ListAnswer,
): Promise<readonly string[]> {
  if (page.items.length === 0) return [await emptyText(name, texts, reader)];
  const items = page.items as readonly Entries[Name][];
  const [first, ...rest] = columnsOf(name);
  const { columns: further, foot = [] } = await more(items, reader);
  const columns = first === undefined ? [] : [first, ...further, ...rest];
  const rows = items.map((item) => columns.map(({ cell }) => cell(item)));
  return [
    ...table(columns, rows),
    '',
    ...foot,
    said(`Times are in ${reader.zone.id}.`, `时间均为 ${reader.zone.id} 时区。`),
    ...(page.next === undefined ? [] : [moreText(page.next)]),
  ];
}

type Ask = Extract<ReadList, { problem?: undefined }>['ask'];

function questionOf(name: ListName, texts: Readonly<Record<string, unknown>>): Ask {
  try {
    const read = readList(name, texts);
    if (read.problem === undefined) return read.ask;
    throw new UsageError(asOptions(saidIn(read.problem)));
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    throw new UsageError(cursorText(error), undefined, { cause: error });
  }
}

function cursorText({ sort }: CursorError): string {
  return sort === undefined
    ? said(
        '--after: give the text that the page before ended with, as it was',
        '--after：须为上一页末尾给出的内容，不得改动',
      )
    : said(
        `--after: it is of a page sorted by ${sort}; give --sort ${sort} with it`,
        `--after：它来自按 ${sort} 排序的页；请同时给出 --sort ${sort}`,
      );
}

/** The page, unless an agency is named that nobody recorded: then even an index says nothing. */
async function answerOf(
  ask: Ask,
  agencyId: unknown,
  reader: LedgerReader,
): Promise<ListAnswer | QueryError> {
  if (typeof agencyId === 'string' && (await reader.revisionOf(agencyId)) === undefined)
    return { error: 'unknown_agency' };
  return ask(reader);
}

async function refuse(
  error: QueryError,
  agencyId: unknown,
  reader: LedgerReader,
  { json = false }: ListOptions,
): Promise<void> {
  const id = String(agencyId);
  const what = said(`no agency "${id}" was recorded by then`, `届时没有机构 "${id}" 的记录`);
  const hint = await hintFor(error, { agencyId }, reader);
  return printRefusal(error, what, { json, settings: reader.settings }, hint);
}

/** Tells a list without items from one in which nothing matches. */
async function emptyText(
  name: ListName,
  texts: Readonly<Record<string, unknown>>,
  reader: LedgerReader,
): Promise<string> {
  const isFiltered = Object.values(texts).some((text) => text !== undefined);
  const nothing = said('Nothing to list.', '没有可列出的记录。');
  if (!isFiltered) return nothing;
  const unfiltered = readList(name, { limit: 1 });
  if (unfiltered.problem === undefined) {
    const page = await unfiltered.ask(reader);
    if (!isQueryError(page) && page.items.length === 0) return nothing;
  }
  return said('Nothing matches.', '没有符合条件的记录。');
}

function moreText(next: string): string {
  return said(`There are more: --after ${next}`, `还有更多：--after ${next}`);
}

function damagedText(damaged: readonly string[]): string {
  const ids = listed(damaged);
  return said(
    `damaged, and not listed: ${ids}; "ledger doctor" says what to do`,
    `数据损坏，未列出：${ids}；"ledger doctor" 会说明如何处理`,
  );
}
