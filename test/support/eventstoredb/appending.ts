import { lose, requiresLeader } from './admission.js';
import { notLeader, unavailable, type Failure } from './errors.js';
import type { Caller, NodeState } from './node-state.js';
import { sizeOf, type AppendResult } from './wire-log.js';
import type { ExpectedRevision, ProposedEvent } from './wire-event.js';

/** One append of either protocol. */
export interface AppendRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly ProposedEvent[];
  /** The client's deadline in milliseconds since 1970, if it sent one. */
  readonly deadlineMs?: number;
}

/** The reply to the client; `'silence'` means that no reply is ever sent. */
export type AppendReply =
  | AppendResult
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'failure'; readonly failure: Failure }
  | 'silence';

/**
 * Carries out an append with the fault it meets. An append without a fault is stored before this
 * returns.
 */
export function performAppend(
  node: NodeState,
  caller: Caller,
  request: AppendRequest,
): AppendReply | Promise<AppendReply> {
  const { stream, expected, events } = request;
  const store = (stored = true): AppendReply | undefined =>
    stored ? node.log.append(stream, expected, events) : undefined;

  const size = events.reduce((sum, event) => sum + sizeOf(event), 0);
  if (size > node.maxAppendBytes) return { kind: 'too-large', limitBytes: node.maxAppendBytes };
  const isOver = (): boolean =>
    request.deadlineMs !== undefined && request.deadlineMs <= Date.now();
  if (isOver()) return { kind: 'timeout' };

  // A batch call outlives a change of leader: each append asks anew.
  const leader = requiresLeader(caller) ? node.leaderElsewhere() : undefined;
  if (leader !== undefined) return { kind: 'failure', failure: notLeader(leader) };

  const active = node.faults.meet('append');
  if (active === undefined) {
    const reply = node.log.append(stream, expected, events);
    return node.disk.durable()?.then(() => reply) ?? reply;
  }
  const { fault } = active;
  switch (fault.kind) {
    case 'lose-request':
      lose(node, caller, fault.connection);
      return 'silence';
    case 'lose-reply':
      store();
      lose(node, caller, fault.connection);
      return 'silence';
    case 'late-request':
      return active.released.then((): AppendReply =>
        fault.clock !== 'wrong' && isOver()
          ? { kind: 'timeout' }
          : node.log.append(stream, expected, events),
      );
    case 'late-reply': {
      const reply = node.log.append(stream, expected, events);
      return active.released.then(() => reply);
    }
    case 'server-timeout':
      store(fault.stored);
      return { kind: 'timeout' };
    case 'not-leader':
      store(fault.stored ?? false);
      return { kind: 'failure', failure: notLeader(fault.leader) };
    case 'unavailable':
      store(fault.stored ?? false);
      return { kind: 'failure', failure: unavailable() };
    case 'access-denied':
      return { kind: 'access-denied' };
  }
}
