import type { EventStore } from '@penalty-ledger/event-store';
import {
  agencyStream,
  creatorStream,
  emptyCreator,
  emptyHistory,
  evolve,
  evolveCreator,
  evolveSlots,
  evolveThemes,
  noSlots,
  noThemes,
  slotsStream,
  themesStream,
  type AgencyHistory,
  type CreatorHistory,
  type RecordedAgencyEvent,
  type RecordedCreatorEvent,
  type RecordedThemesEvent,
  type Slots,
  type SlotsEvent,
  type Themes,
} from '@penalty-ledger/ledger';
import type { Place, Warm } from './desk.js';
import { readWarm } from './streams.js';
import { WarmStreams } from './warm-streams.js';

/** Creators kept warm: more than an average agency base of 50 for each of a thousand agencies, at some 300 bytes each. */
const warmCreators = 65_536;

/** The states of streams that decisions are made on, with everything appended so far, acknowledged or not. */
export class Histories {
  /** By the agency's id. */
  readonly agencies: WarmStreams<Warm<AgencyHistory>>;
  /** By the creator's id. */
  readonly creators: WarmStreams<Warm<CreatorHistory>>;
  /** By date. */
  readonly slots: WarmStreams<Warm<Slots>>;
  /** By month. */
  readonly themes: WarmStreams<Warm<Themes>>;
  /** Where any other stream ends, by its name. */
  readonly places: WarmStreams<Place>;

  constructor(store: EventStore) {
    this.agencies = new WarmStreams((agencyId) =>
      readWarm(store, agencyStream(agencyId), emptyHistory(), (history, event) =>
        evolve(history, event as unknown as RecordedAgencyEvent),
      ),
    );
    this.creators = new WarmStreams(
      (creatorId) =>
        readWarm(store, creatorStream(creatorId), emptyCreator(creatorId), (creator, event) =>
          evolveCreator(creator, event as unknown as RecordedCreatorEvent),
        ),
      warmCreators,
    );
    this.slots = new WarmStreams((date) =>
      readWarm(store, slotsStream(date), noSlots, (slots, event) => evolveSlots(slots, event as unknown as SlotsEvent)),
    );
    this.themes = new WarmStreams((month) =>
      readWarm(store, themesStream(month), noThemes, (themes, event) =>
        evolveThemes(themes, event as unknown as RecordedThemesEvent),
      ),
    );
    this.places = new WarmStreams((stream) => readWarm(store, stream, undefined, () => undefined));
  }

  /** Forgets them all: what was appended may not be stored. */
  clear(): void {
    for (const warm of [this.agencies, this.creators, this.slots, this.themes, this.places]) warm.clear();
  }
}
