import type { EventStore } from '@penalty-ledger/event-store';
import {
  agencyOfStream,
  clockCommand,
  passedIn,
  readEvent,
  type Instant,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import { scheduleChangeOf, type ReadModels, type Scheduled } from '@penalty-ledger/projections';

/**
 * The deductions that take effect later than they were recorded, in the order in which the clock
 * will pass them.
 */
export class DueDeductions {
  /** Latest first, so that the next one is taken from the end. */
  readonly #queue: Scheduled[];

  /** @param scheduled in the order in which they fall due */
  constructor(scheduled: readonly Scheduled[]) {
    this.#queue = scheduled.toReversed();
  }

  /** Takes the next one that falls due at or before `now`. */
  takeUpTo(now: Instant): Scheduled | undefined {
    const next = this.#queue.at(-1);
    return next !== undefined && next.effectiveAt <= now ? this.#queue.pop() : undefined;
  }

  /** Notes what an event schedules, or schedules anew. */
  note(event: LedgerEvent): void {
    const change = scheduleChangeOf(event);
    if (change === undefined) return;
    const { agencyId, deductionId, effectiveAt } = change;
    if (change.isCorrection) this.#forget(deductionId);
    if (change.isScheduled) this.#insert({ agencyId, deductionId, effectiveAt });
  }

  #forget(deductionId: string): void {
    const index = this.#queue.findIndex((scheduled) => scheduled.deductionId === deductionId);
    if (index !== -1) this.#queue.splice(index, 1);
  }

  #insert(scheduled: Scheduled): void {
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(scheduled, this.#queue[middle])) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, scheduled);
  }
}

/**
 * Returns the deduction with which the last event fell due; `undefined` when another command
 * recorded that event.
 *
 * @throws IntegrityError when its stream is damaged
 */
export async function lastPassed(
  store: EventStore,
  { lastEvent }: Pick<ReadModels, 'lastEvent'>,
): Promise<Scheduled | undefined> {
  const agencyId = lastEvent && agencyOfStream(lastEvent.stream);
  if (lastEvent === undefined || agencyId === undefined) return undefined;
  const reading = store.readStream(lastEvent.stream, { from: lastEvent.revision, batchSize: 1 });
  for await (const [last] of reading) {
    const { causation } = last === undefined ? {} : readEvent(last);
    if (causation?.command !== clockCommand) return undefined;
    const passed = passedIn(causation.commandId);
    return passed && { agencyId, ...passed };
  }
  return undefined;
}

function isBefore(a: Scheduled, b: Scheduled | undefined): boolean {
  if (b === undefined) return false;
  if (a.effectiveAt !== b.effectiveAt) return a.effectiveAt < b.effectiveAt;
  return a.agencyId === b.agencyId ? a.deductionId < b.deductionId : a.agencyId < b.agencyId;
}
