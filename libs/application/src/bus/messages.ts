import {
  CommandHandler,
  Command,
  type CommandBus,
  Query,
  QueryHandler,
  type ICommandHandler,
  type IQueryHandler,
} from '@nestjs/cqrs';
import { Inject } from '@nestjs/common';
import type { TimedLine } from '../recording/command-executor.js';
import { LedgerWriter } from '../recording/ledger-writer.js';
import type { Answer } from '../answering/answers.js';
import { LedgerReader } from '../answering/ledger-reader.js';
import type { Outcome } from '../recording/outcome.js';
import type { LedgerQuery } from '../answering/queries.js';

/**
 * Commands that came together and are executed one after another. All go through this one door,
 * since all share one order.
 */
export class LedgerCommands extends Command<readonly Outcome[]> {
  constructor(readonly lines: readonly TimedLine[]) {
    super();
  }
}

@CommandHandler(LedgerCommands)
export class LedgerCommandsHandler implements ICommandHandler<LedgerCommands> {
  constructor(@Inject(LedgerWriter) private readonly ledger: LedgerWriter) {}

  execute({ lines }: LedgerCommands): Promise<readonly Outcome[]> {
    return this.ledger.handleAll(lines);
  }
}

/**
 * Sends commands that came together, in order; resolves with their outcomes when all are durable.
 */
export type SendCommands = (commands: readonly TimedLine[]) => Promise<readonly Outcome[]>;

export function sendThrough(bus: CommandBus): SendCommands {
  return (commands) => bus.execute(new LedgerCommands(commands));
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
