import type { Command } from 'commander';
import type { Question } from '../ledger/query-runner.js';
import {
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';
import { said } from '../terminal/language.js';

/** The options of a question about an agency's balance. */
export interface BalanceOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly period?: string;
  readonly account?: string;
}

export function addBalanceOptions(verb: Command): Command {
  return verb
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .option('--period <year>', said('the points of another year: 2019', '另一年度的扣分：2019'))
    .option('--account <id>', said('another account of the rulebook', '规则中的另一计分账户'))
    .addOption(jsonOption())
    .addOption(storeOption());
}

/** The question in its options, and what is said of an agency that was not recorded by then. */
export function balanceQuestion(
  agencyId: string,
  { effectiveAt, knownAt, period, account }: BalanceOptions,
): Pick<Question<'balance' | 'explain'>, 'fields' | 'unknown'> {
  const fields = { agencyId, effectiveAt, knownAt, period, account };
  return {
    fields,
    unknown: said(
      `no agency "${agencyId}" was recorded by then`,
      `截至该时点没有记录机构 "${agencyId}"`,
    ),
  };
}
