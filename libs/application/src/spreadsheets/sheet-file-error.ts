import { SpokenError } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/ledger';
/** A spreadsheet that cannot be read, or whose columns are not clear: nothing of it is recorded. */
export class SheetFileError extends SpokenError {
  readonly code = 'sheet_file';
  declare readonly inBoth: InBoth;

  constructor(
    text: InBoth,
    /** The next thing to do. */
    readonly hint: InBoth,
  ) {
    super(text);
  }
}
