import type { SharedEngine } from '../stores/open-store.js';
import { LeaseHeldError, WriterLease } from '../shared-engine/writer-lease.js';

/** Somebody holds the lease of the target, or held it when he was killed. Nothing was written. */
export class TargetHeldError extends Error {
  readonly code = 'target_held';
  readonly hint: string;

  constructor(
    url: string,
    { holder, freeAt }: Pick<LeaseHeldError, 'holder' | 'freeAt'>,
    options?: ErrorOptions,
  ) {
    super(`${holder} holds the lease of ${url}`, options);
    this.hint =
      `an interrupted copy or a node that died keeps it until ${freeAt}: ` +
      'run the same copy again then, and it goes on where it ended. ' +
      'A node or copy that is running prolongs it: stop it, ' +
      'because no other program may write to the target meanwhile';
  }
}

/**
 * Takes the lease of an engine that is to be filled.
 *
 * @param termMs its term without renewal; by default that of a node
 * @throws TargetHeldError when another program holds it
 */
export async function takeTarget(
  engine: SharedEngine,
  url: string,
  termMs: number | undefined,
): Promise<WriterLease> {
  try {
    return await WriterLease.take(engine, url, { ...(termMs !== undefined && { termMs }) });
  } catch (error) {
    if (error instanceof LeaseHeldError) throw new TargetHeldError(url, error, { cause: error });
    throw error;
  }
}
