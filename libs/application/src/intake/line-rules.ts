import { createHash } from 'node:crypto';
import {
  creationOf,
  earliestInstant,
  instantOfLine,
  type CommandLine,
  type Instant,
} from '@penalty-ledger/ledger';
import type { Clock } from '../clock.js';
import type { ReadText } from './file-lines.js';

/**
 * Gives a line's instant, and the id of a line without one; or says why the line is refused.
 * `line` is missing when the value is not a command line.
 */
export type TimeLine = (
  line: CommandLine | undefined,
  value: unknown,
  text: ReadText,
) => { readonly now: Instant; readonly commandId?: string } | { readonly problem: string };

/** The rules by which lines become commands: their clock, and their ids. */
export interface LineRules {
  /** For lines that have come together. */
  together(): TimeLine;
}

/** The start of a simulation before its first line gives one. */
export const simulationStart = earliestInstant;

/**
 * The rules of a simulation: its clock is the lines' `at`, which never decreases (interchange §2).
 * A refused line moves it too, as long as its `at` can be read.
 */
export function simulationRules(from: Instant): LineRules & { readonly clock: Instant } {
  let clock = from;
  const timed: TimeLine = (line, value) => {
    const at = line?.at ?? instantOfLine(value);
    if (at === undefined)
      return { problem: 'line.at: missing; each line of a simulation needs its time' };
    if (at < clock)
      return {
        problem: `line.at: ${at} is before the clock, ${clock}; times must not decrease`,
      };
    clock = at;
    return { now: at };
  };
  return {
    get clock() {
      return clock;
    },
    together: () => timed,
  };
}

/**
 * The rules of an import into a real ledger: `at` is refused. A line without an id of its own gets
 * one from all lines up to it, so that importing the same file again, or a longer version of it,
 * records nothing twice.
 */
export function importRules(clock: Clock): LineRules {
  const soFar = createHash('sha256');
  return {
    together() {
      const now = clock.now();
      return (line, value, { bytes }) => {
        soFar.update(bytes).update('\n');
        if (line?.at !== undefined || instantOfLine(value) !== undefined) {
          return {
            problem:
              'line.at: leave it out; an import is recorded at the current time, ' +
              'and only a simulation has times of its own',
          };
        }
        const hasOwnId = line === undefined || creationOf(line.command) !== undefined;
        return {
          now,
          ...(!hasOwnId && { commandId: `import:${soFar.copy().digest('hex').slice(0, 48)}` }),
        };
      };
    },
  };
}
