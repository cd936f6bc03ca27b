import type { InBoth } from '@penalty-ledger/application/language';
import type { Check, Diagnosis } from './diagnosis.js';

export const ok = (check: Check, found: string): Diagnosis => ({ status: 'ok', check, found });
export const warn = (check: Check, found: string, hint: string): Diagnosis => ({
  status: 'warn',
  check,
  found,
  hint,
});
export const fail = (check: Check, found: string, hint: string): Diagnosis => ({
  status: 'fail',
  check,
  found,
  hint,
});

export const restoreStore: InBoth = {
  en: 'restore the store from a backup; "ledger verify" names every event',
  zh: '请从备份恢复存储；"ledger verify" 会指出每个事件',
};

export const restoreKeys: InBoth = {
  en: 'restore the key file from its own backup; until then their names and texts cannot be read',
  zh: '请从密钥文件自己的备份恢复；在此之前无法读取其名称和文字',
};

/** Findings of one kind that are shown. */
const findingsShown = 20;

export function firstOf<Found>(found: readonly Found[]): readonly Found[] {
  return found.slice(0, findingsShown);
}
