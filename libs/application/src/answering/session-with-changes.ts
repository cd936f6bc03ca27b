import {
  closed,
  enumOf,
  eventIn,
  foundFields,
  sentence,
  InstantSchema,
  readEvent,
  type AnswerContext,
  type Instant,
  type Session,
  type Shape,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import type { SessionEvents } from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import type { Sealed } from './agency-sources.js';
import { changedValues, ChangedValueSchema } from './changed-values.js';
import { personalOf, shownText, textOf } from './shown-texts.js';
import { sessionAnswer, SessionAnswerSchema } from './session-answer.js';

/** A session as known at K, with what was recorded of it since. */
export type SessionWithChanges = Shape<typeof SessionWithChangesSchema>;
export const SessionWithChangesSchema = closed(
  {
    ...SessionAnswerSchema.properties,
    recordedAt: InstantSchema,
    recordedBy: Type.String(),
    changes: Type.Array(
      closed({
        kind: enumOf(['corrected', 'voided']),
        recordedAt: InstantSchema,
        by: Type.String(),
        reason: shownText(),
        changed: Type.Array(ChangedValueSchema, { description: 'empty of a voiding' }),
      }),
      { description: 'every correction and voiding known at K, in the order of their recording' },
    ),
    findings: Type.Array(closed({ ...foundFields, recordedAt: InstantSchema }), {
      description: 'those of its recording and of its corrections known at K',
    }),
  },
  { $id: 'Session' },
);

/** Answers `session`. Reads each event of the session from the store. */
export async function sessionWithChanges(
  recorded: Session,
  events: SessionEvents,
  knownAt: Instant,
  sealed: Sealed,
  context: AnswerContext,
): Promise<SessionWithChanges> {
  const { zone } = context;
  const stored = await Promise.all(
    events.revisions.map((revision) => eventAt(events.stream, revision, sealed)),
  );
  const [first] = stored;
  if (first === undefined) throw new Error(`no event records session "${recorded.sessionId}"`);
  let before: object = first.data;
  const changes: SessionWithChanges['changes'][number][] = [];
  for (const event of stored.slice(1)) {
    const { type, actor: by, data, recordedAt } = event;
    const corrected = type === 'SessionCorrected' ? event.data.corrected : [];
    changes.push({
      kind: type === 'SessionVoided' ? 'voided' : 'corrected',
      recordedAt: zone.format(recordedAt),
      by,
      reason: textOf(personalOf(event, sealed.keys), 'reason'),
      changed: changedValues(corrected, before, data, zone),
    });
    before = data;
  }
  return {
    ...sessionAnswer(recorded, knownAt, context),
    recordedAt: zone.format(first.recordedAt),
    recordedBy: first.actor,
    changes,
    findings: stored.flatMap(({ data, recordedAt }) =>
      ('findings' in data ? data.findings : []).map((finding) => ({
        ...finding,
        detail: sentence(finding.detail),
        recordedAt: zone.format(recordedAt),
      })),
    ),
  };
}

async function eventAt(
  stream: string,
  revision: number,
  { store }: Sealed,
): Promise<StreamEvent<'sessions'>> {
  for await (const [stored] of store.readStream(stream, { from: revision, batchSize: 1 })) {
    if (stored !== undefined) return eventIn('sessions', readEvent(stored));
  }
  throw new Error(`no event ${String(revision)} in "${stream}"`);
}
