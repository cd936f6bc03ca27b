import type {
  AgencyHistory,
  CommandLine,
  CreatorHistory,
  DecisionContext,
  ErasureHistory,
  KeyState,
  LedgerZone,
  NewEvent,
  OverlapsOf,
  Slots,
  SubjectKey,
  Themes,
} from '@penalty-ledger/ledger';
import type { ReadModels, Registration } from '@penalty-ledger/projections';
import type { Place, Warm } from '../streams/warm.js';

/**
 * The subject whose key seals the personal data of an append, and by which repetitions are
 * recognised.
 */
export interface Subject {
  readonly id: string;
  readonly key: SubjectKey;
}

/** The surroundings of a command: states as they stand, ids in use, and the way to append. */
export interface CommandContext {
  readonly zone: LedgerZone;
  /**
   * The subject and its key, made now for a new subject; `undefined` when its personal data were
   * erased.
   */
  subject(id: string): Subject | undefined;
  /** The state of a subject's key; none is made. */
  keyState(id: string): KeyState;
  agency(agencyId: string): Promise<Warm<AgencyHistory>>;
  creator(creatorId: string): Promise<Warm<CreatorHistory>>;
  slots(date: string): Promise<Warm<Slots>>;
  themes(month: string): Promise<Warm<Themes>>;
  erasures(): Promise<Warm<ErasureHistory>>;
  place(stream: string): Promise<Place>;
  /** Every session appended so far is among those it looks at. */
  overlapsOf: OverlapsOf;
  /** The registration of an id, if it is in use (`registrationKey`). */
  registered(key: string): Registration | undefined;
  /** The read models with everything appended so far in them. */
  current(): Promise<ReadModels>;
  /**
   * Hands events to the store and moves the place on; the answer waits until they are durable. The
   * line is the command they come from.
   *
   * @param subject missing where no key is used, or when the key is destroyed: then no event may
   * have personal data ({@link isSealable})
   */
  append(
    events: readonly NewEvent[],
    place: Place,
    line: CommandLine,
    context: Pick<DecisionContext, 'actor' | 'now'>,
    subject?: Subject,
  ): void;
}

/**
 * Says whether a decision can be recorded: nothing can be sealed for a subject whose personal data
 * were erased.
 */
export function isSealable(events: readonly NewEvent[], subject: Subject | undefined): boolean {
  return subject !== undefined || events.every(({ personal }) => personal === undefined);
}
