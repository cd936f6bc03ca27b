import { createHash } from 'node:crypto';
import { instantText, seconds, type Moment } from './calendar.js';

interface Entry {
  readonly at: Moment;
  readonly text: string;
}

/** The acts of the demo, written in any order and read in order of time. */
export class Diary {
  readonly #entries: Entry[] = [];

  /** Writes a command line down. Fields whose names end in `At` are moments. */
  record(
    at: Moment,
    by: string,
    command: string,
    data: Readonly<Record<string, unknown>>,
    commandId?: string,
  ): void {
    const line = {
      at: instantText(at),
      command,
      by,
      ...(commandId !== undefined && { commandId }),
      data: Object.fromEntries(
        Object.entries(data).map(([name, value]) => [
          name,
          name.endsWith('At') && typeof value === 'string' ? instantText(value) : value,
        ]),
      ),
    };
    this.#entries.push({ at: seconds(at), text: JSON.stringify(line) });
  }

  /** Sends the last command a second time, with the same data. */
  again(at: Moment): void {
    const last = this.#entries.at(-1);
    if (last === undefined) throw new RangeError('nothing was recorded yet');
    const line = JSON.parse(last.text) as object;
    this.#entries.push({ at: seconds(at), text: JSON.stringify({ ...line, at: instantText(at) }) });
  }

  /** Every command line, in order of time; within one moment, in the order of writing. */
  lines(): readonly string[] {
    return this.#entries
      .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      .map(({ text }) => text);
  }
}

/** Names the actor who records an agency's appeals, evidence and observations. */
export function appealsOfficerOf(agencyId: string): string {
  return ['desk', agencyId].join('-');
}

/** Evidence as an appeal submits it. The hash is of its title, because there is no file. */
export function evidenceItem(
  evidenceId: string,
  title: string,
  mediaType = 'image/png',
): Readonly<Record<string, unknown>> {
  return {
    evidenceId,
    title,
    mediaType,
    sha256: createHash('sha256').update(`${evidenceId} ${title}`).digest('hex'),
  };
}
