import { damageError, type EventDamage, type OnDamage } from './event-damage.js';
import type { Position, StoredEvent } from './event-store.js';

/**
 * Goes past damage stream by stream. Of a damaged stream only the events before its first damage
 * are kept, so that nothing is concluded over a gap. Events that no stream is known for stop the
 * reading: any stream may lack them.
 */
export class DamagedStreams {
  readonly #first = new Map<string, number>();

  /**
   * @param after the event there was taken in before; that it is gone takes nothing from those
   *   behind it
   * @param report is told of each damage that is passed
   */
  constructor(
    private readonly after: Position | undefined,
    private readonly report: OnDamage = () => undefined,
  ) {}

  /** For the option of a reading. @throws IntegrityError for damage without a stream */
  readonly onDamage: OnDamage = (damage: EventDamage) => {
    const { stream, revision = 0, position } = damage;
    if (stream === undefined) {
      if (position === undefined || position !== this.after) throw damageError(damage);
      return;
    }
    this.#first.set(stream, Math.min(revision, this.#first.get(stream) ?? revision));
    this.report(damage);
  };

  /** The events that stand before any damage of their streams. */
  kept(events: readonly StoredEvent[]): readonly StoredEvent[] {
    if (this.#first.size === 0) return events;
    return events.filter(
      ({ stream, revision }) => revision < (this.#first.get(stream) ?? Infinity),
    );
  }
}
