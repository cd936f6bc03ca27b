import { appendByteLimit, BoundedCache, type EventStore } from '@penalty-ledger/event-store';
import {
  counted,
  endOf,
  idDefects,
  leafHashOf,
  placeAfter,
  placeDefects,
  readEnvelope,
  readEvent,
  settingsIn,
  timeDefects,
  type EventRecord,
  type InBoth,
  type StreamEnd,
  keysNeededBy,
} from '@penalty-ledger/ledger';
import { SourceRefusedError } from './source-errors.js';

/**
 * The number of streams whose ends are kept; the last half always are, which is more than a page
 * has events. Others are read from the copy.
 */
const maxEnds = 16_384;

/** Events of a stream that are read at first to find where the last command's events begin. */
const firstWindow = 64;

/** An event that was checked, and the facts of it that concern keys. */
export interface CheckedEvent {
  readonly record: EventRecord;
  /** The subjects whose keys open its texts. */
  readonly subjects: readonly string[];
  /** The subject that it erases. */
  readonly erased: string | undefined;
}

/**
 * Checks events as they come from another machine, each against those before it: its form, its
 * place, the chain of its stream, its time and its id (`docs/spec/event.md`, "Verification").
 */
export class IncomingEvents {
  readonly #store: EventStore;
  readonly #ends = new BoundedCache<string, StreamEnd>(maxEnds);
  #ledgerId: string | undefined;
  #recordedAt = '';

  private constructor(store: EventStore) {
    this.#store = store;
  }

  /** Continues behind the events that a copy holds. */
  static async after(store: EventStore): Promise<IncomingEvents> {
    const incoming = new IncomingEvents(store);
    for await (const [first] of store.readAll({ batchSize: 1 })) {
      if (first !== undefined) incoming.#ledgerId = settingsIn(readEvent(first)).ledgerId;
      break;
    }
    const head = await store.head();
    if (head === undefined) return incoming;
    const before = Number(head) - 1;
    for await (const [last] of store.readAll(before > 0 ? { after: String(before) } : {}))
      if (last !== undefined) incoming.#recordedAt = readEvent(last).recordedAt;
    return incoming;
  }

  /** The id of the ledger; `undefined` before its first event. */
  get ledgerId(): string | undefined {
    return this.#ledgerId;
  }

  /** The `recordedAt` of the last event; empty before the first. */
  get recordedAt(): string {
    return this.#recordedAt;
  }

  /**
   * Checks the next event. The caller stores it: the next check rests on it.
   *
   * @param position the place it will take in the ledger
   * @throws SourceRefusedError with the first defect
   * @throws UnknownEventError when a newer release wrote it
   */
  async check(body: string, position: number): Promise<CheckedEvent> {
    const bytes = Buffer.byteLength(body);
    if (bytes > appendByteLimit)
      throw refused(position, {
        en: `it has ${counted(bytes, 'byte')}, and the limit is ${appendByteLimit}`,
        zh: `它有 ${bytes} 字节，上限为 ${appendByteLimit}`,
      });
    const event = readEnvelope(body);
    if ('problem' in event) throw refused(position, event.message);
    const { id, revision, stream } = event;
    // A type that this release does not know could be neither folded nor promoted.
    const known = readEvent({ body });
    if (position === 1) {
      if (known.type !== 'LedgerOpened')
        throw refused(position, {
          en: `it is of the type ${known.type}, and a ledger begins with its opening`,
          zh: `它的类型为 ${known.type}，而账本须以开立事件开始`,
        });
      this.#ledgerId = known.data.ledgerId;
    }
    const before = await this.#endOf(stream, revision);
    const [defect] = [
      ...placeDefects(event, placeAfter(stream, before)),
      ...timeDefects(event, this.#recordedAt),
      ...idDefects(event, stream, before, this.#ledgerId),
    ];
    if (defect !== undefined) throw refused(position, defect.message);
    const leafHash = leafHashOf(body);
    this.#ends.set(stream, endOf(event, { revision, leafHash }, before));
    this.#recordedAt = event.recordedAt;
    return {
      record: { stream, revision, id, body, leafHash },
      subjects: keysNeededBy(known),
      erased: known.type === 'SubjectErased' ? known.data.subject : undefined,
    };
  }

  /** The end of a stream, from memory or from the copy. */
  async #endOf(stream: string, revision: number): Promise<StreamEnd | undefined> {
    const kept = this.#ends.get(stream);
    if (kept !== undefined || revision === 0) return kept ?? (await this.#read(stream, 0));
    for (let window = firstWindow; ; window *= 8) {
      const from = Math.max(0, revision - window);
      const end = await this.#read(stream, from);
      // Its command's events may begin before the window.
      if (end === undefined || from === 0 || end.index < end.revision - from) return end;
    }
  }

  async #read(stream: string, from: number): Promise<StreamEnd | undefined> {
    let end: StreamEnd | undefined;
    for await (const batch of this.#store.readStream(stream, { from }))
      for (const record of batch) end = endOf(readEvent(record), record, end);
    return end;
  }
}

function refused(position: number, problem: InBoth): SourceRefusedError {
  return new SourceRefusedError({
    en: `event ${position}: ${problem.en}`,
    zh: `事件 ${position}：${problem.zh}`,
  });
}
