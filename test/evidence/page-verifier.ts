import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackCheck } from '@penalty-ledger/evidence';

/** The verifier in the page of the statement, as the page's script defines it. */
export interface PageVerifier {
  readonly verify: (
    zip: Uint8Array,
    keys: readonly string[],
    checkpoints?: readonly string[],
    receipts?: readonly string[],
  ) => Promise<{ readonly holds: boolean; readonly checks: readonly PackCheck[] }>;
}

const script = readFileSync(
  join(__dirname, '..', '..', 'libs', 'evidence', 'page', 'verify.js'),
  'utf8',
);
let verifier: PageVerifier | undefined;

/** Runs the page's script, with the Web's functions that Node has. */
export function pageVerifier(): PageVerifier {
  if (verifier !== undefined) return verifier;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what is tested
  const run = new Function(`'use strict'; ${script}; return verifier;`) as () => PageVerifier;
  verifier = run();
  return verifier;
}
