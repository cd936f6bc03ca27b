import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { EventRecord } from '@penalty-ledger/ledger';
import { appendRequestOf } from '../append-request.js';
import type { OnCommitted } from '../committed-group.js';
import type { Appended, ExpectedRevision } from '../event-store.js';
import { EventRows } from './event-rows.js';
import { GroupCommit } from './group-commit.js';
import type { RowKey } from './row-macs.js';
import { moveLogIntoFile } from './write-ahead-log.js';

/** The side that appends to a file: in this thread or in one of its own. */
export interface Writer {
  /** As `EventStore.append`. */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
  ): Promise<Appended>;
  /** Puts the rows of later appends under MACs of a key. */
  useRowKey(key: RowKey): void;
  /** Finishes what was called before, and lets go of the file. */
  close(): Promise<void>;
}

/**
 * Appends in this thread, which stands still for each commit.
 *
 * @param db closed together with the writer
 * @param committed observes every commit that added events
 */
export function writerInThisThread(
  db: DatabaseSyncInstance,
  file: string,
  committed: OnCommitted,
): Writer {
  const groupCommit = new GroupCommit(db, new EventRows(db, file), file, committed);
  return {
    append: async (stream, expected, events) =>
      groupCommit.append(appendRequestOf(stream, expected, events)),
    useRowKey: (key) => {
      groupCommit.useRowKey(key);
    },
    close: async () => {
      groupCommit.flush();
      moveLogIntoFile(db);
      db.close();
    },
  };
}
