import {
  CommandHandler,
  Command,
  Query,
  QueryHandler,
  type ICommandHandler,
  type IQueryHandler,
} from '@nestjs/cqrs';
import { Inject } from '@nestjs/common';
import type { TimedLine } from './judging.js';
import { Ledger } from './ledger.js';
import { LedgerReader, type Answer } from './ledger-reader.js';
import type { Outcome } from './outcome.js';
import type { LedgerQuery } from './queries.js';

/** Commands that came together and are judged one after another: all that go through the one door, since all share one order. */
export class LedgerCommands extends Command<readonly Outcome[]> {
  constructor(readonly lines: readonly TimedLine[]) {
    super();
  }
}

@CommandHandler(LedgerCommands)
export class LedgerCommandsHandler implements ICommandHandler<LedgerCommands> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute({ lines }: LedgerCommands): Promise<readonly Outcome[]> {
    return this.ledger.handleAll(lines);
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
