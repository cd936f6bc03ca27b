import {
  ForeignEventError,
  eventIn,
  eventTypes,
  eventTypesIn,
  eventTypesOutside,
  handleEvent,
  handlersFor,
  ignoreEvent,
  isEventIn,
  recordEvents,
  settingsIn,
  type EventHandlers,
  type EventType,
  type NewEvent,
  type StreamKind,
} from '@penalty-ledger/ledger';
import { instant } from '../support/given.js';

const kinds: Readonly<Record<StreamKind, true>> = {
  agency: true,
  alarms: true,
  creator: true,
  erasures: true,
  evidence: true,
  ledger: true,
  refusals: true,
  rulebooks: true,
  sessions: true,
  slots: true,
  themes: true,
};

const [exited] = recordEvents([{ type: 'AgencyExited', data: { agencyId: 'a1' } }], {
  ledgerId: 'l1',
  stream: 'creator-k1',
  head: undefined,
  recordedAt: instant('2019-04-01'),
  actor: 'officer-1',
  causation: { command: 'RecordExit', commandId: 'c1', fingerprint: '' },
}).map(({ event }) => event);

describe('the types of events', () => {
  it('belong each to one kind of stream', () => {
    const held = (Object.keys(kinds) as StreamKind[]).flatMap((kind) => eventTypesIn(kind));
    expect(held.toSorted()).toEqual(eventTypes.toSorted());
  });

  it('are of some kinds of streams or outside them', () => {
    const parts = [...eventTypesIn('slots', 'themes'), ...eventTypesOutside('slots', 'themes')];
    expect(parts.toSorted()).toEqual(eventTypes.toSorted());
    expect(eventTypesIn('evidence')).toEqual(['EvidenceRegistered']);
  });

  it('tell the data apart', () => {
    // @ts-expect-error -- these are the data of another type
    const wrong: NewEvent = { type: 'AgencyExited', data: { creatorId: 'k1' } };
    expect(wrong.type).toBe('AgencyExited');
  });
});

describe('a table of event types', () => {
  const forgetful = {
    ...handlersFor(eventTypesOutside('creator'), ignoreEvent),
    CreatorBound: ignoreEvent,
    CreatorUnbound: ignoreEvent,
    ExposureRightGranted: ignoreEvent,
  };

  it('does not compile when it forgets one', () => {
    // @ts-expect-error -- ExposureRightWithdrawn is neither handled nor ignored
    const table: EventHandlers<EventType> = forgetful;
    expect(eventTypes.filter((type) => !Object.hasOwn(table, type))).toEqual([
      'ExposureRightWithdrawn',
    ]);
  });

  it('compiles when it has them all, and calls the one of the event', () => {
    const table: EventHandlers<EventType, string | undefined> = {
      ...forgetful,
      ExposureRightWithdrawn: ignoreEvent,
      AgencyExited: ({ data }) => data.agencyId,
    };
    expect(handleEvent(table, exited!)).toBe('a1');
  });
});

describe('an event in a stream of another kind', () => {
  it('is damage, and named', () => {
    expect(isEventIn('agency', exited!)).toBe(true);
    expect(isEventIn('creator', exited!)).toBe(false);
    expect(eventIn('agency', exited!)).toBe(exited);
    expect(() => eventIn('creator', exited!)).toThrow(ForeignEventError);
    expect(() => eventIn('creator', exited!)).toThrow(
      'event 0 of stream "creator-k1" is of the type AgencyExited and must be of ' +
        'the types of creator streams: the ledger is damaged',
    );
  });

  it('does not open a ledger', () => {
    expect(() => settingsIn(exited!)).toThrow(ForeignEventError);
  });
});
