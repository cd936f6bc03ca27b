import { session, type AnswerContext, type Instant, type Session } from '@penalty-ledger/ledger';

/** A session as known at K. */
export interface SessionAnswer extends Omit<Session, 'startedAt' | 'endedAt'> {
  readonly startedAt: string;
  readonly endedAt: string;
  /** Long enough to count (rules §6). */
  readonly effective: boolean;
  /** The local month and date of its start, to which it belongs. */
  readonly month: string;
  readonly date: string;
  readonly knownAt: string;
}

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
