import type { InBoth } from '@penalty-ledger/ledger';

/** Damage that several adapters find, in the words of each reader. */

export const emptyStream: InBoth = {
  en: 'missing: the stream has no events left',
  zh: '缺失：事件流中已没有事件',
};

/** The event that is missing where another number comes next. */
export function missingBefore(next: number | string): InBoth {
  return { en: `missing: ${next} is the next there is`, zh: `缺失：其后为 ${next}` };
}

/** The bytes are not those that were stored. */
export function otherHash(actual: string, stored: string): InBoth {
  return {
    en: `its bytes have the hash ${actual}, and ${stored} was stored`,
    zh: `其字节的哈希为 ${actual}，而存储时为 ${stored}`,
  };
}

export const noEvent: InBoth = { en: 'its bytes are no event', zh: '其字节不是事件' };
export const missing: InBoth = { en: 'missing', zh: '缺失' };

export const deletedForGood: InBoth = {
  en: 'the stream was deleted for good on the engine',
  zh: '该事件流已在存储引擎上被永久删除',
};
