import { IntegrityError, type EventStore } from '@penalty-ledger/event-store';
import {
  creator,
  erasure,
  slots,
  themes,
  agencyStream,
  creatorStream,
  erasuresStream,
  eventIn,
  refusalsStream,
  slotsStream,
  themesStream,
  type AgencyHistory,
  type CreatorHistory,
  type ErasureHistory,
  type LedgerEvent,
  type Slots,
  type Themes,
} from '@penalty-ledger/ledger';
import type { Unsettled } from './commit-queue.js';
import { RecordedRefusals } from './recorded-refusals.js';
import type { Place, Warm } from '../streams/warm.js';
import { PackedHistories } from '../streams/packed-histories.js';
import { readWarm } from '../streams/read-stream.js';
import { StateCache } from '../streams/state-cache.js';

/**
 * The number of creators kept warm: more than an average base of 50 for each of a thousand
 * agencies, at some 300 bytes each.
 */
export const warmCreators = 65_536;

/**
 * The number of agencies' events kept warm, in the writer and as many in its reader, some 0.5 kB
 * each: four times those of a thousand agencies with 30 a year. A limit in agencies alone would let
 * memory grow with their histories.
 */
export const warmAgencyEvents = 131_072;

/** The months whose refusals are kept warm: the clock goes on and never back. */
const warmRefusals = 2;

/** The weight of an agency's history, in events, beside its events. */
const emptyHistoryWeight = 2;

/** @param revision of the last event of its stream */
export function weightOfAgency(revision: number | undefined): number {
  return emptyHistoryWeight + (revision ?? -1) + 1;
}

/**
 * The states of streams that decisions are made on, with everything appended so far, acknowledged
 * or not.
 */
export class WriterStates {
  /** By the agency's id. */
  readonly agencies: StateCache<Warm<AgencyHistory>>;
  /** By the name of the one stream of erasures. */
  readonly erasures: StateCache<Warm<ErasureHistory>>;
  /** By the creator's id. */
  readonly creators: StateCache<Warm<CreatorHistory>>;
  /** By date. */
  readonly slots: StateCache<Warm<Slots>>;
  /** By month. */
  readonly themes: StateCache<Warm<Themes>>;
  /** By month. */
  readonly refusals: StateCache<Warm<RecordedRefusals>>;
  /** The ends of all other streams, by name. */
  readonly places: StateCache<Place>;

  /**
   * @param revisionOf the revision of an agency's last event in the read models; −1 for an agency
   *   without events
   */
  constructor(
    store: EventStore,
    unsettled: Unsettled,
    revisionOf: (agencyId: string) => number = () => -1,
  ) {
    const read = async <State>(
      stream: string,
      initial: State,
      fold: (state: State, event: LedgerEvent) => State,
    ): Promise<Warm<State>> => {
      // What was forgotten while some of it was on its way must not be read without that.
      if (unsettled.has(stream)) await unsettled.settle();
      return readWarm(store, stream, initial, fold);
    };
    const packed = new PackedHistories(store);
    this.agencies = new StateCache(
      async (agencyId) => {
        const stream = agencyStream(agencyId);
        if (unsettled.has(stream)) await unsettled.settle();
        const { history, head } = await packed.read(agencyId);
        const revision = revisionOf(agencyId);
        if ((head?.revision ?? -1) < revision)
          throw new IntegrityError(
            { en: 'missing: the read models hold it', zh: '缺失：读模型中有它' },
            { stream, revision },
          );
        return { stream, head, state: history };
      },
      warmAgencyEvents,
      ({ head }) => weightOfAgency(head?.revision),
    );
    this.creators = new StateCache(
      (creatorId) =>
        read(creatorStream(creatorId), creator.empty(creatorId), (history, event) =>
          creator.evolve(history, eventIn('creator', event)),
        ),
      warmCreators,
    );
    this.erasures = new StateCache(() =>
      read(erasuresStream, erasure.emptyHistory(), (history, event) =>
        erasure.evolve(history, eventIn('erasures', event)),
      ),
    );
    this.slots = new StateCache((date) =>
      read(slotsStream(date), slots.empty, (slotsOfDate, event) =>
        slots.evolve(slotsOfDate, eventIn('slots', event)),
      ),
    );
    this.themes = new StateCache((month) =>
      read(themesStream(month), themes.empty, (themesOfMonth, event) =>
        themes.evolve(themesOfMonth, eventIn('themes', event)),
      ),
    );
    this.refusals = new StateCache(
      (month) =>
        read(refusalsStream(month), new RecordedRefusals(), (recorded, event) => {
          recorded.note(event);
          return recorded;
        }),
      warmRefusals,
    );
    this.places = new StateCache<Place>((stream) => read(stream, undefined, () => undefined));
  }

  /** Forgets them all: what was appended may not be stored. */
  clear(): void {
    const { agencies, creators, erasures, slots: ofDates, themes: ofMonths } = this;
    const { refusals, places } = this;
    for (const warm of [agencies, creators, erasures, ofDates, ofMonths, refusals, places])
      warm.clear();
  }
}
