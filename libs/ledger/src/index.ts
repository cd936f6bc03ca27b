// The functions of an aggregate come as a namespace: `agency.evolve` says what it folds.
export * as agency from './agency/index.js';
export * as alarms from './alarms.js';
export * as assessment from './assessment/index.js';
export * as creator from './creator/creator.js';
export * as erasure from './erasure.js';
export * as evidence from './evidence.js';
export * as outlook from './outlook/index.js';
export * as rulebooks from './rulebook-register.js';
export * as session from './session/session.js';
export * as shape from './shape.js';
export * as slots from './traffic/slots.js';
export * as themes from './traffic/themes.js';
export * as vertical from './traffic/vertical.js';

export { AppealAnswerSchema } from './agency/answers/appeal-answer.js';
export type { AppealAnswer, AppealContext, AppealDue } from './agency/answers/appeal-answer.js';
export { AppealStateSchema, appealStateTerms } from './agency/answers/appeal-state.js';
export type { AppealState, KnownAppeal } from './agency/answers/appeal-state.js';
export { AgencyEntrySchema, BalanceAnswerSchema } from './agency/answers/balance-answer.js';
export type {
  AgencyEntry,
  AnswerContext,
  BalanceAnswer,
  BalanceQuery,
} from './agency/answers/balance-answer.js';
export { notCountedReasons } from './agency/answers/balance.js';
export type { Balance, BalanceQuestion, NotCountedReason } from './agency/answers/balance.js';
export { ComplaintAnswerSchema } from './agency/answers/complaint-answer.js';
export type { ComplaintAnswer } from './agency/answers/complaint-answer.js';
export { ComplaintStateSchema, complaintStateTerms } from './agency/answers/complaint-state.js';
export type { ComplaintState } from './agency/answers/complaint-state.js';
export type { Hold, HoldContext, HoldScope } from './agency/answers/holds.js';
export type { FindingAt } from './agency/answers/findings-at.js';
export type { StandingAt } from './agency/answers/standing.js';
export { WhatIfAnswerSchema } from './agency/answers/what-if.js';
export type { Changes, WhatIfAnswer } from './agency/answers/what-if.js';
export type { AgencyCommand, AgencyCommandData, AgencyCommandName } from './agency/commands.js';
export { BasisSchema, complainantKinds, reviewOutcomeTerms } from './agency/events.js';
export type {
  AgencyEvent,
  AgencyEventData,
  AgencyEventType,
  AppealKind,
  AppealOutcome,
  AssessmentReason,
  AssessmentVerdict,
  Basis,
  ComplainantKind,
  ComplaintOutcome,
  DeductionTerms,
  MeasureKind,
  RecordedAgencyEvent,
} from './agency/events.js';
export type {
  AgencyHistory,
  Appeal,
  Assessment,
  Complaint,
  Deduction,
  DeductionValues,
  Expulsion,
  GrowthPost,
  PendingExpulsion,
} from './agency/history.js';
export type { AlarmEvent, AlarmEventData, EngineAlarm, StandingAlarms } from './alarms.js';
export { AssessmentAnswerSchema } from './assessment/assessment-answer.js';
export type { AssessmentAnswer, AssessmentQuery } from './assessment/assessment-answer.js';
export type {
  AssessedCreator,
  AssessedSession,
  ComputeAssessment,
} from './assessment/assessment.js';
export type { InactiveCreator } from './assessment/inactive-creators.js';
export {
  CalendarReferenceSchema,
  Calendars,
  calendarHash,
  calendarProblem,
  knownCalendar,
} from './calendar.js';
export type { Calendar, CalendarReference, HolidayYear, KnownCalendar } from './calendar.js';
export { chinaCalendar } from './calendars/cn-holidays.js';
export { byCodeUnit, canonicalJson, parseCanonical } from './canonical-json.js';
export { clockCommand, clockCommandId, passedIn } from './clock-passed.js';
export {
  agencyReferenceOf,
  commandSchemas,
  creationOf,
  factCommandSchemas,
  instantOfLine,
  isAgencyCommand,
  problemOf,
  readCommandLine,
} from './command.js';
export type {
  AgencyReference,
  CommandLine,
  FactCommand,
  LedgerCommand,
  ReadLine,
  TrafficCommand,
} from './command.js';
export type {
  Binding,
  CreatorCommand,
  CreatorCommandData,
  CreatorCommandName,
  CreatorEvent,
  CreatorEventData,
  CreatorHistory,
  RecordedCreatorEvent,
} from './creator/creator.js';
export { counted, nounFor } from './counted.js';
export { DecisionsAgain } from './deciding-again/decisions-again.js';
export type { DecisionTerms, RecordedDecision } from './deciding-again/decisions-again.js';
export { publishedAgain } from './deciding-again/published-again.js';
export {
  createdBy,
  RepeatedNames,
  uniquesOf,
  uniqueTerms,
} from './deciding-again/repeated-names.js';
export type { Repeat, RepeatableEvent, Unique } from './deciding-again/repeated-names.js';
export { notBound } from './decision.js';
export type { Decision, DecisionContext, Mode } from './decision.js';
export type {
  EraseSubject,
  ErasureEvent,
  ErasureEventData,
  ErasureHistory,
  ErasureRefusal,
  HoldCommand,
  HoldCommandData,
  KeyState,
  WaitingErasure,
} from './erasure.js';
export {
  chainDefect,
  endOf,
  idDefects,
  isOfSameCommand,
  placeAfter,
  placeDefects,
  readEnvelope,
  timeDefects,
} from './envelope.js';
export type {
  ChainedEvent,
  EventDefect,
  EventProblem,
  StreamEnd,
  StreamPlace,
  UncheckedEvent,
} from './envelope.js';
export {
  clockActor,
  EventEnvelopeSchema,
  leafHashOf,
  noPreviousEvent,
  recordOf,
  RulebookReferenceSchema,
  uuidOf,
} from './event.js';
export type {
  Causation,
  DomainTimes,
  EventEnvelope,
  EventRecord,
  RulebookReference,
} from './event.js';
export { handleEvent, handlersFor, ignoreEvent } from './event-handlers.js';
export type { EventHandlers } from './event-handlers.js';
export {
  ForeignEventError,
  eventIn,
  eventTypes,
  eventTypesIn,
  eventTypesOutside,
  eventVersions,
  isEventIn,
  isEventOf,
} from './events.js';
export type {
  EventData,
  EventOf,
  EventType,
  EventTypeIn,
  LedgerEvent,
  NewEvent,
  NewEventOf,
  StreamEvent,
} from './events.js';
export type { EvidenceSubjectReference, RegisterEvidence } from './evidence.js';
export { FindingCodeSchema, findingSeverities, FindingSchema, foundFields } from './findings.js';
export type { Finding, FindingCode } from './findings.js';
export {
  earlierOf,
  earliestInstant,
  endOfTime,
  epochMsOf,
  instantOf,
  laterOf,
  parseInstant,
  plusHours,
} from './instant.js';
export type { Instant } from './instant.js';
export { keysNeededBy } from './keys-needed.js';
export { isSimulationKey, signingKeyName, simulationIdPrefix } from './ledger.js';
export type { AcceptedDamage, FormerWriter, LedgerEventData, LedgerSettings } from './ledger.js';
export { legalPersonOf, legalPersonsKey } from './legal-person.js';
export type { LegalPerson } from './legal-person.js';
export { prospects } from './outlook/month-outlook.js';
export type { MonthOutlook, Prospect, SupposedMonth } from './outlook/month-outlook.js';
export {
  AgencyOutlookSchema,
  NamedParameterSchema,
  OutlookRuleSchema,
  ProspectSchema,
} from './outlook/outlook-answer.js';
export type { AgencyOutlook, NamedParameter } from './outlook/outlook-answer.js';
export {
  derivedKeysOf,
  fingerprintOf,
  openPersonalData,
  openText,
  sealPersonalData,
  textKeyOf,
} from './personal-data.js';
export type { DerivedKeys, PersonalData, SealedText, SubjectKey } from './personal-data.js';
export { settingsIn } from './opening.js';
export { eventIdOf, recordEvents } from './recording.js';
export type { RecordedEvent, Recording, StreamHead } from './recording.js';
export type { Rejection, RejectionCode } from './rejection.js';
export { ruleLinkOf, ruleLinks } from './rule-links.js';
export type { RuledCode, RuleLink } from './rule-links.js';
export type {
  PublishCalendar,
  PublishRulebook,
  RecordedRulebookEvent,
  RegisterCommand,
  RulebookEvent,
  RulebookRegister,
} from './rulebook-register.js';
export {
  AttributionSchema,
  RulebookSchema,
  Rulebooks,
  accountOf,
  firstAccountOf,
  unknownAccountText,
  clauseOf,
  isExpelling,
  knownRulebook,
  rulebookByteLimit,
  rulebookHash,
  rulebookProblems,
} from './rulebook.js';
export {
  isRecordedLate,
  judgedBeforeRecording,
  lateText,
  retroactiveText,
  rulebookFindingSeverities,
  rulebooksInTime,
} from './rulebook-findings.js';
export type { JudgedAct, RulebookFindingCode, RulebookInTime } from './rulebook-findings.js';
export { rulebookRemarks } from './rulebook-remarks.js';
export type { Account, Attribution, Clause, KnownRulebook, Rulebook } from './rulebook.js';
export { aliMcn20180703, aliMcn20190307 } from './rulebooks/ali-mcn.js';
export { abcPoints } from './rulebooks/contrast.js';
export { sourceInBoth } from './rulebooks/source-texts.js';
export { douyinGuildHealth2022, douyinMcnCredit2022 } from './rulebooks/douyin.js';
export {
  DateSchema,
  IdSchema,
  InstantSchema,
  MediaTypeSchema,
  SentenceSchema,
  describedInBoth,
  isSentenceSchema,
  wanted,
  MonthSchema,
  PeriodSchema,
  Sha256Schema,
  TextSchema,
  UtcInstantSchema,
  UuidSchema,
  VerticalSchema,
  checkOf,
  closed,
  described,
  enumOf,
  nullable,
} from './schema.js';
export type { Check, Shape, TextEnum } from './schema.js';
export type {
  OverlapsOf,
  Sale,
  Session,
  SessionCommand,
  SessionCommandData,
  SessionCommandName,
  SessionEvent,
  SessionEventData,
  SessionRecorded,
  SessionValues,
} from './session/session.js';
export { overlapsSought } from './session/overlaps.js';
export type { SessionSpan } from './session/overlaps.js';
export { StandingSchema, isAdmitted, standingTerms } from './standing.js';
export type { Standing } from './standing.js';
export {
  agencyOfStream,
  agencyStream,
  alarmsStream,
  creatorStream,
  erasuresStream,
  evidenceStream,
  ledgerStream,
  parseStream,
  refusalsStream,
  rulebooksStream,
  sessionsStream,
  slotsStream,
  themesStream,
} from './stream-names.js';
export type { ParsedStream, StreamKind } from './stream-names.js';
export { SlotResultSchema, SlotsAnswerSchema } from './traffic/slots.js';
export type {
  AllocatedSlot,
  SessionOfSlot,
  Slot,
  SlotResult,
  SlotStatus,
  Slots,
  SlotsAnswer,
  SlotsCommand,
  SlotsCommandData,
  SlotsEvent,
  SlotsEventData,
} from './traffic/slots.js';
export { SumSchema } from './traffic/sum.js';
export type { Sum } from './traffic/sum.js';
export { aliMcnSupport } from './traffic/support-terms.js';
export type { SupportTerms } from './traffic/support-terms.js';
export { ThemesAnswerSchema } from './traffic/themes.js';
export type {
  RecordedThemesEvent,
  ThemeProposal,
  Themes,
  ThemesAnswer,
  ThemesCommand,
  ThemesCommandData,
  ThemesEvent,
  ThemesEventData,
} from './traffic/themes.js';
export { VerticalAnswerSchema } from './traffic/vertical.js';
export type {
  AgencyMonth,
  CreatorMonth,
  RankedAgency,
  RefusedAgency,
  SessionOfMonth,
  SupportFacts,
  SupportRefusal,
  VerticalAnswer,
  VerticalRanking,
} from './traffic/vertical.js';
export type { ShapeCheck } from './shape.js';
export { UnknownEventError, readEvent } from './upcast.js';
export type { Upcaster, Upcasters } from './upcast.js';
export { afterWorkingDays, isWorkingDay, yearMissingSoon } from './working-days.js';
export type { WorkingDaysLater } from './working-days.js';
export { firstTerm, termAfter } from './writer-term.js';
export {
  errorInBoth,
  inEach,
  joined,
  placeAndProblem,
  placed,
  sameInBoth,
  Sentence,
  sentence,
  SpokenError,
  type InBoth,
} from './in-both.js';
export { AssumptionSchema, type Assumption } from './assumption.js';
export { nounTerms, type NounKind } from './nouns.js';
export { ledgerZone, LedgerZone } from './zone.js';
