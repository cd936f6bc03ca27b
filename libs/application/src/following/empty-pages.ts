import { setTimeout as pause } from 'node:timers/promises';
import { SourceRefusedError } from './source-errors.js';

/** A page can be empty because the source's end moved while it was made; not many in a row. */
const maxEmpty = 5;
const pauseMs = 200;

/** Keeps a source that has events and sends none from being asked without pause and end. */
export class EmptyPages {
  #empty = 0;

  /**
   * Notes a page.
   *
   * @param taken the events in it
   * @param end the source's last event, as it says
   * @param after the event that it was asked to begin behind
   * @throws SourceRefusedError after five empty pages in a row
   */
  async took(taken: number, end: number, after: number): Promise<void> {
    if (taken > 0 || end <= after) {
      this.#empty = 0;
      return;
    }
    this.#empty += 1;
    if (this.#empty === maxEmpty)
      throw new SourceRefusedError({
        en: `it has event ${end}, and sends none after event ${after}`,
        zh: `它有事件 ${end}，却未发送事件 ${after} 之后的任何事件`,
      });
    await pause(pauseMs);
  }
}
