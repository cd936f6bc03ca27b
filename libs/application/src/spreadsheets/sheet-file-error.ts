/** A spreadsheet that cannot be read, or whose columns are not clear: nothing of it is recorded. */
export class SheetFileError extends Error {
  readonly code = 'sheet_file';

  constructor(
    message: string,
    /** The next thing to do. */
    readonly hint: string,
  ) {
    super(message);
  }
}
