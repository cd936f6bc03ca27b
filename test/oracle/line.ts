import { parseInstant } from './calendar.js';
import type { Fact, NewFact } from './facts.js';
import type { Data } from './shapes.js';

export type Verdict =
  | { readonly code: string }
  | { readonly facts: readonly NewFact[]; readonly findings: readonly string[] };

/**
 * A line about to be applied: its shape is right, the clock is at its `at`, and it has recorded
 * nothing yet.
 */
export class Line {
  constructor(
    readonly facts: readonly Fact[],
    readonly now: number,
    readonly by: string,
    readonly data: Data,
    readonly mode: 'observer' | 'operator',
  ) {}

  string(key: string): string {
    const value = this.data[key];
    if (typeof value !== 'string') throw new Error(key);
    return value;
  }

  optionalString(key: string): string | null {
    return this.data[key] === undefined ? null : this.string(key);
  }

  number(key: string): number {
    const value = this.data[key];
    if (typeof value !== 'number') throw new Error(key);
    return value;
  }

  optionalNumber(key: string): number | null {
    return this.data[key] === undefined ? null : this.number(key);
  }

  instant(key: string): number | null {
    return this.data[key] === undefined ? null : parseInstant(this.data[key]);
  }

  has(key: string): boolean {
    return this.data[key] !== undefined;
  }
}

export const refused = (code: string): Verdict => ({ code });
export const accepted = (facts: readonly NewFact[], findings: readonly string[] = []): Verdict => ({
  facts,
  findings,
});
