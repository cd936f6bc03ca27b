import { saidIn } from '../terminal/language.js';
import { joined, inEach, sameInBoth } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/application/language';
import {
  LedgerQuestion,
  openReader,
  readQuery,
  type AnswerOf,
  type OpenedReader,
  type QueryError,
  type QueryName,
} from '@penalty-ledger/application';
import type { LedgerSettings } from '@penalty-ledger/ledger';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { noteError, noteHint, printJson, printPage } from '../terminal/io.js';
import { refusalText } from '../terminal/refusal-text.js';
import { markedAnswer, simulationMark } from '../terminal/simulation-mark.js';
import { inClear } from '../terminal/words.js';
import type { AskOptions } from '../verb.js';
import { hintFor, type KnownIds } from './nearest-ids.js';

/** Answers one question at a time about a ledger, through the query bus. */
export interface QueryRunner {
  readonly settings: LedgerSettings;
  /** @throws UsageError when a field is malformed */
  readonly ask: <Name extends QueryName>(
    name: Name,
    fields: Readonly<Record<string, unknown>>,
  ) => Promise<AnswerOf<Name> | QueryError>;
  readonly nameOf: (agencyId: string) => Promise<string | undefined>;
  /** The ids in use, for what is not found. */
  readonly ids: KnownIds;
}

/** Opens a ledger for reading, for as long as `work` takes. */
export async function withQueryRunner<Result>(
  store: string,
  work: (runner: QueryRunner) => Promise<Result>,
): Promise<Result> {
  const opened = await openReader(store);
  try {
    return await work(queryRunnerOf(opened));
  } finally {
    await opened.close();
  }
}

/** The query runner of a ledger that is already open. */
export function queryRunnerOf({
  reader,
  queries,
}: Pick<OpenedReader, 'reader' | 'queries'>): QueryRunner {
  return {
    settings: reader.settings,
    ask: async <Name extends QueryName>(name: Name, fields: Readonly<Record<string, unknown>>) => {
      const given = Object.entries(fields).filter(([, value]) => value !== undefined);
      const read = readQuery({ query: name, ...Object.fromEntries(given) });
      if (read.problems !== undefined)
        throw new UsageError(saidIn(joined(read.problems.map(asOption))));
      return (await queries.execute(new LedgerQuestion(read.query))) as AnswerOf<Name> | QueryError;
    },
    nameOf: async (agencyId) => {
      const name = await reader.nameOf(agencyId);
      return name === undefined ? undefined : inClear(name);
    },
    ids: reader,
  };
}

const positional: readonly string[] = ['month', 'vertical', 'date'];

/**
 * The name of a query's field on the command line: `query.effectiveAt` is `--effective-at`,
 * `query.month` is MONTH.
 */
export function asOption(problem: InBoth): InBoth {
  return inEach(problem, (half) =>
    half.replace(/^query\.(\w+)/, (_, field: string) => {
      if (field.endsWith('Id')) return field.slice(0, -2).toUpperCase();
      if (positional.includes(field)) return field.toUpperCase();
      return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    }),
  );
}

export function isQueryError(answer: object): answer is QueryError {
  return 'error' in answer;
}

/** Says that there is no answer, also by the exit code. In JSON it is marked as an answer is. */
export async function printRefusal(
  { error, problem }: QueryError,
  what: string,
  { json, settings }: { readonly json: boolean; readonly settings: LedgerSettings },
  hint?: string,
): Promise<void> {
  if (json) await printJson(markedAnswer({ error }, settings));
  noteError(refusalText(error, problem === undefined ? sameInBoth(what) : asOption(problem)));
  if (hint !== undefined) noteHint(hint);
  process.exitCode = exitCodes.no;
}

/** One question, as a verb asks it. */
export interface Question<Name extends QueryName> {
  readonly name: Name;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The message when there is no answer: `no agency "a9" was recorded by then`. */
  readonly unknown: string;
}

/**
 * Asks a ledger one question and prints the answer: a page for people, or JSON.
 *
 * @throws UsageError when a field is malformed
 */
export async function printAnswer<Name extends QueryName>(
  { store, json = false }: AskOptions,
  { name, fields, unknown }: Question<Name>,
  page: (
    answer: AnswerOf<Name>,
    runner: QueryRunner,
  ) => readonly string[] | Promise<readonly string[]>,
): Promise<void> {
  await withQueryRunner(store, async (ledger) => {
    const given = await ledger.ask(name, fields);
    const { settings } = ledger;
    if (isQueryError(given)) {
      const hint = await hintFor(given, fields, ledger.ids);
      return printRefusal(given, unknown, { json, settings }, hint);
    }
    if (json) return printJson(markedAnswer(given, settings));
    return printPage([...simulationMark(settings), ...(await page(given, ledger))]);
  });
}
