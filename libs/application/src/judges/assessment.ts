import {
  complete,
  computeAssessment,
  everything,
  isMonthOver,
  type CommandLine,
  type ComputeAssessment,
  type DecisionContext,
} from '@penalty-ledger/ledger';
import { agencyPages } from '@penalty-ledger/projections';
import type { Desk } from '../desk.js';
import { assessedCreators } from '../month-facts.js';
import { accepted, outcomeOf, rejected, type Outcome } from '../outcome.js';
import { unknownAgency } from './agency.js';

/** Computes a month for one agency or for all, one event each, in order of the agencies' ids. */
export async function judgeAssessment(
  { data }: ComputeAssessment,
  line: CommandLine,
  context: DecisionContext,
  desk: Desk,
): Promise<Outcome> {
  const { month, agencyId } = data;
  const unknown = unknownAgency(agencyId, desk);
  if (unknown !== undefined) return unknown;
  if (!isMonthOver(month, context.now, context.zone)) {
    return rejected(
      'month_not_over',
      `${month} is not over before ${context.zone.format(context.zone.endOfMonth(month))}`,
    );
  }
  const { database } = await desk.current();
  const pages = agencyPages(database);
  const everybody = function* (): Generator<string> {
    for (
      let page = pages(everything, '', 500);
      page.length > 0;
      page = pages(everything, page.at(-1)?.agencyId ?? '', 500)
    ) {
      for (const row of page) yield row.agencyId;
    }
  };
  const computed: string[] = [];
  for (const each of agencyId === undefined ? everybody() : [agencyId]) {
    const agency = await desk.agency(each);
    const creators = await assessedCreators(
      each,
      month,
      everything,
      context.zone,
      database,
      async (id) => (await desk.creator(id)).state,
    );
    const event = computeAssessment(month, agency.state, creators, context);
    const decision = complete({ events: [event], findings: [] }, agency.state, context);
    if (decision.rejected !== undefined) return outcomeOf(decision);
    desk.append(decision.events, agency, line, context);
    computed.push(...decision.events.map(({ type }) => type));
  }
  return accepted(computed, []);
}
