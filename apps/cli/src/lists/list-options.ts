import { listTexts, type ListName } from '@penalty-ledger/application/list-texts';
import type { InBoth } from '@penalty-ledger/application/language';
import { Option, type Command } from 'commander';
import { said, saidIn } from '../terminal/language.js';
import { jsonOption, storeOption } from '../verb.js';

/** The options of a list, as commander gives them. */
export type ListOptions = Readonly<Record<string, unknown>> & {
  readonly store: string;
  readonly json?: boolean;
  readonly csv?: boolean;
};

/** The values of fields that are not said by their name. */
const values: Readonly<Record<string, string>> = {
  agencyId: 'id',
  creatorId: 'id',
  clause: 'id',
  id: 'id',
  dueWithinHours: 'n',
  minBalance: 'n',
  prospect: 'prospect',
  standing: 'standing',
  status: 'status',
  kind: 'kind',
  code: 'code',
  severity: 'severity',
  date: 'date',
  month: 'month',
  period: 'year',
  sha256: 'hash',
};

/** The name of an option for a field: `agency` of `agencyId`. */
function nameOf(field: string): string {
  return field === 'cursor' ? 'after' : field.replace(/(?<=.)Id$/, '');
}

/** The option of a field: `--due-within-hours` of `dueWithinHours`. */
export function flagOf(field: string): string {
  return `--${nameOf(field).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Adds the options that every list has, and those of one. */
export function addListOptions(verb: Command, name: ListName): Command {
  const { fields, sorts } = listTexts[name];
  for (const [field, about] of Object.entries<InBoth>(fields))
    verb.option(`${flagOf(field)} <${values[field] ?? 'instant'}>`, saidIn(about));
  return addPageOptions(verb, sorts).addOption(jsonOption()).addOption(storeOption());
}

/** Adds the options of a page: its order, its size, where it begins, and CSV as its form. */
export function addPageOptions(verb: Command, sorts: readonly string[]): Command {
  const orders = sorts.join(', ');
  return verb
    .option('--sort <field>', said(`the order: ${orders}`, `排序：${orders}`))
    .option(
      '--limit <n>',
      said('items at most: 1 to 1000 (default: 100)', '最多条数：1 至 1000（默认 100）'),
    )
    .option('--after <cursor>', said('go on where the page before ended', '从上一页结束处继续'))
    .addOption(
      new Option(
        '--csv',
        said('print CSV that spreadsheet programs open safely', '输出电子表格可安全打开的 CSV'),
      ).conflicts('json'),
    );
}

/** The texts of a list's question that are in its options. */
export function textsIn(name: ListName, options: ListOptions): Readonly<Record<string, unknown>> {
  const fields = [...Object.keys(listTexts[name].fields), 'sort', 'limit', 'cursor'];
  return Object.fromEntries(fields.map((field) => [field, options[nameOf(field)]]));
}

/** The options of a list that are given, as a person writes them. */
export function flagsIn(name: ListName, options: ListOptions): readonly string[] {
  return Object.entries(textsIn(name, options))
    .filter(([, text]) => text !== undefined)
    .map(([field]) => flagOf(field));
}

/** A problem with fields before its colon, with the options that they are. */
export function asOptions(problem: string): string {
  return problem.replace(/^[^:：]+/, (fields) => fields.replace(/\w+/g, flagOf));
}
