import {
  agency,
  closed,
  described,
  enumOf,
  IdSchema,
  UtcInstantSchema,
  type AgencyHistory,
  type Appeal,
  type AppealContext,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';

/**
 * The kind of a deadline: an appeal against a deduction or an expulsion, evidence, the last chance;
 * the return, which becomes possible; or what the platform owes, a decision on an appeal or the
 * answer to a request for human review.
 */
export type DeadlineKind = Shape<typeof DeadlineKindSchema>;
export const DeadlineKindSchema = enumOf([
  'appeal_deduction',
  'appeal_expulsion',
  'submit_evidence',
  'last_chance',
  'reentry',
  'decide_appeal',
  'answer_review',
]);

/** An instant somebody has to keep in mind for an agency, as known at K. */
export type Deadline = Shape<typeof DeadlineSchema>;
export const DeadlineSchema = closed({
  uid: Type.String({
    description:
      'its kind, agency and subject: the same for as long as it is the same deadline, ' +
      'whatever moves it',
  }),
  kind: DeadlineKindSchema,
  agencyId: IdSchema,
  subjectId: Type.String({
    description:
      'the deduction, the appeal or the request for human review it is about; of a pending ' +
      'expulsion or an expulsion its number in the agency’s history: 0, 1, …',
  }),
  at: described(
    UtcInstantSchema,
    'the first instant at which it is too late; of reentry the first at which it is possible ' +
      '(rules §5, §7)',
  ),
  knownSince: described(
    UtcInstantSchema,
    'when what it follows from was recorded, or last corrected',
  ),
  revision: Type.Integer({ description: 'how often it was corrected by then: 0, 1, …' }),
  overdue: Type.Optional(
    Type.Literal(true, { description: 'where the platform has not kept it at E (rules §7)' }),
  ),
});

/**
 * The deadlines of one agency that fall after E, as known at K, in the order of time; those that
 * the platform has not kept, too.
 *
 * A deadline that cannot be met any more is left out: a deduction that counts 0 or was appealed
 * before; an appeal that is decided, withdrawn, out of time or has its evidence; a last chance that
 * is used or whose pending expulsion ended; a ban that was revoked or ended by a readmission.
 */
export function deadlinesOf(
  history: AgencyHistory,
  at: { readonly effectiveAt: Instant; readonly knownAt: Instant },
  context: AppealContext,
): readonly Deadline[] {
  const { effectiveAt, knownAt } = at;
  const ofAgency = [
    ...deductionWindows(history, at, context),
    ...expulsionDeadlines(history, knownAt, context),
    ...evidenceWindows(history, knownAt),
    ...lastChances(history, knownAt),
  ].filter((deadline) => deadline.at > effectiveAt);
  const ofPlatform = [
    ...decisionsDue(history, knownAt, context),
    ...reviewsDue(history, knownAt, context),
  ].map((deadline) =>
    deadline.at > effectiveAt ? deadline : { ...deadline, overdue: true as const },
  );
  return [...ofAgency, ...ofPlatform].sort(inOrderOfTime);
}

type DeadlinePlace = Pick<Deadline, 'at' | 'uid'>;

/** By instant, then by uid; 0 for the same deadline. */
export function inOrderOfTime(a: DeadlinePlace, b: DeadlinePlace): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.uid === b.uid) return 0;
  return a.uid < b.uid ? -1 : 1;
}

function* deductionWindows(
  history: AgencyHistory,
  at: { readonly effectiveAt: Instant; readonly knownAt: Instant },
  context: AppealContext,
): Generator<Deadline> {
  const { knownAt } = at;
  for (const deduction of history.deductions.values()) {
    if (deduction.recordedAt > knownAt) continue;
    if (agency.isAppealedAt(deduction, history, knownAt)) continue;
    if (agency.pointsAt(deduction, knownAt) === 0) continue;
    const closesAt = agency.openWindowOf(deduction, at, context);
    if (closesAt === undefined) continue;
    const corrections = deduction.corrections.filter(({ recordedAt }) => recordedAt <= knownAt);
    yield deadlineOf('appeal_deduction', history, deduction.deductionId, {
      at: closesAt,
      knownSince: corrections.at(-1)?.recordedAt ?? deduction.recordedAt,
      revision: corrections.length,
    });
  }
}

