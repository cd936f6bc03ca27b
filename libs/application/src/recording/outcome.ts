import { sentence } from '@penalty-ledger/ledger';
import { IntegrityError, type Position } from '@penalty-ledger/event-store';
import type {
  Decision,
  FindingCode,
  Instant,
  LedgerEvent,
  InBoth,
  Sentence,
} from '@penalty-ledger/ledger';

/** Names an event that was appended. */
export type AppendedEvent = Pick<LedgerEvent, 'id' | 'type' | 'stream' | 'revision'>;

/** The outcome of one command line, in the form of interchange §2. */
export interface Outcome {
  readonly status: 'accepted' | 'duplicate' | 'rejected';
  readonly code: string | null;
  readonly events: readonly string[];
  readonly findings: readonly FindingCode[];
  /**
   * The instant at which a duplicate's act was recorded. Part of the outcome line of an import, not
   * of a simulation.
   */
  readonly since?: Instant;
  /**
   * The message of a rejection: what is wrong, where, and what to do. For people; not part of the
   * outcome line.
   */
  readonly message?: Sentence;
  /**
   * The events of an acceptance, in the order of {@link events}; the reader knows those of a
   * duplicate's first acceptance. Not part of the outcome line.
   */
  readonly appended?: readonly AppendedEvent[];
  /**
   * The damage for which a command was refused. Not part of the outcome line.
   */
  readonly damage?: IntegrityError;
  /**
   * The position up to which everything that the outcome rests on is durable, its own events
   * included. A reader that waits for it sees them. Not part of the outcome line.
   */
  readonly position?: Position;
}

export function rejected(code: string, message: InBoth): Outcome {
  return { status: 'rejected', code, events: [], findings: [], message: sentence(message) };
}

/** The code of a refusal because a stream that the command needs is damaged. */
export const damageCode = 'integrity';

/** The refusal of a command whose stream is damaged; nothing was changed. */
export function refusedByDamage(damage: IntegrityError): Outcome {
  return { ...rejected(damageCode, damage.inBoth), damage };
}

/** The result of a reading, or the damage that keeps it from being made. */
export async function unlessDamaged<Result>(
  reading: Promise<Result>,
): Promise<Result | IntegrityError> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof IntegrityError) return error;
    throw error;
  }
}

export function accepted(events: readonly string[], findings: readonly FindingCode[]): Outcome {
  return { status: 'accepted', code: null, events, findings };
}

/** The refusal of what would have to be sealed for a subject whose personal data were erased. */
export function erased(subject: string): Outcome {
  return rejected('invalid', {
    en:
      `the personal data of "${subject}" were erased, and no more can be recorded; ` +
      'leave names and texts out',
    zh: `"${subject}" 的个人信息已删除，不能再记录；请删除姓名与文本`,
  });
}

/** The outcome of a command that was recorded before. */
export function duplicateSince(since: Instant): Outcome {
  return { status: 'duplicate', code: null, events: [], findings: [], since };
}

/** The outcome of a decision, once what it accepted is appended. */
export function outcomeOf(decision: Decision<{ readonly type: string }>): Outcome {
  if (decision.rejected !== undefined)
    return rejected(decision.rejected.code, decision.rejected.message);
  return accepted(
    decision.events.map(({ type }) => type),
    decision.findings,
  );
}
