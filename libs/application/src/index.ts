export { applyLines } from './intake/apply-lines.js';
export type { AuthorizeLine, LineOutcome, LineRefusal, LineTarget } from './intake/apply-lines.js';
export { importRules, simulationRules, simulationStart } from './intake/line-rules.js';
export type { LineRules } from './intake/line-rules.js';
export { systemClock, timeZoneDataVersion } from './clock.js';
export type { Clock } from './clock.js';
export { CsvHeaderError, openSessionFile, reportColumns } from './intake/csv-lines.js';
export type { CsvOptions, SessionFile, SessionRow } from './intake/csv-lines.js';
export { inOrderOfTime } from './answering/deadlines.js';
export type { Deadline, DeadlineKind } from './answering/deadlines.js';
export type { EventReference } from './answering/agency-sources.js';
export type { ExplainAnswer, ExplainedDeduction } from './answering/explain.js';
export type { ComplaintWithTexts, ExplainedBasis } from './answering/explained-basis.js';
export type { FirstAcceptance } from './answering/first-acceptance.js';
export { KeyDestroyedError, KeysDifferError, KeyStore, signingKeyName } from './keys/key-store.js';
export type { SigningKey } from './keys/key-store.js';
export { misreadPlaces, misreadReasons } from './intake/json-text.js';
export type { MisreadPlace } from './intake/json-text.js';
export { LedgerModule } from './bus/ledger-module.js';
export { LedgerReader, NotCaughtUpError } from './answering/ledger-reader.js';
export type { Answer, QueryError, ReaderParts, ThemesAtK } from './answering/ledger-reader.js';
export { LedgerWriter, LedgerStoppedError } from './recording/ledger-writer.js';
export type { LedgerWriterParts } from './recording/ledger-writer.js';
export type { TimedLine } from './recording/command-executor.js';
export { LedgerNode } from './nodes/ledger-node.js';
export type { LeaseSeen, NodeNotice, NodeRole, OpenNode } from './nodes/ledger-node.js';
export { LeaseLostError } from './shared-engine/writer-lease.js';
export type { LeaseHealth, NodeOptions } from './shared-engine/writer-lease.js';
export type { AppealEntry, AppealListQuery } from './answering/lists/appeal-list.js';
export type { ComplaintEntry, ComplaintListQuery } from './answering/lists/complaint-list.js';
export type { ListPage } from './answering/lists/list-page.js';
export type { SessionEntry, SessionListQuery } from './answering/lists/session-list.js';
export { lineByteLimit } from './intake/file-lines.js';
export type { ReadText } from './intake/file-lines.js';
export { readLines } from './intake/ndjson.js';
export { LedgerCommands, LedgerQuestion } from './bus/messages.js';
export type { SendCommands } from './bus/messages.js';
export {
  ledgerZone,
  LedgerSettingsError,
  NoLedgerError,
  openLedger,
  openReader,
} from './opening/open-ledger.js';
export type { OpenedLedger, OpenedReader, OpenLedger } from './opening/open-ledger.js';
export type { AppendedEvent, Outcome } from './recording/outcome.js';
export { querySchemas, readQuery } from './answering/queries.js';
export type { LedgerQuery, QueryName, ReadQuery } from './answering/queries.js';
export type { SessionAnswer } from './answering/session-answer.js';
export type { SlotsWithResults } from './answering/slots-with-results.js';
export { openExistingStore, openStore, sharedEngineOf, streamsOf } from './stores/open-store.js';
export type { SharedEngine, StoreAccess } from './stores/open-store.js';
export {
  defaultStoreUrl,
  locationOf,
  StoreUrlError,
  withoutCredentials,
} from './stores/store-url.js';
export type { EventStoreDbLocation, LedgerLocation, SqliteLocation } from './stores/store-url.js';
