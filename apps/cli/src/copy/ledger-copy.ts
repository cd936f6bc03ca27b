import {
  copyLedger,
  type CopyLedger,
  type CopyStep,
  type LedgerCopied,
} from '@penalty-ledger/application/copying';
import { noteAct } from '../ledger/noted-act.js';
import { startProgress, type Progress } from '../terminal/progress.js';

const labels: Readonly<Record<CopyStep, string>> = {
  copy: 'copy',
  compare: 'compare',
  'read models': 'fold',
};

/** A copy, and how long it took with all comparing, in seconds. */
export interface TimedCopy extends LedgerCopied {
  readonly seconds: number;
}

/** Copies a ledger, with a bar for each pass over its events. */
export async function copyWithProgress(wanted: Omit<CopyLedger, 'onProgress'>): Promise<TimedCopy> {
  noteAct(wanted.from, 'copy', { keys: wanted.keys ? 'included' : 'none' });
  const startedMs = performance.now();
  let shown: { readonly step: CopyStep; readonly progress: Progress } | undefined;
  const onProgress = (step: CopyStep, events: number): void => {
    if (shown?.step !== step) {
      shown?.progress.stop();
      shown = { step, progress: startProgress({ label: labels[step], unit: 'events' }) };
    }
    shown.progress.update(events);
  };
  try {
    const copied = await copyLedger({ ...wanted, onProgress });
    return { ...copied, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    shown?.progress.stop();
  }
}
