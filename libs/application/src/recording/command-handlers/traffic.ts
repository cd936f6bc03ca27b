import {
  allocateSlots,
  assignSlot,
  declareBlackout,
  evolveSlots,
  evolveThemes,
  endOfTime,
  noThemes,
  proposeTheme,
  qualifiedCreators,
  selectTheme,
  themesStream,
  verticalRanking,
  waiveSlot,
  type AgencyMonth,
  type CommandLine,
  type Decision,
  type DecisionContext,
  type Slots,
  type SlotsCommand,
  type SlotsEvent,
  type ThemesCommand,
  type ThemesEvent,
} from '@penalty-ledger/ledger';
import { registrationKey } from '@penalty-ledger/projections';
import type { CommandContext } from '../command-context.js';
import { agencyMonth, agencyMonths } from '../../streams/month-facts.js';
import { outcomeOf, type Outcome } from '../outcome.js';
import { unknownAgency } from './agency.js';

/** Judges a command on the traffic slots of one day. */
export async function handleSlotsCommand(
  command: SlotsCommand,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  const unknown = unknownAgency(
    'agencyId' in command.data ? command.data.agencyId : undefined,
    commandContext,
  );
  if (unknown !== undefined) return unknown;
  const slots = await commandContext.slots(command.data.date);
  const decision = await decideSlots(command, slots.state, context, commandContext);
  if (decision.rejected === undefined) {
    for (const event of decision.events) slots.state = evolveSlots(slots.state, event);
    commandContext.append(decision.events, slots, line, context);
  }
  return outcomeOf(decision);
}

async function decideSlots(
  command: SlotsCommand,
  slots: Slots,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Decision<SlotsEvent>> {
  switch (command.command) {
    case 'DeclareBlackout':
      return declareBlackout(command.data);
    case 'WaiveSlot':
      return waiveSlot(command.data, slots);
    case 'AllocateSlots': {
      const { month, vertical } = command.data;
      const months: AgencyMonth[] = [];
      for await (const each of agencyMonths(
        month,
        now(context),
        factsFrom(context, commandContext),
        await commandContext.current(),
      ))
        months.push(each);
      return allocateSlots(command.data, slots, verticalRanking(vertical, months).ranking, context);
    }
    case 'AssignSlot': {
      const { allocation } = slots;
      const qualified =
        allocation === undefined
          ? []
          : qualifiedCreators(
              await agencyMonth(
                command.data.agencyId,
                allocation.month,
                now(context),
                factsFrom(context, commandContext),
                await commandContext.current(),
              ),
              allocation.vertical,
            );
      return assignSlot(command.data, slots, new Set(qualified), context);
    }
  }
}

function now(context: DecisionContext) {
  return { effectiveAt: context.now, knownAt: endOfTime };
}

function factsFrom({ zone, rulebooks }: DecisionContext, commandContext: CommandContext) {
  return {
    zone,
    rulebooks,
    agency: async (agencyId: string) => (await commandContext.agency(agencyId)).state,
    creator: async (creatorId: string) => (await commandContext.creator(creatorId)).state,
  };
}

/** Judges a command on the theme proposals of one month. */
export async function handleThemesCommand(
  command: ThemesCommand,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  if (command.command === 'ProposeTheme') {
    const unknown = unknownAgency(command.data.agencyId, commandContext);
    if (unknown !== undefined) return unknown;
    return record(
      proposeTheme(command.data, context),
      command.data.month,
      line,
      context,
      commandContext,
    );
  }
  const stream = commandContext.registered(
    registrationKey('proposal', command.data.proposalId),
  )?.stream;
  const month = stream?.slice(themesStream('').length) ?? '';
  const themes = stream === undefined ? noThemes : (await commandContext.themes(month)).state;
  return record(
    selectTheme(command.data, { month, themes }, context),
    month,
    line,
    context,
    commandContext,
  );
}

async function record(
  decision: Decision<ThemesEvent>,
  month: string,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  if (decision.rejected === undefined) {
    const themes = await commandContext.themes(month);
    for (const event of decision.events)
      themes.state = evolveThemes(themes.state, { ...event, recordedAt: context.now });
    commandContext.append(decision.events, themes, line, context);
  }
  return outcomeOf(decision);
}
