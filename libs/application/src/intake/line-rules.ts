import {
  earliestInstant,
  instantOfLine,
  type CommandLine,
  type Instant,
  type InBoth,
} from '@penalty-ledger/ledger';
import type { Clock } from '../clock.js';
import { Occurrences } from './occurrences.js';

/**
 * Gives a line's instant, or says why the line is refused. `line` is missing when the value is not
 * a command line.
 */
export type TimeLine = (
  line: CommandLine | undefined,
  value: unknown,
) => { readonly now: Instant } | { readonly problem: InBoth };

/** The rules by which lines become commands: their clock, and their ids. */
export interface LineRules {
  /** For lines that have come together. */
  together(): TimeLine;
  /** Gives the line that is to be sent with what it is known by, or says why it is refused. */
  identified(line: CommandLine): CommandLine | { readonly problem: InBoth };
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
      return {
        problem: {
          en: 'line.at: missing; each line of a simulation needs its time',
          zh: 'line.at：缺少；模拟账本的每一行都须有时间',
        },
      };
    if (at < clock)
      return {
        problem: {
          en: `line.at: ${at} is before the clock, ${clock}; times must not decrease`,
          zh: `line.at：${at} 早于时钟 ${clock}；时间不得倒退`,
        },
      };
    clock = at;
    return { now: at };
  };
  return {
    get clock() {
      return clock;
    },
    together: () => timed,
    identified: (line) => line,
  };
}

/**
 * The rules of an import into a real ledger: `at` is refused, and a line without an id of its own
 * is known by what it says ({@link Occurrences}).
 */
export function importRules(clock: Clock): LineRules {
  const occurrences = new Occurrences();
  return {
    together() {
      const now = clock.now();
      return (line, value) => {
        if (line?.at !== undefined || instantOfLine(value) !== undefined) {
          return {
            problem: {
              en:
                'line.at: leave it out; an import is recorded at the current time, ' +
                'and only a simulation has times of its own',
              zh: 'line.at：请删除；导入按当前时间记录，只有模拟账本自带时间',
            },
          };
        }
        return { now };
      };
    },
    identified: (line) => occurrences.counted(line),
  };
}
