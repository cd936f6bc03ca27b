import type { InBoth } from '@penalty-ledger/application/language';
import {
  copyLedger,
  type CopyLedger,
  type CopyStep,
  type LedgerCopied,
} from '@penalty-ledger/application/copying';
import { noteAct } from '../ledger/noted-act.js';
import { startProgress, type Progress } from '../terminal/progress.js';
import { saidIn } from '../terminal/language.js';

const labels: Readonly<Record<CopyStep, InBoth>> = {
  copy: { en: 'copy', zh: '复制' },
  compare: { en: 'compare', zh: '比对' },
  'read models': { en: 'fold', zh: '重新计算' },
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
      shown = { step, progress: startProgress({ label: saidIn(labels[step]), unit: 'events' }) };
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
