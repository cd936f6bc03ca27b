import type { PackWanted } from '@penalty-ledger/application/packing';
import { closed, enumOf, type Instant, type Shape } from '@penalty-ledger/ledger';
import { EventEmitter, once } from 'node:events';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { Type } from '@sinclair/typebox';

/** The step that a pack is in. */
export type PackProgress = Shape<typeof PackProgressSchema>;
export const PackProgressSchema = closed({
  step: enumOf(['waiting', 'gathering', 'printing', 'storing']),
  done: Type.Integer({ description: 'events of the step; in the later steps 0 or 1' }),
  of: Type.Integer(),
});

/** The state of a pack. */
export type PackState =
  | { readonly status: 'waiting'; readonly progress: PackProgress }
  | { readonly status: 'building'; readonly progress: PackProgress }
  | {
      readonly status: 'ready';
      readonly bytes: number;
      /** The hash of the file, in hexadecimal. */
      readonly sha256: string;
      /** The pages of `statement.pdf`. */
      readonly pages: number;
      /** Characters that the font lacks; `statement.pdf` shows their code points. */
      readonly missingGlyphs: readonly string[];
      /** The instant at which the file is deleted. */
      readonly expiresAt: Instant;
    }
  | { readonly status: 'failed'; readonly error: unknown; readonly expiresAt: Instant }
  /** Deleted. */
  | { readonly status: 'gone' };

/** One pack that somebody asked for. */
export class EvidencePack {
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #ended = new AbortController();
  #state: PackState = { status: 'waiting', progress: { step: 'waiting', done: 0, of: 1 } };

  constructor(
    /** A random UUID, which cannot be guessed. */
    readonly id: string,
    readonly requester: Principal,
    readonly wanted: PackWanted,
    readonly requestedAt: Instant,
  ) {}

  get state(): PackState {
    return this.#state;
  }

  /** Aborted once the pack is gone. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** A pack that is gone stays so. */
  become(state: PackState): void {
    if (this.#state.status === 'gone') return;
    this.#state = state;
    if (state.status === 'gone') this.#ended.abort();
    this.#changes.emit('changed');
  }

  /**
   * Gives its state now and at each change until it is ready, failed or gone. A slow reader gets
   * only the latest.
   */
  async *states(signal: AbortSignal): AsyncGenerator<PackState> {
    for (let sent: PackState | undefined; !signal.aborted;) {
      const { state } = this;
      if (state === sent) {
        await once(this.#changes, 'changed', { signal }).catch(() => undefined);
        continue;
      }
      sent = state;
      yield state;
      if (!['waiting', 'building'].includes(state.status)) return;
    }
  }
}
