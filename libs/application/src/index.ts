export { applyLines } from './intake/apply-lines.js';
export type { AuthorizeLine, LineOutcome, LineRefusal, LineTarget } from './intake/apply-lines.js';
export { importRules, simulationRules, simulationStart } from './intake/line-rules.js';
export type { LineRules } from './intake/line-rules.js';
export { ledgerZone, systemClock, timeZoneDataVersion } from './clock.js';
export type { Clock } from './clock.js';
export { OpenParts } from './open-parts.js';
export { readSheet, reportColumns, sheetByteLimit } from './intake/sheet-file.js';
export type {
  SheetFile,
  SheetFormat,
  SheetLine,
  SheetLines,
  SheetOptions,
} from './intake/sheet-file.js';
export { readColumnsFile } from './spreadsheets/column-mapping.js';
export type { ColumnsFile } from './spreadsheets/column-mapping.js';
export { csvRow } from './spreadsheets/csv-cells.js';
export type { Separator } from './spreadsheets/csv-cells.js';
export { encodings } from './spreadsheets/encodings.js';
export type { Encoding } from './spreadsheets/encodings.js';
export { SheetFileError } from './spreadsheets/sheet-file-error.js';
export { sheetKindNames } from './spreadsheets/sheet-kinds.js';
export { DeadlineKindSchema, inOrderOfTime } from './answering/deadlines.js';
export type { Deadline, DeadlineKind } from './answering/deadlines.js';
export type { EventReference } from './answering/agency-sources.js';
export type { ShownText, Withheld } from './answering/shown-texts.js';
export { AppealWithTextsSchema } from './answering/appeal-with-texts.js';
export type { AppealWithTexts } from './answering/appeal-with-texts.js';
export type { SessionWithChanges } from './answering/session-with-changes.js';
export type { ChangedValue } from './answering/changed-values.js';
export type { ExplainAnswer } from './answering/explain.js';
export { ComplaintWithTextsSchema } from './answering/explained-basis.js';
export type { ComplaintWithTexts, ExplainedBasis } from './answering/explained-basis.js';
export type { ExplainedDeduction } from './answering/explained-deduction.js';
export type { FirstAcceptance } from './answering/first-acceptance.js';
export {
  KeyDestroyedError,
  KeysDifferError,
  KeysLockedError,
  KeysOfAnotherLedgerError,
  KeyStore,
  signingKeyName,
} from './keys/key-store.js';
export type { SigningKey } from './keys/key-store.js';
export {
  brokenBound,
  maxDepth,
  maxMembers,
  maxValues,
  misreadPlaces,
  misreadReasons,
} from './intake/json-text.js';
export type { MisreadPlace } from './intake/json-text.js';
export { openRehearsal } from './opening/rehearsal.js';
export { LedgerModule } from './bus/ledger-module.js';
export { AgencySummarySchema } from './answering/agency-answers.js';
export type { AgencySummary } from './answering/agency-answers.js';
export { EventFeed, FedEventSchema, FeedPageSchema } from './answering/event-feed.js';
export type { FedEvent, FeedBatch, FeedFilter, FeedPage } from './answering/event-feed.js';
export { NotCaughtUpError } from './answering/history-follower.js';
export { LedgerReader } from './answering/ledger-reader.js';
export type { AgencyMark } from './answering/ledger-reader.js';
export type { NamedKind, UsedId } from '@penalty-ledger/projections';
export { answerSchemas } from './answering/answers.js';
export type { Answer, AnswerOf } from './answering/answers.js';
export type { ThemesAtK } from './answering/operation-answers.js';
export type { ReaderParts } from './answering/reader-context.js';
export { TimelineSchema, timelineSorts } from './answering/timeline.js';
export type { Act, Timeline } from './answering/timeline.js';
export { TrialSchema } from './answering/trial.js';
export type { AgencyChange, AgencyFigures, Trial, TriedLine } from './answering/trial.js';
export { LedgerWriter, LedgerStoppedError } from './recording/ledger-writer.js';
export type { LedgerWriterParts } from './recording/ledger-writer.js';
export type { TimedLine } from './recording/command-executor.js';
export { LedgerNode } from './nodes/ledger-node.js';
export type { Fence, LeaseSeen, NodeNotice, NodeRole, OpenNode } from './nodes/ledger-node.js';
export { LeaseLostError } from './shared-engine/writer-lease.js';
export type { LeaseHealth, NodeOptions } from './shared-engine/writer-lease.js';
export type { AgencyListQuery } from './answering/lists/agency-list.js';
export type { AppealEntry, AppealListQuery } from './answering/lists/appeal-list.js';
export type { ComplaintEntry, ComplaintListQuery } from './answering/lists/complaint-list.js';
export { CursorError, cursorOf, readCursor } from './answering/lists/cursor.js';
export type { AppealableEntry, AppealableListQuery } from './answering/lists/appealable-list.js';
export type { CreatorEntry, CreatorListQuery } from './answering/lists/creator-list.js';
export type { DeadlineEntry, DeadlineListQuery } from './answering/lists/deadline-list.js';
export type { DeductionEntry, DeductionListQuery } from './answering/lists/deduction-list.js';
export type { ErasureListQuery, WaitingErasure } from './answering/lists/erasure-list.js';
export type { EvidenceEntry, EvidenceListQuery } from './answering/lists/evidence-list.js';
export type { RulebookEntry, RulebookListQuery } from './answering/lists/rulebook-list.js';
export type { FindingEntry, FindingListQuery } from './answering/lists/finding-list.js';
export { lists, readList } from './answering/lists/list-questions.js';
export type { List, ListAnswer, ReadList } from './answering/lists/list-questions.js';
export type { ListName } from './answering/lists/list-texts.js';
export { defaultPageSize, maxPageSize, pageOf, pageSchema } from './answering/lists/list-page.js';
export type { ListPage, PageQuery } from './answering/lists/list-page.js';
export type { OutlookEntry, OutlookListQuery } from './answering/lists/outlook-list.js';
export { recordedSorts } from './answering/lists/recorded-list.js';
export type { OfAgencyQuery } from './answering/lists/recorded-list.js';
export type { SessionEntry, SessionListQuery } from './answering/lists/session-list.js';
export { lineByteLimit } from './intake/file-lines.js';
export type { ReadText } from './intake/file-lines.js';
export { readLines } from './intake/ndjson.js';
export { LedgerCommands, LedgerQuestion } from './bus/messages.js';
export type { SendCommands } from './bus/messages.js';
export {
  LedgerSettingsError,
  NoLedgerError,
  openLedger,
  openReader,
} from './opening/open-ledger.js';
export type { OpenedLedger, OpenedReader, OpenLedger } from './opening/open-ledger.js';
export { damageCode } from './recording/outcome.js';
export type { AppendedEvent, Outcome } from './recording/outcome.js';
export { QueryErrorSchema, querySchemas, readQuery } from './answering/queries.js';
export type { LedgerQuery, QueryError, QueryName, ReadQuery } from './answering/queries.js';
export { MonthFiguresSchema } from './answering/month-deadlines.js';
export type { MonthDeadline, MonthFigures } from './answering/month-deadlines.js';
export type { OutlookAnswer } from './answering/outlook.js';
export type { SessionAnswer } from './answering/session-answer.js';
export type { SlotsWithResults } from './answering/slots-with-results.js';
export { readWriterTerm } from './streams/writer-term.js';
export type { WriterTerm } from './streams/writer-term.js';
export { openExistingStore, openStore, sharedEngineOf, streamsOf } from './stores/open-store.js';
export type { SharedEngine, StoreAccess } from './stores/open-store.js';
export {
  defaultStoreUrl,
  locationOf,
  secondLocationOf,
  StoreUrlError,
  storeUrlStart,
  withoutCredentials,
} from './stores/store-url.js';
export type {
  EventStoreDbLocation,
  FilesElsewhere,
  LedgerLocation,
  SqliteLocation,
} from './stores/store-url.js';
