import type { Moment } from './calendar.js';

/** Points that came or went, with their effective time and their known time. */
interface Change {
  readonly knownAt: Moment;
  readonly effectiveAt: Moment;
  readonly points: number;
}

/** An agency's points, as the platform would show them. */
export class Account {
  readonly #changes: Change[] = [];

  add(change: Change): void {
    this.#changes.push(change);
  }

  at(moment: Moment): number {
    return this.#changes
      .filter(({ knownAt, effectiveAt }) => knownAt <= moment && effectiveAt <= moment)
      .filter(({ effectiveAt }) => effectiveAt.slice(0, 4) === moment.slice(0, 4))
      .reduce((sum, { points }) => sum + points, 0);
  }

  /** The points ever imposed in a year, revoked ones included. */
  imposedIn(year: string): number {
    return this.#changes
      .filter(({ effectiveAt, points }) => effectiveAt.startsWith(year) && points > 0)
      .reduce((sum, { points }) => sum + points, 0);
  }
}
