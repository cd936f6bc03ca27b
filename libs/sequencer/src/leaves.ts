import {
  comparePositions,
  envelopeOf,
  IntegrityError,
  type Position,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import { placeAfter, placeDefects, type EventEnvelope, type InBoth } from '@penalty-ledger/ledger';
import { appendLeaves, type StreamHead } from '@penalty-ledger/merkle-log';
import { countedLeafOf } from './leaf-index.js';
import { rebuildLog, type LogFile } from './log-file.js';
import { proved } from './proving.js';

/**
 * Makes leaves of a batch that follows `size` leaves, in one step with the cursor.
 *
 * @param after the position before the batch
 * @returns false when the tree has another size: another process was first
 * @throws IntegrityError when an event does not follow the one before it in its stream, or does not
 * stand at the next leaf
 */
export function makeLeaves(
  file: LogFile,
  batch: readonly StoredEvent[],
  size: number,
  after: Position | undefined,
): boolean {
  const last = batch.at(-1);
  if (last === undefined) return true;
  return file.inOneStep(() => {
    const { progress } = file;
    if (progress.size !== size) return false;
    const heads = headsAfter(file, batch, size, after);
    const begun = batch.filter(({ revision }) => revision === 0).length;
    const leafHashes = batch.map(({ leafHash }) => leafHash);
    const tiles = proved({}, () => appendLeaves(file, size, leafHashes));
    // The envelope is the same for events of every type, those of newer programs too.
    const { recordedAt } = JSON.parse(last.body) as EventEnvelope;
    const positions = batch.map(({ position }) => position);
    file.advance(tiles, heads, positions, {
      cursor: last.position,
      size: size + batch.length,
      streams: progress.streams + begun,
      lastRecordedAt: recordedAt,
    });
    return true;
  });
}

/** The heads a batch moves. */
function headsAfter(
  file: LogFile,
  batch: readonly StoredEvent[],
  size: number,
  after: Position | undefined,
): ReadonlyMap<string, StreamHead> {
  const heads = new Map<string, StreamHead>();
  let last = after;
  for (const [offset, { stream, revision, position, body, leafHash }] of batch.entries()) {
    const place = { stream, revision, position };
    if ((countedLeafOf(position) ?? size + offset) !== size + offset)
      throw new IntegrityError(
        { en: `it is not leaf ${size + offset}`, zh: `它不是叶 ${size + offset}` },
        place,
      );
    if (comparePositions(position, last) <= 0)
      throw new IntegrityError(
        {
          en: `it was read after the event at position ${last ?? ''}`,
          zh: `它在全局位置 ${last ?? ''} 的事件之后读出`,
        },
        place,
      );
    last = position;
    const before = heads.get(stream) ?? file.head(stream);
    const event = { stream, revision, previous: envelopeOf(body)?.previous ?? '' };
    const [defect] = placeDefects(event, placeAfter(stream, before));
    if (defect !== undefined) {
      const last: InBoth =
        before === undefined
          ? { en: 'no event', zh: '没有事件' }
          : { en: `revision ${before.revision}`, zh: `的流内序号为 ${before.revision}` };
      const problem: InBoth = {
        en: `the tree has ${last.en} before it, and ${defect.message.en}`,
        zh: `树中在它之前${last.zh}，而${defect.message.zh}`,
      };
      throw new IntegrityError(problem, place, { hint: rebuildLog });
    }
    heads.set(stream, { revision, leafHash });
  }
  return heads;
}
