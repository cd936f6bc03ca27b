import { counted } from '@penalty-ledger/ledger';
/** The batch size asked for, or 1,000. */
export function batchSizeOf(options: { readonly batchSize?: number } | undefined): number {
  const batchSize = options?.batchSize ?? 1_000;
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw new RangeError(`a batch cannot hold ${counted(batchSize, 'event')}`);
  return batchSize;
}

/** The revision to read from, or 0. */
export function fromOf(options: { readonly from?: number } | undefined): number {
  const from = options?.from ?? 0;
  if (!Number.isSafeInteger(from) || from < 0) throw new RangeError(`${from} is not a revision`);
  return from;
}

/** A position of an engine that numbers its events 1, 2, 3, …; 0 lies before the first. */
export function numberOf(position: string | undefined): number {
  if (position === undefined) return 0;
  if (!/^[1-9]\d{0,15}$/.test(position))
    throw new RangeError(`"${position}" is not a position in this store`);
  return Number(position);
}
