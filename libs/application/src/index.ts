export { applyLines, importRules, simulationRules, simulationStart } from './apply-lines.js';
export type { LineOutcome, LineRules } from './apply-lines.js';
export { systemClock, timeZoneDataVersion } from './clock.js';
export type { Clock } from './clock.js';
export { CsvHeaderError, openSessionFile, reportColumns } from './csv-lines.js';
export type { CsvOptions, SessionFile, SessionRow } from './csv-lines.js';
export { inOrderOfTime } from './deadlines.js';
export type { Deadline, DeadlineKind } from './deadlines.js';
export type { EventReference } from './agency-sources.js';
export type { ExplainAnswer, ExplainedDeduction } from './explain.js';
export type { ComplaintWithTexts, ExplainedBasis } from './explained-basis.js';
export type { FirstAcceptance } from './first-acceptance.js';
export { KeyDestroyedError, KeysDifferError, KeyStore, signingKeyName } from './key-store.js';
export type { SigningKey } from './key-store.js';
export { misreadPlaces, misreadReasons } from './json-text.js';
export type { MisreadPlace } from './json-text.js';
export { LedgerModule } from './ledger-module.js';
export { LedgerReader, NotCaughtUpError } from './ledger-reader.js';
export type { Answer, QueryError, ReaderParts, ThemesAtK } from './ledger-reader.js';
export { Ledger, LedgerStoppedError } from './ledger.js';
export type { LedgerParts } from './ledger.js';
export type { TimedLine } from './judging.js';
export { LedgerNode } from './nodes/ledger-node.js';
export type { LeaseSeen, NodeNotice, NodeRole, OpenNode } from './nodes/ledger-node.js';
export { LeaseLostError } from './nodes/writer-lease.js';
export type { LeaseHealth, NodeOptions } from './nodes/writer-lease.js';
export type { AppealEntry, AppealListQuery } from './lists/appeal-list.js';
export type { ComplaintEntry, ComplaintListQuery } from './lists/complaint-list.js';
export type { ListPage } from './lists/list-page.js';
export type { SessionEntry, SessionListQuery } from './lists/session-list.js';
export { lineByteLimit, readLines, splitLines } from './lines.js';
export type { LineBytes, ReadText } from './lines.js';
export { LedgerCommands, LedgerQuestion } from './messages.js';
export {
  ledgerZone,
  LedgerSettingsError,
  NoLedgerError,
  openLedger,
  openReader,
} from './open-ledger.js';
export type { OpenedLedger, OpenedReader, OpenLedger } from './open-ledger.js';
export type { AppendedEvent, Outcome } from './outcome.js';
export { querySchemas, readQuery } from './queries.js';
export type { LedgerQuery, QueryName, ReadQuery } from './queries.js';
export type { SessionAnswer } from './session-answer.js';
export type { SlotsWithResults } from './slots-with-results.js';
export { openExistingStore, openStore, sharedEngineOf, streamsOf } from './open-store.js';
export type { SharedEngine, StoreAccess } from './open-store.js';
export { defaultStoreUrl, locationOf, StoreUrlError, withoutCredentials } from './store-url.js';
export type { EventStoreDbLocation, LedgerLocation, SqliteLocation } from './store-url.js';
