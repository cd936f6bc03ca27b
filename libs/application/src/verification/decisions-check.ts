import {
  agencyStream,
  DecisionsAgain,
  errorInBoth,
  eventIn,
  isOfSameCommand,
  LedgerZone,
  readEvent,
  type LedgerSettings,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import type { Findings } from './damage.js';
import type { RulebookCheck } from './rulebook-check.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** One command's events in an agency's stream, which were appended together. */
interface Append {
  readonly events: readonly StreamEvent<'agency'>[];
  readonly position: StoredRow['position'];
}

/** Decides again what was decided on each agency ({@link DecisionsAgain}), and compares. */
export class DecisionsCheck {
  readonly #findings: Findings;
  readonly #rulebooks: RulebookCheck;
  readonly #settings: LedgerSettings;
  readonly #zone: LedgerZone;
  #appends = 0;

  constructor(
    findings: Findings,
    rulebooks: RulebookCheck,
    settings: LedgerSettings,
    zoneDataVersion: string,
  ) {
    this.#findings = findings;
    this.#rulebooks = rulebooks;
    this.#settings = settings;
    this.#zone = new LedgerZone(settings.zone, zoneDataVersion);
  }

  /** @param isDamaged streams that are skipped, because a fold of them is not what was recorded */
  async run(
    rows: StoredRows,
    isDamaged: (stream: string) => boolean,
    onProgress: (events: number) => void,
  ): Promise<void> {
    let done = 0;
    for (const stream of rows.streams) {
      if (!stream.startsWith(agencyStream('')) || isDamaged(stream)) continue;
      try {
        done = await this.#runStream(rows, stream, done, onProgress);
      } catch (error) {
        const why = errorInBoth(error);
        this.#findings.damage(
          'decisions',
          { stream },
          { en: `its events cannot be folded: ${why.en}`, zh: `其事件无法计算：${why.zh}` },
        );
      }
    }
    this.#findings.counted('decisions', this.#appends, 'commands on agencies');
  }

  async #runStream(
    rows: StoredRows,
    stream: string,
    from: number,
    onProgress: (events: number) => void,
  ): Promise<number> {
    const decisions = new DecisionsAgain(stream.slice(agencyStream('').length), {
      mode: this.#settings.mode,
      zone: this.#zone,
      rulebooksAt: (knownAt) => this.#rulebooks.knownAt(knownAt),
    });
    let done = from;
    for await (const { events, position } of appendsOf(rows, stream)) {
      const [first, ...others] = events;
      if (first === undefined) continue;
      done += events.length;
      this.#appends += 1;
      if (this.#appends % 1000 === 0) onProgress(done);
      const rulebooks = this.#rulebooks.before(position);
      const problem = decisions.next({ events: [first, ...others], rulebooks });
      if (problem !== undefined)
        this.#findings.damage('decisions', { stream, revision: first.revision, position }, problem);
    }
    return done;
  }
}

/** The appends of a stream in order: events that stand together and come from one command. */
async function* appendsOf(rows: StoredRows, stream: string): AsyncGenerator<Append> {
  let events: StreamEvent<'agency'>[] = [];
  let position: StoredRow['position'] = 0;
  for await (const batch of rows.ofStream(stream)) {
    for (const row of batch) {
      const event = eventIn('agency', readEvent({ body: row.body ?? '' }));
      const last = events.at(-1);
      if (last !== undefined && !isOfSameCommand(event, last)) {
        yield { events, position };
        events = [];
      }
      if (events.length === 0) ({ position } = row);
      events.push(event);
    }
  }
  yield { events, position };
}
