import { receiptByteLimit } from '@penalty-ledger/merkle-log';
import { readUpTo } from '../terminal/input.js';

/**
 * Reads a receipt or checkpoint that a reader keeps. A longer file is neither, and its verification
 * says so; more of it need not be read.
 */
export function readHeld(file: string): Promise<Uint8Array> {
  return readUpTo(file, receiptByteLimit);
}
