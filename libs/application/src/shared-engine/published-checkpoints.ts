import { ConflictError } from '@penalty-ledger/event-store';
import type { SideEntry } from '@penalty-ledger/event-store/eventstoredb';
import type { KeptCheckpoint } from '@penalty-ledger/sequencer';
import type { SharedEngine } from '../stores/open-store.js';
import { publishedCheckpointsName } from '../stores/side-streams.js';

const type = 'CheckpointPublished';

/**
 * The checkpoints of a ledger whose events several nodes share, in a stream beside the events and
 * outside the tree. Each node keeps them in its own log too, and hands out only what the others can
 * know of.
 */
export class PublishedCheckpoints {
  readonly #stream;
  readonly #known: KeptCheckpoint[] = [];

  constructor(engine: Pick<SharedEngine, 'side'>) {
    this.#stream = engine.side(publishedCheckpointsName);
  }

  /**
   * Everything that was published so far, oldest first. @throws StoreUnavailableError; RangeError
   * when another program writes to the stream
   */
  async all(): Promise<readonly KeptCheckpoint[]> {
    for (;;) {
      const page = await this.#stream.from(this.#known.length);
      this.#known.push(...page.map(checkpointIn));
      if (page.length === 0) return this.#known;
    }
  }

  /**
   * Publishes those that are for more events than the last one there. Another node's that came
   * first stays, and those it covers are not published.
   *
   * @param checkpoints in order of size
   * @throws StoreUnavailableError when one may or may not be there: publish again
   */
  async publish(checkpoints: readonly KeptCheckpoint[]): Promise<void> {
    for (const { size, note } of checkpoints) {
      for (;;) {
        const last = (await this.all()).at(-1);
        if (last !== undefined && last.size >= size) break;
        try {
          const expected = this.#known.length === 0 ? 'no_stream' : this.#known.length - 1;
          await this.#stream.append(expected, { type, data: { size, note } });
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
        }
      }
    }
  }
}

function checkpointIn({ type: found, data, revision }: SideEntry): KeptCheckpoint {
  const { size, note } = (
    typeof data === 'object' && data !== null ? data : {}
  ) as Partial<KeptCheckpoint>;
  if (found !== type || typeof size !== 'number' || typeof note !== 'string')
    throw new RangeError(
      `entry ${revision} of the published checkpoints is not a checkpoint: ` +
        'another program writes to their stream',
    );
  return { size, note };
}
