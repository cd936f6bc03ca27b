import {
  CursorError,
  openReader,
  outlookSorts,
  readCursor,
  type OutlookListQuery,
} from '@penalty-ledger/application';
import type { Prospect } from '@penalty-ledger/ledger';
import { hintFor } from '../ledger/nearest-ids.js';
import {
  isQueryError,
  printRefusal,
  queryRunnerOf,
  withQueryRunner,
} from '../ledger/query-runner.js';
import { UsageError } from '../terminal/exit-codes.js';
import { print, printJson, printPage } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { markedAnswer } from '../terminal/simulation-mark.js';
import type { AskOptions } from '../verb.js';
import { inactiveCsv, outlooksCsv } from './csv.js';
import { outlookPage, outlooksPage } from './page.js';

interface Printed extends AskOptions {
  readonly csv?: boolean;
}

/** Prints the outlook of one agency. */
export async function printOutlook(
  agencyId: string,
  { store, json = false, csv = false }: Printed,
): Promise<void> {
  await withQueryRunner(store, async ({ ask, nameOf, ids, settings }) => {
    const answer = await ask('outlook', { agencyId });
    if (isQueryError(answer)) {
      const unknown = said(
        `no agency "${agencyId}" was recorded by then`,
        `截至该时点没有录入机构 "${agencyId}"`,
      );
      return printRefusal(answer, unknown, json, await hintFor(answer, { agencyId }, ids));
    }
    if (json) return printJson(markedAnswer(answer, settings));
    if (csv) return print(inactiveCsv(answer));
    return printPage(outlookPage(answer, await nameOf(agencyId), settings));
  });
}

/** Prints a page of the outlooks of all agencies. */
export async function printOutlooks({
  store,
  json = false,
  csv = false,
  prospect,
  limit,
  after,
}: Printed & {
  readonly prospect?: Prospect;
  readonly limit: number;
  readonly after?: string;
}): Promise<void> {
  const query: OutlookListQuery = {
    limit,
    ...(prospect !== undefined && { prospect }),
    ...(after !== undefined && { after: placeIn(after) }),
  };
  const opened = await openReader(store);
  try {
    const page = await opened.reader.outlooks(query);
    if (json) {
      await printJson(page);
      return;
    }
    if (csv) {
      await print(outlooksCsv(page));
      return;
    }
    const { nameOf, settings } = queryRunnerOf(opened);
    const names = new Map<string, string>();
    for (const { agencyId } of page.items) names.set(agencyId, (await nameOf(agencyId)) ?? '');
    await printPage(outlooksPage(page, names, settings));
  } finally {
    await opened.close();
  }
}

function placeIn(cursor: string): NonNullable<OutlookListQuery['after']> {
  try {
    return readCursor(cursor, outlookSorts[0]);
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    throw new UsageError(
      said(
        `--after: "${cursor}" is not a place in this list; give \`next\` of the page before`,
        `--after：“${cursor}”不是本列表中的位置；须为上一页给出的 \`next\``,
      ),
      undefined,
      { cause: error },
    );
  }
}
