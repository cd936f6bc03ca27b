import type { OutlookAnswer } from '@penalty-ledger/application';
import { AgencyOutlookSchema, type LedgerSettings } from '@penalty-ledger/ledger';
import { csvPage } from '../lists/csv-page.js';
import { flagsIn, type ListOptions } from '../lists/list-options.js';
import { printList } from '../lists/print-list.js';
import { nameColumn } from '../lists/name-column.js';
import { hintFor } from '../ledger/nearest-ids.js';
import { isQueryError, printRefusal, withQueryRunner } from '../ledger/query-runner.js';
import { UsageError } from '../terminal/exit-codes.js';
import { print, printJson, printPage } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { markedAnswer, noteSimulation } from '../terminal/simulation-mark.js';
import { count, figure, listed, time } from '../terminal/words.js';
import { outlookPage } from './page.js';

/**
 * Prints the outlook of one agency.
 *
 * @throws UsageError when an option is given that chooses among agencies
 */
export async function printOutlook(agencyId: string, options: ListOptions): Promise<void> {
  const { store, json = false, csv = false } = options;
  assertNoList(options);
  await withQueryRunner(store, async ({ ask, nameOf, ids, settings }) => {
    const answer = await ask('outlook', { agencyId });
    if (isQueryError(answer)) {
      const unknown = said(
        `no agency "${agencyId}" was recorded by then`,
        `截至该时点未记录机构 "${agencyId}"`,
      );
      const hint = await hintFor(answer, { agencyId }, ids);
      return printRefusal(answer, unknown, { json, settings }, hint);
    }
    if (json) return printJson(markedAnswer(answer, settings));
    if (csv) {
      noteSimulation(settings);
      return print(inactiveCsv(answer, settings));
    }
    return printPage(outlookPage(answer, await nameOf(agencyId), settings));
  });
}

/** Prints a page of the outlooks of all agencies. */
export function printOutlooks(options: ListOptions): Promise<void> {
  return printList('outlooks', options, async (items, reader) => {
    const [first] = items;
    return {
      columns: [await nameColumn(items, reader)],
      foot:
        first === undefined
          ? []
          : [
              said(
                `${count(items.length, 'agency', 'agencies')}, ` +
                  `${first.month} as of ${time(first.asOf)}`,
                `${figure(items.length)} 家机构，${first.month}，截至 ${time(first.asOf)}`,
              ),
            ],
    };
  });
}

function assertNoList(options: ListOptions): void {
  const given = flagsIn('outlooks', options);
  if (given.length === 0) return;
  const names = listed(given);
  throw new UsageError(
    said(`${names}: only for the list of all agencies`, `${names}：仅用于全部机构的列表`),
    said('leave out AGENCY or the option', '请不写 AGENCY，或去掉该选项'),
  );
}

/** The inactive creators of an outlook as CSV, under the names of the answer's members. */
function inactiveCsv(
  { agencyId, asOf, assessment }: OutlookAnswer,
  settings: LedgerSettings,
): string {
  const { month, rule, inactive } = assessment;
  const { properties } = AgencyOutlookSchema;
  const ofMonth = properties.assessment.properties;
  const entry = {
    properties: {
      agencyId: properties.agencyId,
      asOf: properties.asOf,
      month: ofMonth.month,
      rule: ofMonth.rule,
      ...ofMonth.inactive.items.properties,
    },
  };
  const items = inactive.map((each) => ({ agencyId, asOf, month, rule, ...each }));
  return csvPage(entry, items, settings);
}
