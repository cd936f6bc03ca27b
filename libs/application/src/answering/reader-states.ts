import {
  comparePositions,
  damageOf,
  DamagedStreams,
  IntegrityError,
  type EventStore,
  type OnDamage,
  type Position,
} from '@penalty-ledger/event-store';
import {
  agency,
  creator,
  rulebooks,
  parseStream,
  creatorStream,
  eventIn,
  readEvent,
  rulebooksStream,
  type AgencyHistory,
  type CreatorHistory,
  type EventRecord,
  type RulebookRegister,
} from '@penalty-ledger/ledger';
import { warmAgencyEvents, weightOfAgency } from '../recording/writer-states.js';
import { PackedHistories } from '../streams/packed-histories.js';
import { StateCache } from '../streams/state-cache.js';

/** Events that are folded into what is kept; behind by more, it is begun anew. */
const maxFolded = 2_000;

/**
 * The histories that answers rest on, as others append to them: cached while they are used, and
 * brought up to the store's end when asked. The cache belongs to one position; other histories are
 * read from their streams.
 */
export class ReaderStates {
  readonly #store: EventStore;
  readonly #packed: PackedHistories;
  readonly #agencies: StateCache<AgencyHistory>;
  readonly #creators: StateCache<CreatorHistory>;
  #register: RulebookRegister = rulebooks.empty;
  /** The revision a kept history was folded up to; −1 for one without events. */
  readonly #revisions = new WeakMap<AgencyHistory, number>();
  #position: Position | undefined;

  /** @param onDamage is told of a history that cannot be read */
  constructor(
    store: EventStore,
    private readonly onDamage: OnDamage = () => undefined,
  ) {
    this.#store = store;
    this.#packed = new PackedHistories(store);
    this.#agencies = new StateCache(
      (agencyId) => this.#readAgency(agencyId),
      warmAgencyEvents,
      (history) => weightOfAgency(this.#revisions.get(history)),
    );
    this.#creators = new StateCache((creatorId) => this.#readCreator(creatorId));
  }

  /**
   * The position up to which the cache is complete; `undefined` while it is brought up, and before
   * the first time.
   */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Every rulebook up to {@link position}. */
  get register(): RulebookRegister {
    return this.#register;
  }

  /** @throws IntegrityError when the history is damaged */
  async agency(agencyId: string): Promise<AgencyHistory> {
    try {
      return await this.#agencies.get(agencyId);
    } catch (error) {
      if (error instanceof IntegrityError) this.onDamage(damageOf(error));
      throw error;
    }
  }

  creator(creatorId: string): Promise<CreatorHistory> {
    return this.#creators.get(creatorId);
  }

  /**
   * Brings what is kept up to the store's last event. To be called by one at a time.
   *
   * @param head where the store ends
   */
  async bringUpTo(head: Position | undefined): Promise<void> {
    const from = this.#position;
    this.#position = undefined;
    if (from === undefined || !(await this.#foldFrom(from, head))) {
      this.#agencies.clear();
      this.#creators.clear();
      await this.#readRegister();
    }
    this.#position = head;
  }

  /**
   * Folds new events after a position into the cached histories, so that a busy agency is not read
   * anew for every question. Gives false when there are so many that starting anew is cheaper.
   */
  async #foldFrom(after: Position, head: Position | undefined): Promise<boolean> {
    const { onDamage } = new DamagedStreams(after, ({ stream = '' }) => this.#forget(stream));
    for await (const batch of this.#store.readAll({ after, batchSize: maxFolded, onDamage })) {
      if (batch.length === maxFolded) return false;
      for (const record of batch) {
        if (comparePositions(record.position, head) > 0) return true;
        const parsed = parseStream(record.stream);
        if (parsed?.kind === 'rulebooks') await this.#readRegister();
        else if (parsed?.kind === 'creator') this.#creators.forget(parsed.creatorId);
        else if (parsed?.kind === 'agency') this.#foldIntoAgency(parsed.agencyId, record);
      }
    }
    return true;
  }

  /** Has the stream read again when it is asked for, which tells its damage. */
  #forget(stream: string): void {
    const parsed = parseStream(stream);
    if (parsed?.kind === 'creator') this.#creators.forget(parsed.creatorId);
    else if (parsed?.kind === 'agency') {
      this.#agencies.forget(parsed.agencyId);
      this.#packed.forget(parsed.agencyId);
    }
  }

  #foldIntoAgency(agencyId: string, record: EventRecord): void {
    const history = this.#agencies.kept(agencyId);
    const revision = history && this.#revisions.get(history);
    if (history === undefined || revision === undefined || revision < record.revision - 1) {
      this.#agencies.forget(agencyId);
    } else if (revision === record.revision - 1) {
      agency.evolve(history, eventIn('agency', readEvent(record)));
      this.#revisions.set(history, record.revision);
    }
  }

  async #readRegister(): Promise<void> {
    let register = rulebooks.empty;
    for await (const batch of this.#store.readStream(rulebooksStream)) {
      for (const record of batch)
        register = rulebooks.evolve(register, eventIn('rulebooks', readEvent(record)));
    }
    this.#register = register;
  }

  async #readAgency(agencyId: string): Promise<AgencyHistory> {
    const { history, head } = await this.#packed.read(agencyId);
    this.#revisions.set(history, head?.revision ?? -1);
    return history;
  }

  async #readCreator(creatorId: string): Promise<CreatorHistory> {
    let history = creator.empty(creatorId);
    for await (const batch of this.#store.readStream(creatorStream(creatorId))) {
      for (const record of batch)
        history = creator.evolve(history, eventIn('creator', readEvent(record)));
    }
    return history;
  }
}
