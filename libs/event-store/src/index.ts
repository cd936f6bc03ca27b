export { AnsweringThread, answerQuestions } from './answering-thread.js';
export { BoundedCache } from './bounded-cache.js';
export type { CommittedGroup, OnCommitted } from './committed-group.js';
export { envelopeOf } from './envelope.js';
export type { Envelope } from './envelope.js';
export {
  ConflictError,
  CustodyError,
  IntegrityError,
  SchemaTooNewError,
  StoreClosedError,
  StoreLockedError,
  StoreUnavailableError,
} from './errors.js';
export { DamagedStreams } from './damaged-streams.js';
export { damageError, damageOf, damageText } from './event-damage.js';
export type { EventDamage, OnDamage } from './event-damage.js';
export { appendByteLimit, comparePositions } from './event-store.js';
export type {
  Appended,
  DecidedTogether,
  EventStore,
  ExpectedRevision,
  Position,
  ReadAllOptions,
  ReadOptions,
  StoredEvent,
} from './event-store.js';
export { MemoryEventStore, MemoryLog } from './memory/memory-event-store.js';
export { assertWriter, closeUnused, custodyOf, setCustody } from './sqlite/sqlite-event-store.js';
export type { Custody, CustodyRole, WritingRole } from './sqlite/custody.js';
export { copySqliteFile } from './sqlite/file-copy.js';
export { databaseFailure, guarded } from './sqlite/failures.js';
export { makeLastingFolder, removeEmptyFolders, syncFolder } from './lasting-folder.js';
export { makeOwnersFile, removeSqliteFile } from './sqlite/owners-file.js';
export { openSqliteEventStore } from './sqlite/open-sqlite-event-store.js';
export type { SqliteEventStoreOptions } from './sqlite/open-sqlite-event-store.js';
export { SqliteEventStore } from './sqlite/sqlite-event-store.js';
export type { ForeignRows, RowKey } from './sqlite/row-macs.js';
export { RawRows } from './sqlite/raw-rows.js';
export type { RawRow } from './sqlite/raw-rows.js';
export { inTransaction } from './sqlite/transaction.js';
export { droppingOf, lostTriggers, triggersIn } from './sqlite/triggers.js';
export { lockForWriting } from './sqlite/writer-lock.js';
export type { WriterLock } from './sqlite/writer-lock.js';
export { moveLogIntoFile, syncLog } from './sqlite/write-ahead-log.js';
