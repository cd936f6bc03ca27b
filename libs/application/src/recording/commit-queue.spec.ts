import {
  IntegrityError,
  MemoryEventStore,
  MemoryLog,
  type Appended,
  type EventStore,
} from '@penalty-ledger/event-store';
import {
  agencyStream,
  fingerprintOf,
  recordEvents,
  type Instant,
  type RecordedEvent,
} from '@penalty-ledger/ledger';
import type { Projector } from '@penalty-ledger/projections';
import { CommitQueue } from './commit-queue.js';
import { KeyStore } from '../keys/key-store.js';
import type { DecidedOn } from './append-batch.js';

const at = '2019-03-01T00:00:00.000Z' as Instant;

function revocation(agencyId: string): RecordedEvent[] {
  const data = { agencyId, deductionId: 'd1', was: 1 };
  return recordEvents([{ type: 'DeductionRevoked', data }], {
    ledgerId: 'l1',
    stream: agencyStream(agencyId),
    head: undefined,
    recordedAt: at,
    actor: 'test',
    causation: {
      command: 'RecordRevocation',
      commandId: agencyId,
      fingerprint: fingerprintOf('RecordRevocation', data),
    },
  });
}

/** A queue over a store that answers with the given positions. */
function commitsOver(positions: string[]): {
  commitQueue: CommitQueue;
  folded: string[];
  failures: unknown[];
} {
  const memory = new MemoryEventStore(new MemoryLog());
  const store = {
    append: async (
      ...[stream, expected, events]: Parameters<EventStore['append']>
    ): Promise<Appended> => ({
      ...(await memory.append(stream, expected, events)),
      position: positions.shift() ?? '',
    }),
  } as EventStore;
  const folded: string[] = [];
  const failures: unknown[] = [];
  const projector: Projector = {
    fold: async (events) => void folded.push(...events.map(({ stream }) => stream)),
    close: async () => undefined,
  };
  const commitQueue = new CommitQueue({ store, keys: KeyStore.open(':memory:'), projector }, '4', {
    folded: () => undefined,
    failed: (cause) => failures.push(cause),
  });
  return { commitQueue, folded, failures };
}

function add(commitQueue: CommitQueue, ...agencies: string[]): void {
  addDecidedOn('everything', commitQueue, ...agencies);
}

function addDecidedOn(decidedOn: DecidedOn, commitQueue: CommitQueue, ...agencies: string[]): void {
  for (const agencyId of agencies)
    commitQueue.add({
      stream: agencyStream(agencyId),
      expected: 'no_stream',
      recorded: revocation(agencyId),
      recordedAt: at,
      on: decidedOn,
    });
}

describe('what was decided and is acknowledged', () => {
  it('is at the position of the last, and is folded in the order of the decisions', async () => {
    const { commitQueue, folded } = commitsOver(['5', '9']);
    add(commitQueue, 'a1', 'a2');
    await commitQueue.settled;
    expect(commitQueue.position).toBe('9');
    await commitQueue.fold();
    expect(folded).toEqual(['agency-a1', 'agency-a2']);
  });

  it('is folded in the order of the store when the appends are independent', async () => {
    const { commitQueue, folded } = commitsOver(['7', '6', '9', '8']);
    addDecidedOn(new Set(), commitQueue, 'a1', 'a2');
    commitQueue.send();
    addDecidedOn(new Set(), commitQueue, 'a3', 'a4');
    await commitQueue.settled;
    expect(commitQueue.position).toBe('9');
    await commitQueue.fold();
    expect(folded).toEqual(['agency-a2', 'agency-a1', 'agency-a4', 'agency-a3']);
  });

  it('is damage when the store put it before an append of an earlier group', async () => {
    const { commitQueue } = commitsOver(['7', '8', '6', '9']);
    addDecidedOn(new Set(), commitQueue, 'a1', 'a2');
    commitQueue.send();
    addDecidedOn(new Set(), commitQueue, 'a3', 'a4');
    await expect(commitQueue.settled).rejects.toBeInstanceOf(IntegrityError);
  });

  it.each([
    ['behind one that was decided earlier', ['7', '6']],
    ['at the position of one that was decided earlier', ['7', '7']],
    ['before what was there at the opening', ['4', '8']],
  ])(
    'is damage when the store put it %s, and nothing of it is folded in',
    async (_case, positions) => {
      const { commitQueue, folded, failures } = commitsOver(positions);
      add(commitQueue, 'a1', 'a2');
      await expect(commitQueue.settled).rejects.toBeInstanceOf(IntegrityError);
      await expect(commitQueue.settled).rejects.toThrow(
        'the store put an event before one that was decided earlier',
      );
      await new Promise(setImmediate);
      expect(failures).toHaveLength(1);
      await commitQueue.fold();
      expect(folded).not.toContain('agency-a2');
    },
  );

  it('is never durable after an append that failed', async () => {
    const { commitQueue, failures } = commitsOver(['4', '8', '9']);
    add(commitQueue, 'a1');
    commitQueue.send();
    add(commitQueue, 'a2');
    await expect(commitQueue.settled).rejects.toBeInstanceOf(IntegrityError);
    expect(commitQueue.position).toBe('4');
    expect(failures.length).toBeGreaterThan(0);
  });
});
