import { IntegrityError, type EventStore } from '@penalty-ledger/event-store';
import type { InBoth } from '@penalty-ledger/ledger';
import {
  appendLeaves,
  emptyRoot,
  MemoryTiles,
  rootAt,
  type Hash,
} from '@penalty-ledger/merkle-log';
import { repeated, RepeatsCheck, StreamEnds } from '../verification/repeats.js';
import { differenceOf, eventsOf } from './copy-events.js';

/** The common content of two equal stores. */
export interface SameEvents {
  readonly events: number;
  readonly streams: number;
  /** The root of the tree over the leaf hashes, in order. */
  readonly root: Hash;
  /** The last event of each stream. */
  readonly heads: ReadonlyMap<string, { readonly revision: number; readonly leafHash: Hash }>;
}

const leavesAtOnce = 4_096;

/**
 * Reads two stores side by side to their ends, and checks that they hold the same events in the
 * same order with the same hashes, none of which repeats another.
 *
 * @throws IntegrityError at the first difference
 */
export async function compareStores(
  source: EventStore,
  target: EventStore,
  onProgress: (events: number) => void,
): Promise<SameEvents> {
  const tiles = new MemoryTiles();
  const heads = new Map<string, { revision: number; leafHash: Hash }>();
  const there = eventsOf(target);
  const repeats = new RepeatsCheck();
  const ends = new StreamEnds();
  let pending: Hash[] = [];
  let size = 0;
  const grow = (): void => {
    tiles.write(appendLeaves(tiles, size, pending));
    size += pending.length;
    pending = [];
    onProgress(size);
  };
  for await (const event of eventsOf(source)) {
    const { stream, revision, leafHash } = event;
    const { value: copy } = await there.next();
    const difference: InBoth | undefined =
      copy === undefined
        ? { en: 'it is missing in the target', zh: '目标中缺少它' }
        : differenceOf(event, copy);
    if (difference !== undefined)
      throw new IntegrityError(
        {
          en: `the copy is not the source: ${difference.en}`,
          zh: `副本与来源不同：${difference.zh}`,
        },
        { stream, revision },
      );
    heads.set(stream, { revision, leafHash });
    const read = ends.next(event);
    if (read !== undefined) repeats.take(read.form, event.body, read.index);
    pending.push(leafHash);
    if (pending.length === leavesAtOnce) grow();
  }
  grow();
  const { value: further } = await there.next();
  if (further !== undefined) {
    const { stream, revision } = further;
    throw new IntegrityError(
      {
        en: 'the copy is not the source: the target has this event beyond its end',
        zh: '副本与来源不同：目标在来源的末尾之后还有此事件',
      },
      { stream, revision },
    );
  }
  for await (const { unique, place, first } of repeats.find({ inOrder: () => source.readAll() }))
    throw new IntegrityError(repeated(unique, first), {
      ...place,
      position: String(place.position),
    });
  return {
    events: size,
    streams: heads.size,
    root: size === 0 ? emptyRoot : rootAt(tiles, size),
    heads,
  };
}
