export { agencyCommandSchemas } from './agency/agency-commands.js';
export type { AgencyCommand, AgencyCommandData, AgencyCommandName } from './agency/agency-commands.js';
export { agencyEventVersions, agencyStream, agencySubject } from './agency/agency-events.js';
export type {
  AgencyEvent,
  AgencyEventData,
  AgencyEventType,
  AppealKind,
  AppealOutcome,
  Basis,
  DeductionTerms,
  RecordedAgencyEvent,
} from './agency/agency-events.js';
export { emptyHistory, everything, evolve } from './agency/agency-history.js';
export type {
  AgencyHistory,
  Appeal,
  Deduction,
  DeductionValues,
  Expulsion,
  PendingExpulsion,
} from './agency/agency-history.js';
export { appealAnswer } from './agency/appeal-answer.js';
export type { AppealAnswer } from './agency/appeal-answer.js';
export { appealStateAt, hasLastChanceLeft, lastChanceAppeal } from './agency/appeals.js';
export type { AppealState } from './agency/appeals.js';
export { agencyEntry, balanceAnswer, isKnownAt } from './agency/balance-answer.js';
export type { AgencyEntry, AnswerContext, BalanceAnswer, BalanceQuery } from './agency/balance-answer.js';
export { balanceAt, pointsAt, sumAt, valuesAt } from './agency/balance.js';
export type { Balance, BalanceQuestion, NotCountedReason } from './agency/balance.js';
export { periodOf } from './agency/decide-deductions.js';
export { decide } from './agency/decide.js';
export type { Decision, DecisionContext, Mode } from './agency/decision.js';
export { execute, passClock } from './agency/execute.js';
export { findingsAt } from './agency/findings-at.js';
export type { FindingAt } from './agency/findings-at.js';
export { episodeAt, standingAt } from './agency/standing.js';
export type { Standing, StandingAt } from './agency/standing.js';
export { whatIfAnswer } from './agency/what-if.js';
export type { Changes, WhatIfAnswer } from './agency/what-if.js';
export { chinaCalendar } from './calendars/cn-holidays.js';
export { byCodeUnit, canonicalJson } from './canonical-json.js';
export {
  agencyReferenceOf,
  commandSchemas,
  creationOf,
  instantOfLine,
  isAgencyCommand,
  problemOf,
  readCommandLine,
} from './command.js';
export type { CommandLine, LedgerCommand, ReadLine } from './command.js';
export { leafHashOf, noPreviousEvent, recordOf, uuidOf } from './event.js';
export type { Causation, DomainTimes, EventRecord, LedgerEvent, RulebookReference } from './event.js';
export { evidenceStream, evidenceSubject, registerEvidence, registerEvidenceSchema } from './evidence.js';
export type { EvidenceRegistered, RegisterEvidence } from './evidence.js';
export { findingSeverities } from './findings.js';
export type { Finding, FindingCode } from './findings.js';
export { earlierOf, earliestInstant, epochMsOf, instantOf, laterOf, parseInstant, plusHours } from './instant.js';
export type { Instant } from './instant.js';
export { ledgerStream, refusalsStream } from './ledger.js';
export type { CommandRefused, LedgerOpened, LedgerSettings, SimulationClockAdvanced } from './ledger.js';
export { fingerprintOf, openPersonalData, sealPersonalData } from './personal-data.js';
export type { PersonalData, SealedPersonalData, SubjectKey } from './personal-data.js';
export { recordEvents } from './recording.js';
export type { NewEvent, RecordedEvent, Recording, StreamHead } from './recording.js';
export type { Rejection, RejectionCode } from './rejection.js';
export {
  emptyRegister,
  evolveRegister,
  publishRulebook,
  publishRulebookSchema,
  rulebooksAt,
  rulebooksStream,
} from './rulebook-register.js';
export type { PublishRulebook, RulebookPublished, RulebookRegister } from './rulebook-register.js';
export { accountOf, clauseOf, knownRulebook, rulebookHash, Rulebooks, RulebookSchema } from './rulebook.js';
export type { Account, Attribution, Clause, KnownRulebook, Rulebook } from './rulebook.js';
export { aliMcn20180703, aliMcn20190307 } from './rulebooks/ali-mcn.js';
export { abcPoints } from './rulebooks/contrast.js';
export { checkOf, IdSchema, InstantSchema, MonthSchema, PeriodSchema, Sha256Schema, TextSchema } from './schema.js';
export type { Check } from './schema.js';
export { eventVersions, readEvent, UnknownEventError } from './upcast.js';
export type { Upcaster, Upcasters } from './upcast.js';
export { afterWorkingDays, isWorkingDay } from './working-days.js';
export type { HolidayYear, WorkingCalendar, WorkingDaysLater } from './working-days.js';
export { LedgerZone } from './zone.js';
