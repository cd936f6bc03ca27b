export { agenciesOfLegalPerson, agencyPages, agencyRow } from './agencies.js';
export type { AgencyRow } from './agencies.js';
export { appealPages, appealsOfAgency, openAppeals } from './appeals.js';
export type { AppealRow, AppealStage, AppealsWanted } from './appeals.js';
export type { CatchUpOptions, FoldBatch, OnProgress } from './catch-up.js';
export { complaintPages } from './complaints.js';
export type { ComplaintRow, ComplaintsWanted } from './complaints.js';
export type { Progress } from './connection.js';
export { creatorPages, creatorsOfAgency } from './creators.js';
export type { CreatorRow } from './creators.js';
export { unreadable } from './digests.js';
export type { Digests } from './digests.js';
export { evidenceOfAgency, evidencePages } from './evidence.js';
export type { EvidenceRow, EvidenceWanted } from './evidence.js';
export { catchUpInItsOwnThread } from './fold-thread.js';
export { ReadModelsDamagedError, rebuildChannel } from './file/damage.js';
export type { QueryDatabase, QueryStatement } from './file/query-database.js';
export { findingCounts, findingPages, findingsByRecording, FindingRowSchema } from './findings.js';
export type { FindingPlace, FindingRow, FindingsWanted } from './findings.js';
export { examineReadModels, healing, healReadModels, openReadModels } from './healing.js';
export type { PagePlace, PageWanted } from './pages.js';
export type { Projection } from './projection.js';
export { projections } from './projections.js';
export { projectorInItsOwnThread } from './projector-thread.js';
export { projectorInThisThread } from './projector.js';
export type { Projector } from './projector.js';
export { ReadModels } from './read-models.js';
export { idsAround } from './ids-around.js';
export type { NamedKind, UsedId } from './ids-around.js';
export { rebuildReadModels } from './rebuild.js';
export type { Rebuild } from './rebuild.js';
export {
  registrationKey,
  registrationLookup,
  registrationsAmong,
  registrationsOf,
  registrationsUnder,
} from './registrations.js';
export type { Registration } from './registrations.js';
export { scheduleChangeOf, scheduledAfter } from './schedule.js';
export type { Scheduled } from './schedule.js';
export { sessionPages } from './session-pages.js';
export type { SessionsWanted } from './session-pages.js';
export {
  assessedSessionsOfCreator,
  lastSession,
  sessionAt,
  sessionEvents,
  sessionsFrom,
  sessionsOfCreator,
  sessionsWithin,
} from './sessions.js';
export type { LastSession, SessionEvents, SessionsOf } from './sessions.js';
