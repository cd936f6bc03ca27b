import {
  slots,
  themes,
  vertical,
  endOfTime,
  themesStream,
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
  const slotsOfDate = await commandContext.slots(command.data.date);
  const decision = await decideSlots(command, slotsOfDate.state, context, commandContext);
  if (decision.rejected === undefined) {
    for (const event of decision.events) slotsOfDate.state = slots.evolve(slotsOfDate.state, event);
    commandContext.append(decision.events, slotsOfDate, line, context);
  }
  return outcomeOf(decision);
}

async function decideSlots(
  command: SlotsCommand,
  slotsOfDate: Slots,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Decision<SlotsEvent>> {
  switch (command.command) {
    case 'DeclareBlackout':
      return slots.declareBlackout(command.data);
    case 'WaiveSlot':
      return slots.waiveSlot(command.data, slotsOfDate);
    case 'AllocateSlots': {
      const { month, vertical: verticalName } = command.data;
      const months: AgencyMonth[] = [];
      for await (const each of agencyMonths(
        month,
        now(context),
        factsFrom(context, commandContext),
        await commandContext.current(),
      ))
        months.push(each);
      return slots.allocateSlots(
        command.data,
        slotsOfDate,
        vertical.verticalRanking(verticalName, months).ranking,
        context,
      );
    }
    case 'AssignSlot': {
      const { allocation } = slotsOfDate;
      const qualified =
        allocation === undefined
          ? []
          : vertical.qualifiedCreators(
              await agencyMonth(
                command.data.agencyId,
                allocation.month,
                now(context),
                factsFrom(context, commandContext),
                await commandContext.current(),
              ),
              allocation.vertical,
            );
      return slots.assignSlot(command.data, slotsOfDate, new Set(qualified), context);
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
      themes.proposeTheme(command.data, context),
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
  const themesOfMonth =
    stream === undefined ? themes.empty : (await commandContext.themes(month)).state;
  return record(
    themes.selectTheme(command.data, { month, themes: themesOfMonth }, context),
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
    const themesOfMonth = await commandContext.themes(month);
    for (const event of decision.events)
      themesOfMonth.state = themes.evolve(themesOfMonth.state, {
        ...event,
        recordedAt: context.now,
      });
    commandContext.append(decision.events, themesOfMonth, line, context);
  }
  return outcomeOf(decision);
}
