import {
  closed,
  DateSchema,
  described,
  IdSchema,
  InstantSchema,
  MonthSchema,
  session,
  VerticalSchema,
  type AnswerContext,
  type Instant,
  type Session,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';

/** A session as known at K. */
export type SessionAnswer = Shape<typeof SessionAnswerSchema>;
export const SessionAnswerSchema = closed({
  sessionId: IdSchema,
  agencyId: described(IdSchema, 'the agency its creator was bound to at its start'),
  creatorId: IdSchema,
  startedAt: InstantSchema,
  endedAt: InstantSchema,
  contentVertical: Type.Optional(VerticalSchema),
  sales: Type.Optional(
    Type.Array(closed({ vertical: VerticalSchema, amountFen: Type.Integer({ minimum: 0 }) })),
  ),
  newFollowers: Type.Optional(Type.Integer()),
  views: Type.Optional(Type.Integer()),
  corrections: Type.Integer({ description: 'how many corrections it has had' }),
  voided: Type.Boolean(),
  effective: Type.Boolean({ description: 'whether it is long enough to count (rules §6)' }),
  month: described(MonthSchema, 'the local month of its start, to which it belongs'),
  date: described(DateSchema, 'the local date of its start'),
  knownAt: InstantSchema,
});

/** Answers `session`, of a session as it stands at K. */
export function sessionAnswer(
  recorded: Session,
  knownAt: Instant,
  { zone, rulebooks }: AnswerContext,
): SessionAnswer {
  const { startedAt, endedAt } = recorded;
  const { effectiveSessionMinutes } = rulebooks.inForceAt(startedAt).document.parameters;
  return {
    ...recorded,
    startedAt: zone.format(startedAt),
    endedAt: zone.format(endedAt),
    effective: session.isEffective(startedAt, endedAt, effectiveSessionMinutes.value),
    month: zone.monthOf(startedAt),
    date: zone.dateOf(startedAt),
    knownAt: zone.format(knownAt),
  };
}
