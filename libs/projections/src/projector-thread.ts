import { AnsweringThread, type Position } from '@penalty-ledger/event-store';
import type { Projector } from './projector.js';

/** The files that the thread reads and writes. */
export interface ProjectorThreadData {
  /** The file of the SQLite event store. */
  readonly events: string;
  /** The file of the read models. */
  readonly path: string;
}

const body = new URL('../dist/projector-worker.js', import.meta.url);

/**
 * Folds in a separate thread, which reads the events from the store's file and checks them like
 * every reader.
 */
export function projectorInItsOwnThread(data: ProjectorThreadData): Projector {
  const failure = (cause: unknown): Error =>
    cause instanceof Error
      ? cause
      : new Error('the thread that keeps the read models has failed', { cause });
  const thread = new AnsweringThread<Position, undefined>(body, data, failure);
  return {
    fold: (_events, last) => thread.ask(last),
    close: () => thread.end(),
  };
}
