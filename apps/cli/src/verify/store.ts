import type { InBoth } from '@penalty-ledger/application/language';
import {
  verifyLedger,
  type OutsideFile,
  type Verification,
  type VerifyStep,
} from '@penalty-ledger/application/verification';
import type { VerifierKey } from '@penalty-ledger/merkle-log';
import { startProgress, type Progress } from '../terminal/progress.js';
import { readHeld } from './held-file.js';
import { saidIn } from '../terminal/language.js';

const labels: Readonly<Record<VerifyStep, InBoth>> = {
  events: { en: 'events', zh: '事件' },
  decisions: { en: 'decide again', zh: '重新判定' },
  'read models': { en: 'fold again', zh: '重新计算' },
};

/** Verifies a whole ledger, with a bar for each pass over its events. */
export async function verifyStore(
  url: string,
  keys: readonly VerifierKey[] | undefined,
  outside: { readonly receipts: readonly string[]; readonly checkpoints: readonly string[] },
): Promise<Verification> {
  const files = [
    ...(await outsideFiles('receipt', outside.receipts)),
    ...(await outsideFiles('checkpoint', outside.checkpoints)),
  ];
  let shown: { readonly step: VerifyStep; readonly progress: Progress } | undefined;
  const onProgress = (step: VerifyStep, events: number, total: number | undefined): void => {
    if (shown?.step !== step) {
      shown?.progress.stop();
      shown = {
        step,
        progress: startProgress({ label: saidIn(labels[step]), unit: 'events', total }),
      };
    }
    shown.progress.update(events);
  };
  try {
    return await verifyLedger({ url, files, onProgress, ...(keys !== undefined && { keys }) });
  } finally {
    shown?.progress.stop();
  }
}

function outsideFiles(kind: OutsideFile['kind'], names: readonly string[]): Promise<OutsideFile[]> {
  return Promise.all(names.map(async (name) => ({ kind, name, bytes: await readHeld(name) })));
}
