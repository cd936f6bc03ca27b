import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { LedgerWriter } from '../recording/ledger-writer.js';
import { LedgerReader } from '../answering/ledger-reader.js';
import { LedgerCommandsHandler, LedgerQuestionHandler } from './messages.js';

/** The command and query bus over one open ledger. The opener of the ledger closes it. */
@Module({})
export class LedgerModule {
  /** @param ledger its writing side; without it the command bus has no handlers */
  static over(reader: LedgerReader, ledger?: LedgerWriter): DynamicModule {
    return {
      module: LedgerModule,
      imports: [CqrsModule.forRoot()],
      providers: [
        { provide: LedgerReader, useValue: reader },
        LedgerQuestionHandler,
        ...(ledger === undefined
          ? []
          : [{ provide: LedgerWriter, useValue: ledger }, LedgerCommandsHandler]),
      ],
      exports: [CqrsModule],
    };
  }
}
