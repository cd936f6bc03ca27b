import { IntegrityError } from '@penalty-ledger/event-store';
import { counted, type InBoth } from '@penalty-ledger/ledger';
import {
  HeadPageError,
  parseCheckpoint,
  parseNote,
  TileError,
  VerificationError,
  type Checkpoint,
} from '@penalty-ledger/merkle-log';
import { rebuildLog, type KeptCheckpoint } from './log-file.js';

/** A place in the store. */
export type Place = ConstructorParameters<typeof IntegrityError>[1];

/**
 * Runs work that reads tiles or makes a proof.
 *
 * @throws IntegrityError when it does not lead to the signed root: the file or the store is damaged
 */
export function proved<Result>(place: Place, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (![VerificationError, TileError, HeadPageError].some((damage) => error instanceof damage))
      throw error;
    throw new IntegrityError(
      {
        en: `what is kept does not lead to what was signed (${(error as Error).message})`,
        zh: `所保存的内容推不出所签署的内容（${(error as Error).message}）`,
      },
      { ...place },
      { cause: error, hint: rebuildLog },
    );
  }
}

const restoreLog: InBoth = {
  en: 'restore the .log.db from a backup: the events cannot make a signed checkpoint again',
  zh: '请从备份恢复 .log.db：仅凭事件无法重新生成已签署的检查点',
};

/** Reads a kept note. Its signature is not checked: it was made here. @throws IntegrityError */
export function checkpointOf({ size, note }: KeptCheckpoint): Checkpoint {
  try {
    const checkpoint = parseCheckpoint(parseNote(note).text);
    if (checkpoint.size === size) return checkpoint;
    throw new IntegrityError(
      {
        en: `the checkpoint kept for ${counted(size, 'event')} is one of ${checkpoint.size}`,
        zh: `为 ${size} 个事件保存的检查点实为 ${checkpoint.size} 个事件的检查点`,
      },
      {},
      { hint: restoreLog },
    );
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new IntegrityError(
      {
        en: `the checkpoint kept for ${counted(size, 'event')} is damaged: ${error.message}`,
        zh: `为 ${size} 个事件保存的检查点已损坏：${error.message}`,
      },
      {},
      { cause: error, hint: restoreLog },
    );
  }
}
