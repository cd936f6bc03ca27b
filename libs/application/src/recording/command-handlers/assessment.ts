import {
  agency,
  assessment,
  endOfTime,
  type CommandLine,
  type ComputeAssessment,
  type DecisionContext,
  type Instant,
} from '@penalty-ledger/ledger';
import { agencyPages, registrationKey, type ReadModels } from '@penalty-ledger/projections';
import type { CommandContext } from '../command-context.js';
import { assessedCreators } from '../../streams/month-facts.js';
import { accepted, duplicate, outcomeOf, rejected, type Outcome } from '../outcome.js';
import { unknownAgency } from './agency.js';

/**
 * Computes a month for one agency or for all, one event each, in order of the agencies' ids. Those
 * are many appends: a command for all that was interrupted is completed by its repetition, for the
 * agencies of that time.
 */
export async function handleAssessmentCommand(
  { data }: ComputeAssessment,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  const { month, agencyId } = data;
  const unknown = unknownAgency(agencyId, commandContext);
  if (unknown !== undefined) return unknown;
  if (!assessment.isMonthOver(month, context.now, context.zone)) {
    return rejected(
      'month_not_over',
      `${month} is not over before ${context.zone.format(context.zone.endOfMonth(month))}`,
    );
  }
  const { database } = await commandContext.current();
  const { commandId } = line;
  const begun =
    commandId === undefined
      ? undefined
      : commandContext.registered(registrationKey('command', commandId));
  const computed: string[] = [];
  for (const each of agencyId === undefined
    ? everybody(database, begun?.recordedAt ?? endOfTime)
    : [agencyId]) {
    if (
      begun !== undefined &&
      commandContext.registered(registrationKey('computed', `${commandId ?? ''}/${each}`))
    )
      continue;
    const agencyState = await commandContext.agency(each);
    const creators = await assessedCreators(
      each,
      month,
      endOfTime,
      context.zone,
      database,
      async (id) => (await commandContext.creator(id)).state,
    );
    const event = assessment.computeAssessment(month, agencyState.state, creators, context);
    const decision = agency.complete({ events: [event], findings: [] }, agencyState.state, context);
    if (decision.rejected !== undefined) return outcomeOf(decision);
    commandContext.append(decision.events, agencyState, line, context);
    computed.push(...decision.events.map(({ type }) => type));
  }
  return begun !== undefined && computed.length === 0 ? duplicate : accepted(computed, []);
}

function* everybody(database: ReadModels['database'], knownAt: Instant): Generator<string> {
  const pages = agencyPages(database);
  for (
    let page = pages(knownAt, '', 500);
    page.length > 0;
    page = pages(knownAt, page.at(-1)?.agencyId ?? '', 500)
  ) {
    for (const { agencyId } of page) yield agencyId;
  }
}
