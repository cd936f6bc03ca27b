import {
  isAgencyCommand,
  type AgencyCommand,
  type CommandLine,
  type FactCommand,
  type Instant,
  type LedgerCommand,
  type PublishRulebook,
  type RegisterEvidence,
  type TrafficCommand,
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

/** A command on creators and their sessions, or one that computes something of them. */
export class FactMessage extends Command<Outcome> {
  constructor(
    readonly line: LineWith<FactCommand>,
    readonly now: Instant,
  ) {
    super();
  }
}

/** A command on traffic slots and themes. */
export class TrafficMessage extends Command<Outcome> {
  constructor(
    readonly line: LineWith<TrafficCommand>,
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
export function messageOf(
  line: CommandLine,
  now: Instant,
): AgencyMessage | EvidenceMessage | FactMessage | RulebookMessage | TrafficMessage {
  const { command } = line;
  if (isAgencyCommand(command)) return new AgencyMessage({ ...line, command }, now);
  switch (command.command) {
    case 'RegisterEvidence':
      return new EvidenceMessage({ ...line, command }, now);
    case 'PublishRulebook':
      return new RulebookMessage({ ...line, command }, now);
    case 'AllocateSlots':
    case 'WaiveSlot':
    case 'AssignSlot':
    case 'DeclareBlackout':
    case 'ProposeTheme':
    case 'SelectTheme':
      return new TrafficMessage({ ...line, command }, now);
    default:
      return new FactMessage({ ...line, command }, now);
  }
}

/** The one door: every command goes to the ledger, which judges it in turn. */
@CommandHandler(AgencyMessage)
export class AgencyHandler implements ICommandHandler<AgencyMessage> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute({ line, now }: AgencyMessage): Promise<Outcome> {
    return this.ledger.handle(line, now);
  }
}

@CommandHandler(FactMessage)
export class FactHandler implements ICommandHandler<FactMessage> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute({ line, now }: FactMessage): Promise<Outcome> {
    return this.ledger.handle(line, now);
  }
}

@CommandHandler(TrafficMessage)
export class TrafficHandler implements ICommandHandler<TrafficMessage> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute({ line, now }: TrafficMessage): Promise<Outcome> {
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
