import {
  agency,
  creator,
  agencyReferenceOf,
  agencyStream,
  endOfTime,
  isAgencyCommand,
  notBound,
  type AgencyCommand,
  type AgencyHistory,
  type CommandLine,
  type DecisionContext,
  type LedgerCommand,
  nounTerms,
  type NounKind,
} from '@penalty-ledger/ledger';
import { registrationKey } from '@penalty-ledger/projections';
import type { Warm } from '../../streams/warm.js';
import { isSealable, type CommandContext } from '../command-context.js';
import { erased, outcomeOf, rejected, type Outcome } from '../outcome.js';

/** Judges a command on one agency, together with what follows from it. */
export async function handleAgencyCommand(
  command: AgencyCommand,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome> {
  const agencyId = await agencyOf(command, context, commandContext);
  if (typeof agencyId !== 'string') return agencyId;
  const agencyState = await commandContext.agency(agencyId);
  if (agencyState.head === undefined && command.command !== 'AdmitAgency')
    return unknown('agency', agencyId);
  const id = agency.subjectOfCommand(command, agencyId);
  const subject = commandContext.subject(id);
  if (subject === undefined)
    return handleErased(command, id, line, context, commandContext, agencyState);
  const decision = agency.execute(command, agencyState.state, context);
  if (decision.rejected === undefined)
    commandContext.append(decision.events, agencyState, line, context, subject);
  return outcomeOf(decision);
}

/**
 * The refusal of a command on one agency whose stream has grown since it was read at a revision.
 */
export async function unlessAt(
  revision: number,
  command: LedgerCommand,
  context: DecisionContext,
  commandContext: CommandContext,
): Promise<Outcome | undefined> {
  if (!isAgencyCommand(command)) {
    return rejected('invalid', {
      en: `If-Match: ${command.command} is not on one agency's stream; leave the header out`,
      zh: `If-Match：${command.command} 不属于单个机构的事件流；请删除该请求头`,
    });
  }
  const agencyId = await agencyOf(command, context, commandContext);
  if (typeof agencyId !== 'string') return agencyId;
  const found = (await commandContext.agency(agencyId)).head?.revision;
  if (found === revision) return undefined;
  return rejected(
    'precondition_failed',
    found === undefined
      ? {
          en: `agency "${agencyId}" has no event, not at ${revision}; read it again`,
          zh: `机构 "${agencyId}" 没有事件，流内序号并非 ${revision}；请重新读取`,
        }
      : {
          en: `agency "${agencyId}" is at revision ${found}, not at ${revision}; read it again`,
          zh: `机构 "${agencyId}" 的流内序号为 ${found}，并非 ${revision}；请重新读取`,
        },
  );
}

/**
 * Looks at the decision before its consequences, which have no texts: they move the state on, and
 * this one may turn out not to be recordable.
 */
function handleErased(
  command: AgencyCommand,
  subject: string,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
  agencyState: Warm<AgencyHistory>,
): Outcome {
  const act = agency.decide(command, agencyState.state, context);
  if (act.rejected !== undefined) return outcomeOf(act);
  if (!isSealable(act.events, undefined)) return erased(subject);
  const decision = agency.complete(act, agencyState.state, context);
  if (decision.rejected === undefined)
    commandContext.append(decision.events, agencyState, line, context);
  return outcomeOf(decision);
}

/**
 * The agency of a command, found through what it names; or the refusal when that does not exist.
 */
async function agencyOf(
  command: AgencyCommand,
  { zone }: DecisionContext,
  commandContext: CommandContext,
): Promise<string | Outcome> {
  if (command.command === 'AdmitAgency') return command.data.agencyId;
  const reference = agencyReferenceOf(command);
  if (reference.kind === 'creator') {
    const { state } = await commandContext.creator(reference.id);
    return (
      creator.agencyOfCreatorAt(state, reference.at, endOfTime) ??
      outcomeOf(notBound(reference.id, reference.at, zone))
    );
  }
  const { kind, id } = reference;
  // Its own stream says whether it exists; a look-up of its id would cost more than the rest of
  // finding it.
  if (kind === 'agency') return id;
  const stream = commandContext.registered(registrationKey(kind, id))?.stream;
  return stream?.slice(agencyStream('').length) ?? unknown(kind, id);
}

function unknown(kind: NounKind, id: string): Outcome {
  return rejected(`unknown_${kind}`, {
    en: `no ${kind} "${id}" was recorded; check the id`,
    zh: `没有记录${nounTerms[kind].zh} "${id}"；请核对编号`,
  });
}

/** The refusal of a command that names an agency that was never admitted, or nothing. */
export function unknownAgency(
  agencyId: string | undefined,
  commandContext: CommandContext,
): Outcome | undefined {
  if (
    agencyId === undefined ||
    commandContext.registered(registrationKey('agency', agencyId)) !== undefined
  )
    return undefined;
  return unknown('agency', agencyId);
}
