import { joined } from '@penalty-ledger/ledger';
import {
  LedgerQuestion,
  openReader,
  readLines,
  readQuery,
  type Answer,
  type OpenedReader,
  type ReadText,
} from '@penalty-ledger/application';
import { isQueryError } from '../ledger/query-runner.js';
import { refuseForeignFile } from '../intake/foreign-file.js';
import { openInput } from '../terminal/input.js';
import { isReaderGone, printJson } from '../terminal/io.js';
import { startProgress } from '../terminal/progress.js';
import { markedAnswer, noteSimulation } from '../terminal/simulation-mark.js';
import { refusalText } from '../terminal/refusal-text.js';
import { said } from '../terminal/language.js';

/** Answers the queries of a file in order, each from all events appended by then. */
export async function answerLines(file: string, store: string): Promise<void> {
  const input = await refuseForeignFile(file, await openInput(file), 'ndjson', {
    en: 'give lines of JSON, one query a line',
    zh: '请给出 JSON 行，每行一个查询',
  });
  const opened = await openReader(store);
  const { settings } = opened.reader;
  const progress = startProgress({
    label: said('query', '查询'),
    unit: said('answers', '个答复'),
    total: input.bytes,
    besideData: true,
  });
  let answered = 0;
  // Interchange fixes the form of a list of agencies and of a refusal: nothing can be added there.
  let isNoted = false;
  try {
    for await (const batch of readLines(input.chunks)) {
      for (const text of batch) {
        const answer = await answerTo(text, opened.queries, progress.note);
        const isFixed = Array.isArray(answer) || isQueryError(answer);
        if (isFixed && !isNoted) {
          noteSimulation(settings);
          isNoted = true;
        }
        await printJson(isFixed ? answer : markedAnswer(answer, settings));
        if (isReaderGone()) return;
        answered += 1;
        progress.update(input.bytesRead(), answered);
      }
    }
  } finally {
    progress.stop();
    await opened.close();
  }
}

async function answerTo(
  text: ReadText,
  queries: OpenedReader['queries'],
  note: (text: string) => void,
): Promise<Answer> {
  const read = text.problem === undefined ? readQuery(text.value) : { problems: [text.problem] };
  const answer =
    read.problems === undefined
      ? await queries.execute(new LedgerQuestion(read.query))
      : ({ error: 'invalid', problem: joined(read.problems) } as const);
  if (!isQueryError(answer) || answer.problem === undefined) return answer;
  const { error, problem } = answer;
  note(
    said(
      `line ${String(text.line)}: ${refusalText(error, problem)}`,
      `第 ${String(text.line)} 行：${refusalText(error, problem)}`,
    ),
  );
  return { error };
}
