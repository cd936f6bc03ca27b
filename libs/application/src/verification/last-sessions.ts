import { parseStream, type Instant } from '@penalty-ledger/ledger';
import type { LastSession, SessionsOf } from '@penalty-ledger/projections';
import { memberOf } from './repeats.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** The sessions that are asked for, as the events before a position tell of them. */
export interface AskedSessions {
  readonly of: SessionsOf;
  readonly before: StoredRow['position'];
}

/** A session's values, as the last event that says them. */
interface SaidSession extends LastSession {
  readonly agencyId: string | undefined;
  readonly creatorId: string | undefined;
}

/**
 * Finds for each question the session that ended last, voided ones left out, by one look at all
 * rows. Of a large ledger it keeps the sessions that are asked for, and the ids of voided ones.
 *
 * @param asked in the order of their positions
 * @param isDamaged streams that are skipped
 */
export async function lastSessions(
  asked: readonly AskedSessions[],
  rows: Pick<StoredRows, 'inOrder'>,
  isDamaged: (stream: string) => boolean,
): Promise<readonly (LastSession | undefined)[]> {
  const found: (LastSession | undefined)[] = [];
  if (asked.length === 0) return found;
  const kept = new KeptSessions(new Set(asked.map(({ of }) => nameOf(of))));
  for await (const batch of rows.inOrder())
    for (const { body = '', position, stream = '' } of batch) {
      const question = asked[found.length];
      if (question === undefined) return found;
      if (question.before === position) found.push(kept.last(question.of));
      else if (parseStream(stream)?.kind === 'sessions' && !isDamaged(stream)) kept.take(body);
    }
  return found;
}

class KeptSessions {
  readonly #sessions = new Map<string, SaidSession>();
  readonly #voided = new Set<string>();

  constructor(private readonly wanted: ReadonlySet<string>) {}

  /** Takes an event of a session. Bytes that are not of an event's form have no such members. */
  take(body: string): void {
    const sessionId = memberOf(body, 'sessionId');
    if (sessionId === undefined) return;
    if (body.endsWith(',"type":"SessionVoided"}')) {
      this.#voided.add(sessionId);
      return;
    }
    const said: SaidSession = {
      sessionId,
      agencyId: memberOf(body, 'agencyId'),
      creatorId: memberOf(body, 'creatorId'),
      endedAt: (memberOf(body, 'endedAt') ?? '') as Instant,
    };
    const isWanted = namesOf(said).some((name) => this.wanted.has(name));
    // A correction can take a session from those that are asked for, too.
    if (isWanted || this.#sessions.has(sessionId)) this.#sessions.set(sessionId, said);
  }

  last(of: SessionsOf): LastSession | undefined {
    let last: SaidSession | undefined;
    for (const each of this.#sessions.values()) {
      if (this.#voided.has(each.sessionId) || !namesOf(each).includes(nameOf(of))) continue;
      const isLater =
        last === undefined ||
        each.endedAt > last.endedAt ||
        (each.endedAt === last.endedAt && each.sessionId < last.sessionId);
      if (isLater) last = each;
    }
    return last;
  }
}

function nameOf(of: SessionsOf): string {
  return Object.entries(of).flat().join(' ');
}

function namesOf({ agencyId, creatorId, sessionId }: SaidSession): readonly string[] {
  return [
    `sessionId ${sessionId}`,
    ...(agencyId === undefined ? [] : [`agencyId ${agencyId}`]),
    ...(creatorId === undefined ? [] : [`creatorId ${creatorId}`]),
  ];
}
