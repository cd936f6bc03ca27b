import { formProblem, problemOf } from '../command.js';
import type { DecisionContext, Mode } from '../decision.js';
import type { StreamEvent } from '../events.js';
import type { InBoth } from '../in-both.js';
import { execute, type RegisterCommand } from '../rulebook-register.js';
import { differenceOf } from './difference.js';

/**
 * Decides again whether a rulebook or calendar could be published as it was, and compares.
 *
 * @param first the first event of the register, which came with the ledger's opening
 */
export function publishedAgain(
  event: StreamEvent<'rulebooks'>,
  first: Pick<StreamEvent<'rulebooks'>, 'recordedAt'>,
  context: Pick<DecisionContext, 'rulebooks' | 'zone'> & { readonly mode: Mode },
): InBoth | undefined {
  if (event.type === 'RulebookShipped')
    return event.causation.command === 'OpenLedger' && event.recordedAt === first.recordedAt
      ? undefined
      : {
          en: 'RulebookShipped was recorded after the ledger was opened; a rulebook is published',
          zh: 'RulebookShipped 记录于账本开立之后；此后的规则须发布',
        };
  const command = commandOf(event);
  const name = event.causation.command;
  if (name !== command.command)
    return {
      en: `${event.type} was recorded, and ${name} does not record it`,
      zh: `记录的是 ${event.type}，而 ${name} 不会记录它`,
    };
  const when = { ...context, now: event.recordedAt };
  const invalid = formProblem(name, command.data) ?? problemOf(command, when);
  if (invalid !== undefined)
    return { en: `${name} is invalid: ${invalid.en}`, zh: `${name} 无效：${invalid.zh}` };
  const decision = execute(command, context);
  if (decision.rejected !== undefined) {
    const { code, message } = decision.rejected;
    return {
      en: `${name} is refused with ${code}: ${message.en}`,
      zh: `${name} 被拒绝（${code}）：${message.zh}`,
    };
  }
  const [again] = decision.events;
  return again && differenceOf(event, again);
}

function commandOf(
  event: StreamEvent<'rulebooks'> & { readonly type: 'RulebookPublished' | 'CalendarPublished' },
): RegisterCommand & { readonly command: 'PublishRulebook' | 'PublishCalendar' } {
  return event.type === 'CalendarPublished'
    ? { command: 'PublishCalendar', data: { calendar: event.data.document } }
    : { command: 'PublishRulebook', data: { rulebook: event.data.document } };
}
