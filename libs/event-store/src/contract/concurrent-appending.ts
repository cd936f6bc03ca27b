import type { EventRecord } from '@penalty-ledger/ledger';
import { ConflictError } from '../errors.js';
import {
  type Appended,
  comparePositions,
  type DecidedTogether,
  type EventStore,
} from '../event-store.js';
import { sampleEvents } from './sample-events.js';
import { type Bench, collect, recordIn } from './store-under-test.js';

/** The promises of every engine about appends that are called while others are in flight. */
export function describeConcurrentAppending(bench: Bench): void {
  it('orders appends to many streams as they were called', async () => {
    const called: EventRecord[] = [];
    const appends = [];
    for (let round = 0; round < 10; round += 1) {
      for (const stream of ['c', 'a', 'b', 'e', 'd']) {
        const last = called.filter((event) => event.stream === stream).at(-1);
        const events = sampleEvents(stream, 2, { after: last });
        called.push(...events);
        appends.push(bench.store.append(stream, last?.revision ?? 'no_stream', events));
      }
    }
    const positions = (await Promise.all(appends)).map((appended) => appended.position);
    expect(positions).toEqual([...positions].sort(comparePositions));
    expect(await bench.stored()).toEqual(called);
  });

  it('stores appends decided together in any order, and later ones behind them', async () => {
    const [one, two] = [{}, {}];
    const streams = Array.from({ length: 40 }, (_, index) => `agency/a${index}`);
    const first = streams.map((stream) => sampleEvents(stream, 2));
    const second = first.map((events) =>
      sampleEvents(events[0]?.stream ?? '', 1, { after: events[1] }),
    );
    const appended = await Promise.all([
      ...first.map((events) => append(events, { group: one, reads: [] })),
      ...second.map((events) => append(events, { group: two, reads: [] })),
    ]);
    const stored = await bench.stored();
    expect(new Set(stored.slice(0, 80).map(({ id }) => id))).toEqual(
      new Set(first.flat().map(({ id }) => id)),
    );
    expect(new Set(stored.slice(80).map(({ id }) => id))).toEqual(
      new Set(second.flat().map(({ id }) => id)),
    );
    const read = await collect(bench.store.readAll());
    for (const [index, events] of [...first, ...second].entries())
      expect(appended[index]?.position).toBe(
        read.find(({ id }) => id === events.at(-1)?.id)?.position,
      );
  });

  it('keeps the order of appends decided together when one was decided on another', async () => {
    const group = {};
    const streams = ['agency/a1', 'agency/a2', 'agency/a3', 'agency/a4'];
    const events = streams.map((stream) => sampleEvents(stream, 1));
    await Promise.all(
      events.map((each, index) =>
        append(each, { group, reads: streams.slice(Math.max(index - 1, 0), index) }),
      ),
    );
    expect(await bench.stored()).toEqual(events.flat());
  });

  function append(events: readonly EventRecord[], together: DecidedTogether): Promise<Appended> {
    const [first] = events;
    if (first === undefined) throw new Error('an append needs an event');
    const expected = first.revision === 0 ? 'no_stream' : first.revision - 1;
    return bench.store.append(first.stream, expected, events, together);
  }

  it('takes appends that build on others not yet acknowledged', async () => {
    const events = sampleEvents('agency/a1', 100);
    const appends = events.map((event) =>
      bench.store.append('agency/a1', event.revision === 0 ? 'no_stream' : event.revision - 1, [
        event,
      ]),
    );
    const revisions = (await Promise.all(appends)).map((appended) => appended.revision);
    expect(revisions).toEqual(events.map((event) => event.revision));
    expect(await bench.storedIn('agency/a1')).toEqual(events);
  });

  it('lets what builds on a refused append fail with it, and nothing else', async () => {
    const winner = sampleEvents('agency/a1', 3, { writer: 'winner' });
    const loser = sampleEvents('agency/a1', 3, { writer: 'loser' });
    const bystander = sampleEvents('agency/a2', 1);
    const outcomes = await Promise.allSettled([
      bench.store.append('agency/a1', 'no_stream', winner.slice(0, 1)),
      bench.store.append('agency/a1', 'no_stream', loser.slice(0, 1)),
      bench.store.append('agency/a1', 0, loser.slice(1, 2)),
      bench.store.append('agency/a2', 'no_stream', bystander),
      bench.store.append('agency/a1', 0, winner.slice(1)),
      bench.store.append('agency/a1', 1, loser.slice(2)),
    ]);
    const expected = ['fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled', 'rejected'];
    expect(outcomes.map((outcome) => outcome.status)).toEqual(expected);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ConflictError);
    expect(await bench.stored()).toEqual([...winner.slice(0, 1), ...bystander, ...winner.slice(1)]);
  });

  it('stores a batch once that is sent twice at the same time', async () => {
    const events = sampleEvents('agency/a1', 3);
    const [first, second] = await Promise.all([
      bench.store.append('agency/a1', 'no_stream', events),
      bench.store.append('agency/a1', 'no_stream', events),
    ]);
    expect(second).toEqual(first);
    expect(await bench.stored()).toEqual(events);
  });

  it('lets exactly one of 64 appenders win each revision', async () => {
    const winners = new Map<number, string>();
    // Each revision costs an append of every appender that has not won yet.
    const revisions = 4;
    const competes = async (writer: string): Promise<void> => {
      let last: EventRecord | undefined;
      for (;;) {
        last = await lastOf(bench.store, 'agency/a1', last);
        if (last?.revision === revisions - 1) return;
        const events = sampleEvents('agency/a1', 1, { after: last, writer });
        try {
          const { revision } = await bench.store.append(
            'agency/a1',
            last?.revision ?? 'no_stream',
            events,
          );
          expect(winners.has(revision)).toBe(false);
          winners.set(revision, writer);
          return;
        } catch (error) {
          expect(error).toBeInstanceOf(ConflictError);
        }
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, index) => competes(`writer ${index}`)));
    const stored = await bench.storedIn('agency/a1');
    expect(stored.map((event) => event.revision)).toEqual(
      Array.from({ length: revisions }, (_, index) => index),
    );
    for (const event of stored)
      expect(event.body).toContain(`"${winners.get(event.revision)}/agency/a1/`);
  });

  it('does not see what the caller does to the list after the call', async () => {
    const events = [...sampleEvents('agency/a1', 2)];
    const append = bench.store.append('agency/a1', 'no_stream', events);
    const sent = events.splice(0);
    await append;
    expect(await bench.stored()).toEqual(sent);
  });
}

/** The stream's last event, looked for from one that was the last before. */
async function lastOf(
  store: EventStore,
  stream: string,
  before?: EventRecord,
): Promise<EventRecord | undefined> {
  return (await collect(store.readStream(stream, { from: before?.revision ?? 0 })))
    .map(recordIn)
    .at(-1);
}
