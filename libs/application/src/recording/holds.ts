import {
  agency,
  agencyOfStream,
  creator,
  endOfTime,
  erasure,
  eventIn,
  evidenceStream,
  readEvent,
  type AgencyHistory,
  type CreatorHistory,
  type ErasureHistory,
  type EvidenceSubjectReference,
  type Hold,
  type HoldContext,
  type HoldScope,
  type Instant,
} from '@penalty-ledger/ledger';
import { registrationKey, type LastSession, type SessionsOf } from '@penalty-ledger/projections';

/** The records of streams as they are stored: a store's, or rows that are looked at for damage. */
interface StreamsOfRecords {
  readStream(
    stream: string,
    options?: { readonly batchSize?: number },
  ): AsyncIterable<readonly { readonly body: string }[]>;
}

/** The facts that tell what holds a subject's key: those of a writer, or of a reader. */
export interface HoldFacts extends HoldContext {
  readonly store: StreamsOfRecords;
  readonly erasures: ErasureHistory;
  /** The stream of what was created, by its registration's key. */
  readonly registered: (key: string) => { readonly stream: string } | undefined;
  agency(agencyId: string): Promise<AgencyHistory>;
  creator(creatorId: string): Promise<CreatorHistory>;
  /** The session of these that ended last; voided ones are left out. */
  lastSession(of: SessionsOf): LastSession | undefined | Promise<LastSession | undefined>;
}

/** The uses that a subject's texts are needed for. */
interface Need {
  readonly agencyIds: readonly string[];
  readonly scope: HoldScope;
  readonly sessions?: SessionsOf;
}

/** Everything that holds a subject's key at `now`; nothing for a key that may be destroyed. */
export async function holdsOn(subject: string, now: Instant, facts: HoldFacts): Promise<Hold[]> {
  const { agencyIds, scope, sessions } = await needOf(subject, facts);
  const named = new Set([subject, ...agencyIds.map((id) => agency.subjectOf(id))]);
  const ofAgencies = await Promise.all(
    agencyIds.map(async (id) => agency.holdsOf(await facts.agency(id), scope, now, facts)),
  );
  const session = sessions === undefined ? undefined : await facts.lastSession(sessions);
  const retained = session && agency.retentionOf(session.endedAt, now, facts.zone);
  return [
    ...erasure.legalHoldsOn(named, facts.erasures, now),
    ...ofAgencies.flat(),
    ...(session === undefined || retained === undefined
      ? []
      : [{ ground: 'retention', id: session.sessionId, kind: 'session', ...retained } as const]),
  ];
}

/** Finds the sessions whose retention holds a subject's key, if any can. */
export async function retainedFor(
  subject: string,
  store: StreamsOfRecords,
): Promise<SessionsOf | undefined> {
  const about = await recordOf(subject, store);
  return about === undefined ? undefined : sessionsOf(about);
}

async function needOf(subject: string, facts: HoldFacts): Promise<Need> {
  const about = await recordOf(subject, facts.store);
  if (about === undefined) return { agencyIds: [], scope: partsOf(subject) };
  const need = await needOfRecord(about, facts);
  const { kind, id } = partsOf(subject);
  return kind === 'creator' ? { ...need, scope: { ...need.scope, creatorId: id } } : need;
}

async function needOfRecord(about: EvidenceSubjectReference, facts: HoldFacts): Promise<Need> {
  const { kind, id } = about;
  const sessions = sessionsOf(about);
  return {
    agencyIds: await agenciesOf(about, facts),
    scope: { kind, id },
    ...(sessions !== undefined && { sessions }),
  };
}

async function agenciesOf(
  { kind, id }: EvidenceSubjectReference,
  facts: HoldFacts,
): Promise<string[]> {
  if (kind === 'agency') return [id];
  if (kind === 'creator') {
    const bindings = creator.bindingsOf(await facts.creator(id), endOfTime);
    return [...new Set(bindings.map(({ agencyId }) => agencyId))];
  }
  const agencyId = agencyOfStream(facts.registered(registrationKey(kind, id))?.stream ?? '');
  return agencyId === undefined ? [] : [agencyId];
}

function sessionsOf({ kind, id }: EvidenceSubjectReference): SessionsOf | undefined {
  switch (kind) {
    case 'agency':
      return { agencyId: id };
    case 'creator':
      return { creatorId: id };
    case 'session':
      return { sessionId: id };
    default:
      return undefined;
  }
}

/** The record that a subject's texts are of: of evidence, the one that it was registered for. */
async function recordOf(
  subject: string,
  store: StreamsOfRecords,
): Promise<EvidenceSubjectReference | undefined> {
  const { kind, id } = partsOf(subject);
  return kind === 'evidence' ? subjectOfEvidence(id, store) : { kind, id };
}

function partsOf(subject: string): EvidenceSubjectReference {
  const colon = subject.indexOf(':');
  return { kind: subject.slice(0, colon), id: subject.slice(colon + 1) };
}

/** The record that a piece of evidence was registered for. */
async function subjectOfEvidence(
  evidenceId: string,
  store: StreamsOfRecords,
): Promise<EvidenceSubjectReference | undefined> {
  for await (const [first] of store.readStream(evidenceStream(evidenceId), { batchSize: 1 }))
    if (first !== undefined) return eventIn('evidence', readEvent(first)).data.subject;
  return undefined;
}
