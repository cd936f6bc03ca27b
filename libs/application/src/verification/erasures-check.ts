import { comparePositions } from '@penalty-ledger/event-store';
import {
  agency,
  agencyStream,
  creator,
  creatorStream,
  erasure,
  erasuresStream,
  errorInBoth,
  eventIn,
  readEvent,
  type LedgerZone,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import { registrationKey, type LastSession } from '@penalty-ledger/projections';
import { holdsOn, retainedFor } from '../recording/holds.js';
import type { Findings } from './damage.js';
import { lastSessions, type AskedSessions } from './last-sessions.js';
import { createdIn } from './repeats.js';
import type { RulebookCheck } from './rulebook-check.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

type At = StoredRow['position'];
type ErasureEvent = StreamEvent<'erasures'>;

/**
 * Judges again whether anything held a subject when it was erased: a person's order, an open
 * appeal, its window, or a case or a session under retention, as the events before the erasure
 * tell.
 */
export class ErasuresCheck {
  /** The streams of what was created, by {@link registrationKey}; read when first needed. */
  #created: Map<string, { readonly stream: string }> | undefined;
  /** By the position of an erasure: the session of its subject that ended last. */
  readonly #sessions = new Map<At, LastSession | undefined>();

  constructor(
    private readonly rows: StoredRows,
    private readonly findings: Findings,
    private readonly rulebooks: RulebookCheck,
    private readonly zone: LedgerZone,
  ) {}

  /** @param isDamaged streams that are skipped, because a fold of them is not what was recorded */
  async run(isDamaged: (stream: string) => boolean): Promise<void> {
    if (isDamaged(erasuresStream)) return;
    await this.#findSessions(isDamaged);
    const before = erasure.emptyHistory();
    for await (const batch of this.rows.ofStream(erasuresStream))
      for (const row of batch) {
        try {
          const event = eventIn('erasures', readEvent({ body: row.body ?? '' }));
          if (event.type === 'SubjectErased')
            await this.#checkErasure(event.data.subject, event, before, row, isDamaged);
          erasure.evolve(before, event);
        } catch (error) {
          const why = errorInBoth(error);
          this.#found(row, {
            en: `it cannot be judged again: ${why.en}`,
            zh: `无法重新判定：${why.zh}`,
          });
        }
      }
  }

  async #checkErasure(
    subject: string,
    { recordedAt }: ErasureEvent,
    erasures: ReturnType<typeof erasure.emptyHistory>,
    row: StoredRow,
    isDamaged: (stream: string) => boolean,
  ): Promise<void> {
    const { position } = row;
    const created = await this.#createdFor(subject);
    const holds = await holdsOn(subject, recordedAt, {
      erasures,
      zone: this.zone,
      rulebooks: this.rulebooks.before(position),
      store: { readStream: (stream) => this.#recordsOf(stream, position) },
      registered: (key) => created.get(key),
      agency: (agencyId) => {
        const stream = agencyStream(agencyId);
        const history = agency.emptyHistory();
        return isDamaged(stream)
          ? Promise.resolve(history)
          : this.#fold(stream, position, history, (state, event) =>
              agency.evolve(state, eventIn('agency', event)),
            );
      },
      creator: (creatorId) =>
        this.#fold(creatorStream(creatorId), position, creator.empty(creatorId), (state, event) =>
          creator.evolve(state, eventIn('creator', event)),
        ),
      lastSession: () => this.#sessions.get(position),
    });
    if (holds.length === 0) return;
    const { en, zh } = erasure.heldInBoth(erasure.inOrder(holds), this.zone);
    this.#found(row, {
      en: `"${subject}" was erased while it was held; ${en}`,
      zh: `"${subject}" 在须保留期间被删除；${zh}`,
    });
  }

  /** Looks once at all rows for the sessions of everybody who was erased. */
  async #findSessions(isDamaged: (stream: string) => boolean): Promise<void> {
    const asked: AskedSessions[] = [];
    for await (const batch of this.rows.ofStream(erasuresStream))
      for (const { body = '', position } of batch) {
        const of = await this.#sessionsFor(body, position);
        if (of !== undefined) asked.push({ of, before: position });
      }
    const found = await lastSessions(asked, this.rows, isDamaged);
    for (const [at, { before }] of asked.entries()) this.#sessions.set(before, found[at]);
  }

  async #sessionsFor(body: string, position: At): Promise<AskedSessions['of'] | undefined> {
    try {
      const event = eventIn('erasures', readEvent({ body }));
      if (event.type !== 'SubjectErased') return undefined;
      const readStream = (stream: string) => this.#recordsOf(stream, position);
      return await retainedFor(event.data.subject, { readStream });
    } catch {
      // The erasure is judged below, and what cannot be read is named there.
      return undefined;
    }
  }

  #found({ revision, position }: StoredRow, problem: { en: string; zh: string }): void {
    this.findings.damage('decisions', { stream: erasuresStream, revision, position }, problem);
  }

  async *#recordsOf(stream: string, before: At): AsyncGenerator<readonly { body: string }[]> {
    for await (const batch of this.rows.ofStream(stream))
      yield batch
        .filter(({ position }) => comparePositions(String(position), String(before)) < 0)
        .map(({ body = '' }) => ({ body }));
  }

  async #fold<State>(
    stream: string,
    before: At,
    initial: State,
    evolve: (state: State, event: ReturnType<typeof readEvent>) => State,
  ): Promise<State> {
    let state = initial;
    for await (const batch of this.#recordsOf(stream, before))
      for (const record of batch) state = evolve(state, readEvent(record));
    return state;
  }

  /** The streams in which records were created, for a subject that is found by them alone. */
  async #createdFor(subject: string): Promise<ReadonlyMap<string, { readonly stream: string }>> {
    if (!/^(?:complaint|evidence):/.test(subject)) return new Map();
    if (this.#created !== undefined) return this.#created;
    this.#created = new Map();
    for await (const batch of this.rows.inOrder())
      for (const { body = '', stream } of batch) {
        const of = stream === undefined ? undefined : createdIn(body);
        if (of !== undefined && stream !== undefined)
          this.#created.set(registrationKey(of.kind, of.id), { stream });
      }
    return this.#created;
  }
}
