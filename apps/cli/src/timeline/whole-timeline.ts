import {
  maxPageSize,
  openReader,
  readCursor,
  readQuery,
  type LedgerReader,
  type QueryError,
  type Timeline,
} from '@penalty-ledger/application';
import { joined, parseInstant } from '@penalty-ledger/ledger';
import { hintFor } from '../ledger/nearest-ids.js';
import { asOption, isQueryError, printRefusal } from '../ledger/query-runner.js';
import { UsageError } from '../terminal/exit-codes.js';
import { printJson, printPage } from '../terminal/io.js';
import { said, saidIn } from '../terminal/language.js';
import { markedAnswer, simulationMark } from '../terminal/simulation-mark.js';
import { inClear } from '../terminal/words.js';
import type { AskOptions } from '../verb.js';
import { timelinePage } from './page.js';

export interface TimelineOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly sort: 'effect' | 'revision';
}

/** Prints all acts of an agency: a table for people, or JSON. */
export async function printTimeline(agencyId: string, options: TimelineOptions): Promise<void> {
  const opened = await openReader(options.store);
  try {
    await answerFrom(opened.reader, agencyId, options);
  } finally {
    await opened.close();
  }
}

async function answerFrom(
  reader: LedgerReader,
  agencyId: string,
  options: TimelineOptions,
): Promise<void> {
  const { json = false } = options;
  const { settings } = reader;
  const timeline = await timelineIn(reader, agencyId, options);
  if (isQueryError(timeline)) {
    const unknown = said(
      `no agency "${agencyId}" was recorded by then`,
      `截至该时点没有记录机构 "${agencyId}"`,
    );
    const hint = await hintFor(timeline, { agencyId }, reader);
    return printRefusal(timeline, unknown, { json, settings }, hint);
  }
  if (json) return printJson(markedAnswer(timeline, settings));
  const name = await reader.nameOf(agencyId);
  const shown = name === undefined ? undefined : inClear(name);
  const page = timelinePage(timeline, shown, reader.zone);
  return printPage([...simulationMark(settings), ...page]);
}

/** Reads every page, and makes one answer of them. @throws UsageError */
async function timelineIn(
  reader: LedgerReader,
  agencyId: string,
  { effectiveAt, knownAt, sort }: TimelineOptions,
): Promise<Timeline | QueryError> {
  const read = readQuery({
    ...{ query: 'balance', agencyId },
    ...(effectiveAt !== undefined && { effectiveAt }),
    ...(knownAt !== undefined && { knownAt }),
  });
  if (read.problems !== undefined)
    throw new UsageError(saidIn(joined(read.problems.map(asOption))));
  const asked = { ...read.query, agencyId, sort, limit: maxPageSize };
  const first = await reader.timeline(asked);
  if (isQueryError(first)) return first;
  // What is recorded meanwhile is not of the answer.
  const [e, k] = [parseInstant(first.effectiveAt), parseInstant(first.knownAt)];
  const at = { ...(e !== undefined && { effectiveAt: e }), ...(k !== undefined && { knownAt: k }) };
  const { next: second, ...timeline } = first;
  const acts = [...first.acts];
  for (let next = second; next !== undefined;) {
    const page = await reader.timeline({ ...asked, ...at, after: readCursor(next, sort) });
    if (isQueryError(page)) return page;
    acts.push(...page.acts);
    ({ next } = page);
  }
  return { ...timeline, acts };
}
