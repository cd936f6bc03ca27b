import {
  type EventRecord,
  type Instant,
  noPreviousEvent,
  recordOf,
  uuidOf,
} from '@penalty-ledger/ledger';

export interface SampleOptions {
  /** The event the first one follows; none by default. */
  readonly after?: EventRecord | undefined;
  /** Tells two writers' events at the same revisions apart. */
  readonly writer?: string;
  /** Goes into every event's data. */
  readonly text?: string;
}

/** A chain of events in format v1. */
export function sampleEvents(
  stream: string,
  count: number,
  options: SampleOptions = {},
): readonly EventRecord[] {
  const { after, writer = 'one', text = '扣分' } = options;
  const events: EventRecord[] = [];
  let last = after;
  for (let index = 0; index < count; index += 1) {
    last = sampleEvent(stream, last, writer, text);
    events.push(last);
  }
  return events;
}

function sampleEvent(
  stream: string,
  after: EventRecord | undefined,
  writer: string,
  text: string,
): EventRecord {
  const revision = after === undefined ? 0 : after.revision + 1;
  const name = `${writer}/${stream}/${revision}`;
  return recordOf({
    actor: 'operator:contract',
    causation: { command: 'RecordEntry', commandId: name, fingerprint: '0'.repeat(64) },
    data: { points: revision, text },
    format: 1,
    id: uuidOf(name),
    occurredAt: '2025-03-01T08:00:00.000Z' as Instant,
    previous: after?.leafHash ?? noPreviousEvent,
    recordedAt: '2025-03-01T09:00:00.000Z' as Instant,
    revision,
    schemaVersion: 1,
    stream,
    type: 'EntryRecorded',
  });
}
