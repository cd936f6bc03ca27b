import { existsSync } from 'node:fs';
import { LogFile } from '@penalty-ledger/sequencer';

/**
 * The end of each stream as this node's Merkle log has it: a stream that the engine shows shorter
 * lost events, or they are hidden. Read from the file while another part may write it.
 */
export class SignedHeads {
  readonly #path: string;
  #file: LogFile | undefined;

  /** @param path of the Merkle log, which need not exist yet */
  constructor(path: string) {
    this.#path = path;
  }

  /** The last revision in the log; `undefined` for a stream that is not in it. */
  readonly revisionOf = (stream: string): number | undefined => {
    if (this.#file === undefined && existsSync(this.#path)) this.#file = this.#opened();
    return this.#file?.head(stream)?.revision;
  };

  readonly close = (): void => {
    this.#file?.close();
    this.#file = undefined;
  };

  /** A log that cannot be read proves nothing here; `verify` and the signer say what is wrong. */
  #opened(): LogFile | undefined {
    try {
      return LogFile.open(this.#path, 'read');
    } catch {
      return undefined;
    }
  }
}
