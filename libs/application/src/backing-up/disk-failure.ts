/** A file could not be written. The code is the operating system's, as `ENOSPC`. */
export class FileNotWrittenError extends Error {
  constructor(
    readonly path: string,
    readonly code: string,
    cause: Error,
  ) {
    super(`"${path}" cannot be written: ${cause.message}`, { cause });
  }
}

/** Runs work on a file; a failure of the disk, which Node reports without the path, names it. */
export async function naming<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof FileNotWrittenError) throw error;
    const code = 'code' in error && 'syscall' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    throw new FileNotWrittenError(path, code, error);
  }
}
