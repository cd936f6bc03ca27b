import { SpokenError, type InBoth } from './in-both.js';
import type { EventEnvelope, EventRecord } from './event.js';
import { eventVersions, type LedgerEvent } from './events.js';

/** Turns the data of one schema version into the next one's. */
export type Upcaster = (data: unknown) => unknown;

/**
 * By event type, the steps from version 1 to 2, from 2 to 3, … Stored bytes and hashes never
 * change; old data are read through these (E-75).
 */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** No type has had a second version yet. */
const upcasters: Upcasters = {};

/** The members of an event that can be read before its format is known to be ours. */
type EventOfAnyFormat = Omit<EventEnvelope, 'format'> & { readonly format: number };

/** An event this program is too old to understand. */
export class UnknownEventError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'unknown_event';

  constructor(event: EventOfAnyFormat) {
    const { format, type, schemaVersion, stream, revision } = event;
    const what: InBoth =
      format === 1
        ? {
            en: `a ${type} of schema version ${String(schemaVersion)}`,
            zh: `结构版本为 ${String(schemaVersion)} 的 ${type}`,
          }
        : {
            en: `written in format ${String(format)}`,
            zh: `以格式 ${String(format)} 写成`,
          };
    super({
      en:
        `event ${String(revision)} of stream "${stream}" is ${what.en}, ` +
        'which this program does not know: it was written by a newer one; use that',
      zh:
        `事件流 "${stream}" 中流内序号为 ${String(revision)} 的事件是${what.zh}，` +
        '本程序无法识别：它由更新的程序写入，请使用该程序',
    });
    this.name = 'UnknownEventError';
  }
}

/**
 * Reads a stored event in its current schema version. Here alone parsed JSON becomes a typed event:
 * the bytes are taken to be those that were written, because stores compare their hash, and what
 * is written is typed. Foreign bytes have only their envelope checked, see `docs/spec/event.md`.
 *
 * @throws UnknownEventError for a format, a type or a version from the future
 */
export function readEvent(
  record: Pick<EventRecord, 'body'>,
  versions: Readonly<Record<string, number>> = eventVersions,
  steps: Upcasters = upcasters,
): LedgerEvent {
  const parsed = JSON.parse(record.body) as EventOfAnyFormat;
  const { format, schemaVersion, type } = parsed;
  if (format !== 1) throw new UnknownEventError(parsed);
  const current = versions[type];
  if (current === undefined || schemaVersion > current) throw new UnknownEventError(parsed);
  const event = current === schemaVersion ? parsed : upcast(parsed, current, steps[type] ?? []);
  return event as LedgerEvent;
}

function upcast(
  event: EventOfAnyFormat,
  current: number,
  steps: readonly Upcaster[],
): EventOfAnyFormat {
  const data = steps
    .slice(event.schemaVersion - 1)
    .reduce<unknown>((old, step) => step(old), event.data);
  return { ...event, data, schemaVersion: current };
}
