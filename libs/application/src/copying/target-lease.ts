import { ledgerZone, LedgerZone, SpokenError, type InBoth } from '@penalty-ledger/ledger';
import { timeZoneDataVersion } from '../clock.js';
import type { SharedEngine } from '../stores/open-store.js';
import { LeaseHeldError, WriterLease } from '../shared-engine/writer-lease.js';

/** Somebody holds the lease of the target, or held it when he was killed. Nothing was written. */
export class TargetHeldError extends SpokenError {
  readonly code = 'target_held';
  readonly hint: InBoth;

  constructor(
    url: string,
    { holder, freeAt }: Pick<LeaseHeldError, 'holder' | 'freeAt'>,
    options?: ErrorOptions,
  ) {
    super(
      { en: `${holder} holds the lease of ${url}`, zh: `${holder} 持有 ${url} 的租约` },
      options,
    );
    const until = new LedgerZone(ledgerZone, timeZoneDataVersion).format(freeAt);
    this.hint = {
      en:
        `an interrupted copy or a node that died keeps it until ${until}: ` +
        'run the same copy again then, and it goes on where it ended. ' +
        'A node or copy that is running prolongs it: stop it, ' +
        'because no other program may write to the target meanwhile',
      zh:
        `中断的复制或已终止的节点会保留租约至 ${until}：届时重新运行同一条复制命令，` +
        '即可从中断处继续。正在运行的节点或复制会续期：请将其停止，' +
        '因为期间其他程序不得写入目标',
    };
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
