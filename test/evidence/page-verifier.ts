import type { PackCheck, Verified } from '@penalty-ledger/evidence';
import { statementPage } from '../../libs/evidence/src/statement-page.js';

/** The verifier in the page of the statement, as the page's script defines it. */
export interface PageVerifier {
  readonly verify: (
    zip: Uint8Array,
    keys: readonly string[],
    checkpoints?: readonly string[],
    receipts?: readonly string[],
  ) => Promise<{
    readonly holds: boolean;
    readonly checks: readonly PackCheck[];
    readonly verified?: Verified;
  }>;
}

/** Returns the scripts of a page: the verifier, and the one that draws the statement with it. */
export function scriptsOf(page: string): [verifier: string, statement: string] {
  const [verifier, statement] = Array.from(
    page.matchAll(/^<script>\n([\s\S]*?)\n<\/script>$/gm),
    ([, script]) => script,
  );
  return [verifier!, statement!];
}

let verifier: PageVerifier | undefined;

/** Runs the script of the page, with the Web's functions that Node has. */
export function pageVerifier(): PageVerifier {
  if (verifier !== undefined) return verifier;
  const [script] = scriptsOf(statementPage);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what is tested
  const run = new Function(`${script}; return verifier;`) as () => PageVerifier;
  verifier = run();
  return verifier;
}
