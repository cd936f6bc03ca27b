import type { EventStore } from '@penalty-ledger/event-store';
import {
  rulebooks,
  eventIn,
  readEvent,
  recordEvents,
  rulebooksStream,
  type LedgerEvent,
  type NewEvent,
  type Recording,
  type RulebookRegister,
  type StreamHead,
} from '@penalty-ledger/ledger';
import type { Warm } from './warm.js';

/** Appends a stream's first events, and waits until they are durable. */
export async function begin(
  store: EventStore,
  stream: string,
  events: readonly NewEvent[],
  recording: Omit<Recording, 'stream' | 'head'>,
): Promise<void> {
  const recorded = recordEvents(events, { ...recording, stream, head: undefined });
  await store.append(
    stream,
    'no_stream',
    recorded.map(({ record }) => record),
  );
}

/** The rulebooks a store holds, and where their stream ends. */
export async function readRegister(
  store: EventStore,
): Promise<{ readonly register: RulebookRegister; readonly head: StreamHead | undefined }> {
  const [head, , register = rulebooks.empty] = await readHead(
    store,
    rulebooksStream,
    (held: RulebookRegister | undefined, event) =>
      rulebooks.evolve(held ?? rulebooks.empty, eventIn('rulebooks', event)),
  );
  return { register, head };
}

/** Folds a stream to its end, ready for the next append. */
export async function readWarm<State>(
  store: EventStore,
  stream: string,
  initial: State,
  fold: (state: State, event: LedgerEvent) => State,
): Promise<Warm<State>> {
  const [head, , state] = await readHead<State>(store, stream, (held, event) =>
    fold(held ?? initial, event),
  );
  return { stream, head, state: state ?? initial };
}

/** Reads a stream to its end: its head, its first event, and a fold of it. */
export async function readHead<State>(
  store: EventStore,
  stream: string,
  fold: (state: State | undefined, event: LedgerEvent) => State | undefined = () => undefined,
): Promise<
  readonly [head: StreamHead | undefined, first: LedgerEvent | undefined, state: State | undefined]
> {
  let head: StreamHead | undefined;
  let first: LedgerEvent | undefined;
  let state: State | undefined;
  for await (const batch of store.readStream(stream)) {
    for (const record of batch) {
      const event = readEvent(record);
      first ??= event;
      state = fold(state, event);
      head = { revision: record.revision, leafHash: record.leafHash };
    }
  }
  return [head, first, state];
}
