import { hash } from 'node:crypto';
import { canonicalJson, creationOf, type CommandLine, type InBoth } from '@penalty-ledger/ledger';
import { importActor } from '../recording/command-ids.js';

/** The different lines without an id that one import counts; a later one is refused. */
export const maxDifferentLines = 1_000_000;

/**
 * Counts the lines of an import that say the same: the nth in one file is the same act as the nth
 * in any other (interchange §2, Repetition). A digest of each different line is held.
 */
export class Occurrences {
  readonly #counts = new Map<string, number>();

  constructor(private readonly max = maxDifferentLines) {}

  /**
   * The line with its place among those that say the same, if it has no id; or why it is refused.
   */
  counted(line: CommandLine): CommandLine | { readonly problem: InBoth } {
    const { command, by = importActor, commandId, dataAsSent } = line;
    if (commandId !== undefined || creationOf(command) !== undefined) return line;
    const said = canonicalJson({ by, command: command.command, data: dataAsSent });
    const digest = hash('sha256', said, 'binary');
    const occurrence = (this.#counts.get(digest) ?? 0) + 1;
    if (occurrence === 1 && this.#counts.size >= this.max) {
      return {
        problem: {
          en:
            `line: the import has more than ${this.max.toLocaleString('en-US')} different lines ` +
            'without an id; give the others a commandId',
          zh:
            `line：导入中没有编号的不同行超过 ${this.max.toLocaleString('en-US')} 行；` +
            '请为其余各行给出 commandId',
        },
      };
    }
    this.#counts.set(digest, occurrence);
    return { ...line, occurrence };
  }
}
