import { IntegrityError } from '@penalty-ledger/event-store';
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
import {
  accepted,
  duplicateSince,
  outcomeOf,
  refusedByDamage,
  rejected,
  unlessDamaged,
  type Outcome,
} from '../outcome.js';
import { unknownAgency } from './agency.js';

/**
 * Computes a month for one agency or for all, one event each, in order of the agencies' ids. Those
 * are many appends: a command for all that was interrupted is completed by its repetition, for the
 * agencies of that time. An agency whose events are damaged keeps the others from nothing; the
 * command is then refused, and its repetition computes what is left once they are restored.
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
    return rejected('month_not_over', {
      en: `${month} is not over before ${context.zone.format(context.zone.endOfMonth(month))}`,
      zh: `${month} 在 ${context.zone.format(context.zone.endOfMonth(month))} 前尚未结束`,
    });
  }
  const { database } = await commandContext.current();
  const { commandId } = line;
  const begun =
    commandId === undefined
      ? undefined
      : commandContext.registered(registrationKey('command', commandId));
  const computed: string[] = [];
  let damage: IntegrityError | undefined;
  for (const each of agencyId === undefined
    ? everybody(database, begun?.recordedAt ?? endOfTime)
    : [agencyId]) {
    if (
      begun !== undefined &&
      commandContext.registered(registrationKey('computed', `${commandId ?? ''}/${each}`))
    )
      continue;
    const agencyState = await unlessDamaged(commandContext.agency(each));
    if (agencyState instanceof IntegrityError) {
      damage ??= agencyState;
      continue;
    }
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
  if (damage !== undefined) return refusedByDamage(damage);
  return begun !== undefined && computed.length === 0
    ? duplicateSince(begun.recordedAt)
    : accepted(computed, []);
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
