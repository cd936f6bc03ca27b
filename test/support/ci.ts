/** The tests run in CI, whose machine has curl and Python: none is skipped there without them. */
export const isInCi = process.env['CI'] !== undefined;

/** Says whether a program could not be started because it is missing; prints what is skipped. */
export function isMissing(program: string, error: Error | undefined, skipped: string): boolean {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT') return false;
  if (isInCi) throw new Error(`CI needs ${program}`, { cause: error });
  console.log(`SKIPPED: ${skipped} did not run, because there is no ${program} on this machine`);
  return true;
}
