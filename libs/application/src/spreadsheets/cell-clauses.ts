import type { Clause } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { nameIn, narrow, type CellReading } from './cell-text.js';

type NamedClause = Pick<Clause, 'id' | 'text' | 'title'>;

/** The clauses of some rulebooks by what a platform's page calls them. */
export class ClauseNames {
  readonly #ids = new Set<string>();
  readonly #byName = new Map<string, Set<string>>();

  constructor(clauses: readonly NamedClause[]) {
    for (const { id, title, text } of clauses) {
      this.#ids.add(id);
      for (const name of [title.en, title.zh, text.en, text.zh]) {
        const ids = this.#byName.get(keyOf(name)) ?? new Set();
        this.#byName.set(keyOf(name), ids.add(id));
      }
    }
  }

  /**
   * Reads a clause: its id, or its title or text in either language where only one clause has it.
   * Any other text is taken as an id, which the ledger refuses if no clause has it then.
   */
  read(text: string): CellReading<string> {
    if (this.#ids.has(text)) return { value: text };
    const [id, ...others] = this.#byName.get(keyOf(text)) ?? [];
    if (id === undefined) return nameIn(text);
    if (others.length === 0) return { value: id };
    const ids = [id, ...others].map((each) => `"${each}"`);
    return {
      problem: {
        en: `${shown(text)} may be the clause ${ids.join(' or ')}; write its id`,
        zh: `${shown(text)} 可能是条款 ${ids.join(' 或 ')}；请填写其编号`,
      },
    };
  }
}

/** The part of a name that is compared: pages differ in blanks, widths and the stop at the end. */
function keyOf(name: string): string {
  return narrow(name)
    .normalize('NFKC')
    .replace(/\s+|[。.]$/gu, '')
    .toLowerCase();
}
