import {
  isAgencyCommand,
  type AgencyCommand,
  type CommandLine,
  type Instant,
  type LedgerCommand,
  type PublishRulebook,
  type RegisterEvidence,
} from '@penalty-ledger/ledger';
import { CommandHandler, Command, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Inject } from '@nestjs/common';
import { Ledger } from './ledger.js';
import { LedgerReader, type Answer } from './ledger-reader.js';
import type { Outcome } from './outcome.js';
import type { LedgerQuery } from './queries.js';

type LineWith<C extends LedgerCommand> = CommandLine & { readonly command: C };

/** A command on an agency. */
export class AgencyMessage extends Command<Outcome> {
  constructor(
    readonly line: LineWith<AgencyCommand>,
    readonly now: Instant,
  ) {
    super();
  }
}

/** A command on a piece of evidence. */
export class EvidenceMessage extends Command<Outcome> {
  constructor(
    readonly line: LineWith<RegisterEvidence>,
    readonly now: Instant,
  ) {
    super();
  }
}

/** A command on the register of rulebooks. */
export class RulebookMessage extends Command<Outcome> {
  constructor(
    readonly line: LineWith<PublishRulebook>,
    readonly now: Instant,
  ) {
    super();
  }
}

/** The message that carries a command line to its aggregate. */
export function messageOf(line: CommandLine, now: Instant): AgencyMessage | EvidenceMessage | RulebookMessage {
  const { command } = line;
  if (isAgencyCommand(command)) return new AgencyMessage({ ...line, command }, now);
  return command.command === 'RegisterEvidence'
    ? new EvidenceMessage({ ...line, command }, now)
    : new RulebookMessage({ ...line, command }, now);
}

/** The one door: every command goes to the ledger, which judges it in turn. */
@CommandHandler(AgencyMessage)
export class AgencyHandler implements ICommandHandler<AgencyMessage> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute({ line, now }: AgencyMessage): Promise<Outcome> {
    return this.ledger.handle(line, now);
  }
}

@CommandHandler(EvidenceMessage)
export class EvidenceHandler implements ICommandHandler<EvidenceMessage> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute({ line, now }: EvidenceMessage): Promise<Outcome> {
    return this.ledger.handle(line, now);
  }
}

@CommandHandler(RulebookMessage)
export class RulebookHandler implements ICommandHandler<RulebookMessage> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute({ line, now }: RulebookMessage): Promise<Outcome> {
    return this.ledger.handle(line, now);
  }
}

/** A question of interchange §3. */
export class LedgerQuestion extends Query<Answer> {
  constructor(readonly query: LedgerQuery) {
    super();
  }
}

@QueryHandler(LedgerQuestion)
export class LedgerQuestionHandler implements IQueryHandler<LedgerQuestion> {
  constructor(@Inject(LedgerReader) private readonly reader: LedgerReader) {}

  execute({ query }: LedgerQuestion): Promise<Answer> {
    return this.reader.answer(query);
  }
}
