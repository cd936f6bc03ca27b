/**
 * Finds out that an append came before: at the exact revisions, or among the ids the server
 * remembers.
 */
import type { StreamState } from './stream-state.js';
import type { ExpectedRevision, ProposedEvent, WireEvent } from './wire-event.js';

/** The last revision a client says the stream has, −1 for none; `undefined` when it states none. */
export function statedRevision(expected: ExpectedRevision): bigint | undefined {
  if (expected === 'no_stream') return -1n;
  return typeof expected === 'bigint' ? expected : undefined;
}

/**
 * The last revision of an equal append behind `expected`, compared id by id at the exact revisions.
 */
export function repeatAt(
  stream: StreamState | undefined,
  expected: bigint,
  proposals: readonly ProposedEvent[],
): bigint | undefined {
  const first = Number(expected) + 1;
  return proposals.every(({ id }, index) => stream?.events[first + index]?.id === id)
    ? expected + BigInt(proposals.length)
    : undefined;
}

/**
 * Says whether at least the first event is stored behind `expected` already. Such an append is
 * neither a repeat nor a new append.
 */
export function matchesPartly(
  stream: StreamState | undefined,
  expected: bigint,
  proposals: readonly ProposedEvent[],
): boolean {
  return stream?.events[Number(expected) + 1]?.id === proposals[0]?.id;
}

const recentIdsKept = 20_000;

/**
 * The ids of recent events: the server keeps some megabytes of them in memory, and forgets them
 * when it restarts.
 */
export class RecentIds {
  readonly #ids = new Map<string, { readonly stream: string; readonly revision: bigint }>();

  /** Remembers an event's id, and forgets the oldest when there are too many. */
  remember({ id, stream, revision }: WireEvent): void {
    this.#ids.set(id, { stream, revision });
    if (this.#ids.size <= recentIdsKept) return;
    const [oldest] = this.#ids.keys();
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  /**
   * Returns the last revision of the same append, `'partly'` when some of its ids are known, or
   * nothing.
   */
  repeat(stream: string, proposals: readonly ProposedEvent[]): bigint | 'partly' | undefined {
    const known = proposals.map(({ id }) => {
      const recent = this.#ids.get(id);
      return recent?.stream === stream ? recent.revision : undefined;
    });
    if (known.every((revision) => revision === undefined)) return undefined;
    return known.includes(undefined) ? 'partly' : known.at(-1);
  }

  /** Forgets all. */
  clear(): void {
    this.#ids.clear();
  }
}
