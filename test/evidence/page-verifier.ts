import { hash } from 'node:crypto';
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
  verifier ??= verifierWith(globalThis.crypto);
  return verifier;
}

/**
 * Runs the script of the page with digests that are computed at once: those of Node's Web Crypto
 * wait for a thread each, which is most of a verification's time.
 */
export function quickPageVerifier(): PageVerifier {
  const { subtle } = globalThis.crypto;
  return verifierWith({
    subtle: {
      digest: (algorithm: string, bytes: Uint8Array) => {
        const digest = hash(algorithm.replace('-', ''), bytes, 'buffer');
        return Promise.resolve(new Uint8Array(digest).buffer);
      },
      importKey: subtle.importKey.bind(subtle),
      verify: subtle.verify.bind(subtle),
      decrypt: subtle.decrypt.bind(subtle),
    },
  });
}

function verifierWith(crypto: object): PageVerifier {
  const [script] = scriptsOf(statementPage);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what is tested
  const run = new Function('crypto', `${script}; return verifier;`) as (
    crypto: object,
  ) => PageVerifier;
  return run(crypto);
}