function* expulsionDeadlines(
  history: AgencyHistory,
  knownAt: Instant,
  { rulebooks, zone }: AppealContext,
): Generator<Deadline> {
  // Only the last expulsion that stands can be appealed, and only it bans.
  const number = history.expulsions.findLastIndex(
    (expulsion) => expulsion.recordedAt <= knownAt && !agency.isRevoked(expulsion, knownAt),
  );
  const expulsion = history.expulsions[number];
  if (expulsion === undefined) return;
  const known = { knownSince: expulsion.recordedAt, revision: 0 };
  if (!appealsKnownAt(history, knownAt).some((appeal) => appeal.expulsion === number)) {
    const at = agency.expulsionInitiateByOf(expulsion, rulebooks, zone);
    yield deadlineOf('appeal_expulsion', history, String(number), { at, ...known });
  }
  const returned = history.admissions[expulsion.episode];
  if (returned === undefined || returned.recordedAt > knownAt) {
    yield deadlineOf('reentry', history, String(number), { at: expulsion.reentryFrom, ...known });
  }
}

function* evidenceWindows(history: AgencyHistory, knownAt: Instant): Generator<Deadline> {
  for (const appeal of appealsKnownAt(history, knownAt)) {
    if (appeal.outOfTime) continue;
    const ended = [appeal.evidence, appeal.withdrawn, appeal.decided];
    if (ended.some((act) => act !== undefined && act.recordedAt <= knownAt)) continue;
    const known = { knownSince: appeal.recordedAt, revision: 0 };
    yield deadlineOf('submit_evidence', history, appeal.appealId, {
      at: appeal.evidenceBy,
      ...known,
    });
  }
}

function* lastChances(history: AgencyHistory, knownAt: Instant): Generator<Deadline> {
  for (const [number, pending] of history.pendings.entries()) {
    const { recordedAt, closesAt, ended } = pending;
    if (recordedAt > knownAt || (ended !== undefined && ended.recordedAt <= knownAt)) continue;
    if (appealsKnownAt(history, knownAt).some((appeal) => appeal.pending === number)) continue;
    yield deadlineOf('last_chance', history, String(number), {
      at: closesAt,
      knownSince: recordedAt,
      revision: 0,
    });
  }
}

/** The decisions that appeals with evidence wait for; none where no calendar has the year. */
function* decisionsDue(
  history: AgencyHistory,
  knownAt: Instant,
  context: AppealContext,
): Generator<Deadline> {
  for (const appeal of appealsKnownAt(history, knownAt)) {
    const due = agency.appealDueAt(agency.appealKnownAt(appeal, knownAt), knownAt, context);
    if (due?.what !== 'decision' || due.at === undefined) continue;
    yield deadlineOf('decide_appeal', history, appeal.appealId, {
      at: due.at,
      knownSince: appeal.evidence?.recordedAt ?? appeal.recordedAt,
      revision: 0,
    });
  }
}

function* reviewsDue(
  history: AgencyHistory,
  knownAt: Instant,
  context: AppealContext,
): Generator<Deadline> {
  for (const review of history.reviews.values()) {
    const { reviewId, recordedAt: knownSince, answered } = review;
    if (knownSince > knownAt) continue;
    if (answered !== undefined && answered.recordedAt <= knownAt) continue;
    const { at } = agency.reviewDueAt(review, context);
    if (at === undefined) continue;
    yield deadlineOf('answer_review', history, reviewId, { at, knownSince, revision: 0 });
  }
}

function appealsKnownAt({ appeals }: AgencyHistory, knownAt: Instant): readonly Appeal[] {
  return [...appeals.values()].filter(({ recordedAt }) => recordedAt <= knownAt);
}

function deadlineOf(
  kind: DeadlineKind,
  { agencyId }: AgencyHistory,
  subjectId: string,
  when: Pick<Deadline, 'at' | 'knownSince' | 'revision'>,
): Deadline {
  return { uid: `${kind}/${agencyId}/${subjectId}`, kind, agencyId, subjectId, ...when };
}
